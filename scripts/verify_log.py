#!/usr/bin/env python3
"""Checks a transparency log as docs/transparency.md says; knows nothing of the program.

  verify_log.py SOURCE --vkey VKEY [--held FILE] [--json] [--list-destroyed]
      SOURCE: an address such as http://127.0.0.1:8080/v1/audit, a ZIP file, or a folder
      VKEY: the log's key as name+id+key, from elsewhere than the log
      FILE: a checkpoint of the same log that you hold from earlier

  verify_log.py proof FILE --vkey VKEY [--entry HEX] [--record FILE [--recorded-at MICROSECONDS]]
      FILE: a proof for one event (tlog-proof); HEX: the 48 bytes of its entry; or its record and
      the time when it was recorded. With both, the record has to be the one that the entry names.

Exit code: 0 all is well; 1 something is wrong, and the first wrong position is named;
2 wrong usage, or the source cannot be read.
"""

import argparse
import hashlib
import json
import re
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
import log_check  # noqa: E402
import log_proof  # noqa: E402
from log_proof import VerifierKey, Wrong  # noqa: E402
from log_record import read_record  # noqa: E402
from log_source import FILE_BYTES_MAX, SMALL_BYTES_MAX, Unreadable, open_source  # noqa: E402

EXIT_WRONG, EXIT_UNREADABLE = 1, 2
PROGRESS_SECONDS = 0.5
NO_KEY = ("the key is missing: give --vkey with a key that you got from elsewhere than the log, "
          "since whoever forges a log also forges the key in it (--trust-log-key takes that one "
          "all the same)")


