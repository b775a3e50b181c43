#!/usr/bin/env python3
"""The program's verifier and the independent one judge the same bundles, and have to agree.

Usage: agree_test.py JUDGE COUNT [SEED]    JUDGE is tests/eventstore/programs/bundle_judge.cpp

COUNT mutations of small logs (scripts/log_mutations.py), of which both have to refuse each and name
a position where it may be found, and as many tenths of sound logs, which both have to accept.
Besides the hand-overs of keys and the manifests that are listed there.
"""

import collections
import random
import struct
import subprocess
import sys
from pathlib import Path
from typing import IO, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import log_check  # noqa: E402
import log_fixture as fixture  # noqa: E402
import log_mutations  # noqa: E402
import log_proof  # noqa: E402
import log_source  # noqa: E402
from log_fixture import Files, Key, MemoryFiles  # noqa: E402
from log_proof import Wrong  # noqa: E402

KEY, OTHER_KEY = Key(b"k" * 32), Key(b"o" * 32)
SIZES = (2, 3, 255, 256, 257, 280, 300, 513)
SOUND_SHARE = 0.1


class Verdict(NamedTuple):
    state: str  # good, wrong or unreadable
    position: int
    message: str


def judge_independently(mutation: log_mutations.Mutation) -> Verdict:
    try:
        source = log_source.Bundle(MemoryFiles(mutation.files))
        log_check.check_log(source, KEY.vkey, log_proof.parse_vkey(KEY.vkey), mutation.held,
                            log_check.Result("memory"), False, lambda done, total: None)
    except Wrong as error:
        return Verdict("wrong", error.position or 0, error.message)
    except log_source.Unreadable as error:
        return Verdict("unreadable", 0, str(error))
    return Verdict("good", 0, "")


def text(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


class Judge:
    """The verifier of the program, which gets only what differs from a bundle it knows."""

    def __init__(self, program: str):
        self._process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._base: Files = {}

    def start(self, files: Files) -> None:
        self._base = {}
        verdict = self._ask(1, log_mutations.Mutation("the log itself", files, (0, 0)))
        if verdict.state != "good":
            raise SystemExit(f"the log itself: {verdict}")
        self._base = files

    def __call__(self, mutation: log_mutations.Mutation) -> Verdict:
        return self._ask(0, mutation)

    def close(self) -> None:
        pipe(self._process.stdin).close()
        if self._process.wait(timeout=10) != 0:
            raise SystemExit("the judge ended with an error")

    def _ask(self, fresh: int, mutation: log_mutations.Mutation) -> Verdict:
        paths = sorted({*self._base, *mutation.files})
        changes = [path for path in paths if self._base.get(path) != mutation.files.get(path)]
        parts = [bytes([fresh]), struct.pack(">I", len(changes))]
        for path in changes:
            data = mutation.files.get(path)
            parts += [text(path.encode()), bytes([data is not None]), text(data or b"")]
        parts += [bytes([mutation.held is not None]), text(mutation.held or b""),
                  text(KEY.vkey.encode())]
        pipe(self._process.stdin).write(b"".join(parts))
        pipe(self._process.stdin).flush()
        line = pipe(self._process.stdout).readline().decode().rstrip("\n")
        state, _, rest = line.partition(" ")
        if state == "wrong":
            position, _, message = rest.partition(" ")
            return Verdict(state, int(position), message)
        return Verdict(state or "silent", 0, rest)


def pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise SystemExit("the judge has no pipe")
    return stream


def differing(mutation: log_mutations.Mutation, expected: str,
              verdicts: dict[str, Verdict]) -> list[str]:
    """What is wrong with the verdicts, as sentences."""
    first, last = mutation.where
    found = []
    for name, verdict in verdicts.items():
        if verdict.state != expected:
            found.append(f"{name} says {verdict}")
        elif not first <= verdict.position <= last:
            found.append(f"{name} names {verdict}, not one of {first} to {last}")
    return found


def judge_listed(judge: Judge) -> int:
    """The number of failures."""
    events = fixture.make_events(random.Random(1), 300)
    cases = [*log_mutations.handovers(KEY, OTHER_KEY, events[:20]),
             *log_mutations.manifests(log_mutations.Log(KEY, OTHER_KEY, events)),
             *log_mutations.erasures(KEY)]
    failures = 0
    for expected, case in cases:
        for sentence in differing(case, expected, {
                "the program": judge(case),
                "the independent verifier": judge_independently(case)}):
            print(f"{case.kind}: {sentence}")
            failures += 1
    print(f"{len(cases)} logs with keys that were handed over, with odd manifests, or with "
          "ciphertexts that are absent")
    return failures


def main(program: str, count: int, seed: int) -> int:
    rng = random.Random(seed)
    judge = Judge(program)
    kinds: collections.Counter = collections.Counter()
    failures, same_position, accepted = judge_listed(judge), 0, 0
    log = None
    for number in range(count):
        if number % max(1, count // 40) == 0:
            log = log_mutations.Log(KEY, OTHER_KEY, fixture.make_events(rng, rng.choice(SIZES)))
            judge.start(log.bundle)
        cases = [("wrong", log_mutations.mutation(log, rng))]
        if rng.random() < SOUND_SHARE:
            cases.append(("good", log_mutations.sound(log, rng)))
            accepted += 1
        for expected, mutation in cases:
            verdicts = {"the program": judge(mutation),
                        "the independent verifier": judge_independently(mutation)}
            for sentence in differing(mutation, expected, verdicts):
                print(f"mutation {number} (seed {seed}), {mutation.kind}: {sentence}")
                failures += 1
            one, other = verdicts.values()
            same_position += expected == "wrong" and one.position == other.position
        kinds[cases[0][1].kind.split(" ")[0]] += 1
    judge.close()
    print(f"{count} mutations of {len(log_mutations.KINDS)} kinds refused by both unless told "
          f"above, {same_position} at the same position; {accepted} sound logs; {dict(kinds)}")
    return 1 if failures else 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1))
