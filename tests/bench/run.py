#!/usr/bin/env python3
"""Measures Factum against its yardsticks. scripts/bench builds what this needs and starts it."""

import argparse
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Iterator

import growth
import machine
import paths
from factum import Factum
from measure import Row, summary, table
from paths import Setting
from processes import Failed

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("append", "post", "read", "as-of", "import", "rebuild", "verify")


def say(text: str) -> None:
    print(text, flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", action="append", choices=NAMES)
    parser.add_argument("--growth", nargs="?", type=int, const=10_000_000)
    parser.add_argument("--folders", type=Path)
    parser.add_argument("--build", type=Path, default=ROOT / "build/release")
    parser.add_argument("--directory", type=Path, default=ROOT / "build")
    parser.add_argument("--real-data", type=Path, default=ROOT / "../shared/data")
    return parser.parse_args()


def filled(setting: Setting) -> Factum:
    folder = Factum(setting.build / "factum", setting.scratch / "demo")
    say(f"filling a folder: demo --size {setting.demo_size}")
    folder.run("demo", "--size", str(setting.demo_size))
    return folder


def rows_of(setting: Setting, wanted: set[str]) -> Iterator[Row]:
    if "append" in wanted:
        yield from paths.append(setting)
    if "import" in wanted:
        yield from paths.import_rows(setting)
    if wanted & {"rebuild", "verify", "read", "as-of", "post"}:
        folder = filled(setting)
        # Before the writes over HTTP, which make the log longer.
        if "rebuild" in wanted:
            yield from paths.rebuild(setting, folder)
        if "verify" in wanted:
            yield from paths.verify(setting, folder)
        if wanted & {"read", "as-of", "post"}:
            yield from paths.http(setting, folder, wanted)
        shutil.rmtree(folder.folder)


def measure(given: argparse.Namespace, scratch: Path) -> None:
    setting = Setting(build=given.build, scratch=scratch, real_data=given.real_data, pairs=3,
                      seconds=1 if given.quick else 4, demo_size=800 if given.quick else 4000,
                      quick=given.quick, say=say)
    for name, value in machine.facts(ROOT, given.build, scratch, 1 if given.quick else 5):
        say(f"{name:9}  {value}")
    say(f"runs       {setting.pairs} alternating pairs of {setting.seconds} s, medians; "
        "ratio = median of the ratios of the pairs\n")
    if machine.is_busy():
        say("busy       other programs are running: waits for the disk and latencies are\n"
            "           distorted, CPU time least\n")
    if given.growth:
        say(growth.measure(setting, given.folders or scratch, given.growth))
        return
    rows = []
    for row in rows_of(setting, set(given.only or NAMES)):
        rows.append(row)
        say(summary(row))
    say(f"\n{table(rows)}\n\nload       {machine.load()} after the last run")


def interrupted(signal_number, _frame):
    raise KeyboardInterrupt(signal_number)


def main() -> int:
    given = arguments()
    signal.signal(signal.SIGTERM, interrupted)
    signal.signal(signal.SIGHUP, interrupted)
    began = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="bench-", dir=given.directory) as scratch:
            measure(given, Path(scratch))
    except Failed as failed:
        print(f"bench: {failed}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("bench: interrupted; nothing is left behind", file=sys.stderr)
        return 130
    say(f"took       {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