class Progress:
    """One line on a terminal that says how far, how fast and how long still."""

    def __init__(self):
        self._shown = sys.stderr.isatty()
        self._start = self._last = time.monotonic()
        self._width = 0

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if not self._shown or now - self._last < PROGRESS_SECONDS:
            return
        self._last = now
        rate = done / (now - self._start)
        line = f"{done:,} of {total:,} events, {rate:,.0f}/s, {(total - done) / rate:,.0f} s left"
        self._width = max(self._width, len(line))
        print(f"\r{line:{self._width}}", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self._width:
            print(f"\r{'':{self._width}}\r", end="", file=sys.stderr, flush=True)


def read_file(name: str, limit: int) -> bytes:
    try:
        with open(name, "rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise Unreadable(f"{name}: {error.strerror}") from None
    if len(data) > limit:
        raise Unreadable(f"{name}: more than {limit} bytes")
    return data


def read_key(text: str) -> VerifierKey:
    try:
        return log_proof.parse_vkey(text)
    except Wrong as error:
        raise Unreadable(error.message) from None


# ---- The log ------------------------------------------------------------------------------------


def describe(result: log_check.Result) -> str:
    """The report for people. A fault comes last, in one line."""
    lines = [f"{result.source}"]
    if result.checkpoint is not None:
        origin, size, root = result.checkpoint
        lines += [f"  origin       {origin}",
                  f"  checkpoint   {size:,} events, root {log_check.base64_of(root)}"]
    lines.append(f"  checked      {result.events:,} events")
    if result.held is not None:
        state = "contained" if result.held_found else "not found yet"
        lines.append(f"  held         {result.held.size:,} events, {state}")
    if result.slots and result.present + result.destroyed == 0:
        lines.append(f"  ciphertexts  not published ({result.slots:,} in the records)")
    else:
        lines.append(f"  ciphertexts  {result.present:,} intact, {result.destroyed:,} destroyed")
    if result.destroyed_positions is not None:
        lines += [f"  destroyed    at position {p}" for p in result.destroyed_positions]
    lines += [f"  note         {note}" for note in result.notes]
    if result.fault is None:
        lines.append("good: every check of docs/transparency.md holds")
    else:
        at = "" if result.fault.position is None else f"position {result.fault.position}: "
        lines.append(f"WRONG: {at}{result.fault.message}")
    return "\n".join(printable(line) for line in lines)


def printable(text: str) -> str:
    """Names come from the log: nothing in them may act on a terminal."""
    return "".join(char if char.isprintable() else "?" for char in text)


def as_json(result: log_check.Result) -> str:
    answer: dict[str, Any] = {
        "good": result.fault is None, "source": result.source, "events_checked": result.events,
        "ciphertexts": {"in_records": result.slots, "intact": result.present,
                        "destroyed": result.destroyed}, "notes": result.notes}
    if result.checkpoint is not None:
        answer["origin"], answer["size"], root = result.checkpoint
        answer["root"] = log_check.base64_of(root)
    if result.held is not None:
        answer["held"] = {"size": result.held.size, "contained": result.held_found}
    if result.destroyed_positions is not None:
        answer["destroyed_positions"] = result.destroyed_positions.tolist()
    if result.fault is not None:
        answer["wrong"] = {"position": result.fault.position, "message": result.fault.message}
    return json.dumps(answer, indent=2)


def verify(arguments: argparse.Namespace) -> int:
    if arguments.vkey is None and not arguments.trust_log_key:
        raise Unreadable(NO_KEY)
    result = log_check.Result(arguments.source)
    held = None if arguments.held is None else read_file(arguments.held, SMALL_BYTES_MAX)
    progress = Progress()
    try:
        source = open_source(arguments.source)
        text = arguments.vkey
        if text is None:
            text = source.claimed_vkey()
            print(f"warning: the key {text} is what the log says of itself; whoever forged the "
                  "log forged the key too", file=sys.stderr)
        vkey = read_key(text)
        log_check.check_log(source, text, vkey, held, result, arguments.list_destroyed, progress)
    except Wrong as error:
        result.fault = error
    finally:
        progress.clear()
    print(as_json(result) if arguments.json else describe(result))
    return EXIT_WRONG if result.fault else 0


def parse_log_arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source")
    parser.add_argument("--vkey", help="the key of the log, from elsewhere than the log")
    parser.add_argument("--trust-log-key", action="store_true",
                        help="without --vkey: take the key that the log names")
    parser.add_argument("--held", metavar="FILE", help="a checkpoint that you hold from earlier")
    parser.add_argument("--json", action="store_true", help="report in JSON")
    parser.add_argument("--list-destroyed", action="store_true",
                        help="list the positions of destroyed ciphertexts")
    return parser.parse_args(arguments)


# ---- One event ----------------------------------------------------------------------------------


def entry_of(arguments: argparse.Namespace, record: bytes | None, index: int) -> bytes:
    """The entry that the proof is checked for; a record that is given has to be that of it."""
    if arguments.entry is None:
        if record is None or arguments.recorded_at is None:
            raise Unreadable("give --entry, or --record and --recorded-at")
        digest = hashlib.sha256(record).digest()
        return (index + 1).to_bytes(8, "big") + arguments.recorded_at.to_bytes(8, "big") + digest
    if not re.fullmatch(r"[0-9A-Fa-f]{96}", arguments.entry):
        raise Unreadable("--entry: 48 bytes in hex are wanted")
    entry = bytes.fromhex(arguments.entry)
    if int.from_bytes(entry[:8], "big") != index + 1:
        raise Wrong(f"the entry is not that of position {index + 1}, which the proof is for")
    at = int.from_bytes(entry[8:16], "big")
    if arguments.recorded_at is not None and arguments.recorded_at != at:
        raise Wrong(f"the entry was recorded at {at}")
    if record is not None and hashlib.sha256(record).digest() != entry[16:]:
        raise Wrong("the SHA-256 of the record is not the one in the entry")
    return entry


def verify_proof(arguments: argparse.Namespace) -> int:
    if arguments.vkey is None:
        raise Unreadable(NO_KEY.partition(" (")[0])
    vkey = read_key(arguments.vkey)
    record = None if arguments.record is None else read_file(arguments.record, FILE_BYTES_MAX)
    try:
        proof = log_proof.parse_proof(read_file(arguments.file, SMALL_BYTES_MAX))
        checkpoint = log_proof.open_checkpoint(proof.checkpoint, vkey)
        entry = entry_of(arguments, record, proof.index)
        log_proof.check_inclusion(proof.index, checkpoint.size, log_proof.leaf_hash(entry),
                                  proof.hashes, checkpoint.root)
        if record is not None:
            read_record(record)
    except Wrong as error:
        print(f"WRONG: {error.message}")
        return EXIT_WRONG
    print(f"good: position {proof.index + 1} of {checkpoint.origin}, recorded at "
          f"{int.from_bytes(entry[8:16], 'big')} µs, event hash {entry[16:].hex()}, is in the log "
          f"of {checkpoint.size:,} events with root {log_check.base64_of(checkpoint.root)}")
    return 0


def microseconds(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,19}", text):
        raise argparse.ArgumentTypeError("microseconds since 1970 are wanted")
    return int(text)


def parse_proof_arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="verify_log.py proof", description="Checks the proof of "
                                     "one event (tlog-proof) without the log.")
    parser.add_argument("file")
    parser.add_argument("--vkey", help="the key of the log, from elsewhere than the log")
    parser.add_argument("--entry", metavar="HEX", help="the entry of the event, 48 bytes in hex")
    parser.add_argument("--record", metavar="FILE", help="the record of the event")
    parser.add_argument("--recorded-at", type=microseconds, metavar="MICROSECONDS",
                        help="when the record was recorded; needed without --entry")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    try:
        if arguments[:1] == ["proof"]:
            return verify_proof(parse_proof_arguments(arguments[1:]))
        return verify(parse_log_arguments(arguments))
    except Unreadable as error:
        print(f"verify_log.py: {error}", file=sys.stderr)
        return EXIT_UNREADABLE
    except KeyboardInterrupt:
        print("verify_log.py: interrupted", file=sys.stderr)
        return EXIT_UNREADABLE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
