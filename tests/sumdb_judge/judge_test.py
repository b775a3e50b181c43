#!/usr/bin/env python3
"""Lets the code of Go's checksum database judge a log that the program made.

Usage: judge_test.py PROGRAM [CUSTOMERS]    PROGRAM is factum

Needs Debian's golang-go and golang-golang-x-mod-dev; without them it says so and is skipped (exit
code 77).
"""

import os
import random
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "real_data"))
from factum_process import Server  # noqa: E402

HERE = Path(__file__).resolve().parent
GO_SOURCES = Path("/usr/share/gocode/src/golang.org/x/mod/sumdb")
SKIPPED = 77
PROOFS = 40
SEED = 1


def run(*command: object, **environment: str) -> str:
    done = subprocess.run([str(part) for part in command], env={**os.environ, **environment},
                          stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{command[0]} ended with {done.returncode}: {done.stdout}")
    return done.stdout


def build(judge: Path, scratch: Path) -> None:
    run("go", "build", "-o", judge, HERE / "main.go", GO111MODULE="off", GOPATH="/usr/share/gocode",
        GOCACHE=str(scratch / "cache"), GOFLAGS="", CGO_ENABLED="0")


def save_proofs(url: str, folder: Path) -> None:
    """Proofs of random events, as the API gives them."""
    folder.mkdir()
    with urllib.request.urlopen(f"{url}/v1/audit/checkpoint", timeout=10) as answer:
        size = int(answer.read().split(b"\n")[1])
    for position in random.Random(SEED).sample(range(1, size + 1), PROOFS):
        with urllib.request.urlopen(f"{url}/v1/audit/proof/{position}", timeout=10) as answer:
            (folder / f"{position}.tlog-proof").write_bytes(answer.read())


def main(program: str, customers: str) -> int:
    if shutil.which("go") is None or not GO_SOURCES.is_dir():
        print("skipped: golang-go or golang-golang-x-mod-dev is missing")
        return SKIPPED
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        data, out, proofs = scratch / "data", scratch / "out", scratch / "proofs"
        build(scratch / "judge", scratch)
        run(program, "demo", "--quiet", "--data", data, "--size", customers)
        with Server(program, data) as server:
            save_proofs(server.url, proofs)
        run(program, "export", "--quiet", "--data", data, "--out", out)
        vkey = (data / "vkey").read_text().strip()
        print(run(scratch / "judge", out, vkey, SEED, proofs), end="")
    return 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "2700"))
