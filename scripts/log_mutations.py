"""Damages and forgeries of a small log for verify_log_test.py: none may pass for the log.

A mutation says where it is to be found: the first and last position that may be named, NOWHERE if
there is none to name, ANYWHERE if that depends.
"""

import json
import random
from typing import Callable, NamedTuple

import log_fixture as fixture
from log_fixture import Event, Files, Key
from log_proof import tile_path

NOWHERE = (0, 0)
ANYWHERE = (0, 10**9)
FOLDERS = ("tile/entries", "records", "tile/0", "ciphertexts")


class Mutation(NamedTuple):
    kind: str
    files: Files
    where: tuple[int, int]
    held: bytes | None = None


class Log:
    """A log as it should be, and what each event adds to each file."""

    def __init__(self, key: Key, other: Key, events: list[Event]):
        self.key = key
        self.other = other
        self.events = events
        self.size = len(events)
        self.covered = fixture.destroyed_keys(events)  # by its erasure: these and no others
        self.pieces = fixture.pieces_of(events, fixture.entries_of(events))
        self.leaves = self.pieces["tile/0"]
        self.files = fixture.publish(key, events)
        self.bundle = self.sealed(self.files)
        self.with_content = sorted(path for path, data in self.bundle.items() if data)
        self.tiles = {tile_path(folder, number, len(part)): (256 * number + 1, part)
                      for folder in FOLDERS for number, part in self._parts(folder)}

    def sealed(self, files: Files) -> Files:
        """With a manifest that fits the files."""
        return fixture.with_manifest(files, self.key, self.size)

    def position(self, path: str, offset: int) -> int | None:
        """The event that a byte of a file belongs to, the first one for hashes of many."""
        if path not in self.tiles:
            return offset // 32 * 256 + 1 if path.startswith("tile/1") else None
        position, part = self.tiles[path]
        for piece in part:
            if offset < len(piece):
                return position
            offset -= len(piece)
            position += 1
        return None

    def _parts(self, folder: str) -> list[tuple[int, list[bytes]]]:
        items = self.pieces[folder]
        return [(first // 256, items[first:first + 256]) for first in range(0, len(items), 256)]


# ---- Files --------------------------------------------------------------------------------------


def replaced(log: Log, path: str, data: bytes, rng: random.Random) -> Files:
    """Mostly with a manifest that fits: whoever forges files forges that too."""
    if path == "manifest.json" or rng.random() < 0.25:
        return {**log.bundle, path: data}
    return log.sealed({**log.files, path: data})


def where(log: Log, path: str, offset: int) -> tuple[int, int]:
    if path == "manifest.json":
        return ANYWHERE
    position = log.position(path, offset)
    if position is None:
        return NOWHERE
    if path.startswith("ciphertexts"):  # what follows may still read as other ciphertexts
        return position, log.size
    return position, position


def flip(log: Log, rng: random.Random) -> Mutation | None:
    path = rng.choice(log.with_content)
    data = bytearray(log.bundle[path])
    offset = rng.randrange(len(data))
    data[offset] ^= rng.randrange(1, 256)
    if path == "manifest.json" and same_json(data, log.bundle[path]):
        return None
    files = replaced(log, path, bytes(data), rng)
    return Mutation(f"flip a byte of {path}", files, where(log, path, offset))


def same_json(left: bytes, right: bytes) -> bool:
    try:
        return json.loads(left) == json.loads(right)
    except ValueError:
        return False


def cut(log: Log, rng: random.Random) -> Mutation:
    path = rng.choice(log.with_content)
    data = log.bundle[path]
    offset = rng.randrange(len(data))
    files = replaced(log, path, data[:offset], rng)
    return Mutation(f"cut {path}", files, where(log, path, offset))


def lengthen(log: Log, rng: random.Random) -> Mutation:
    path = rng.choice(log.with_content)
    data = log.bundle[path] + rng.choice((b"\0", b"x", rng.randbytes(32), log.bundle[path]))
    return Mutation(f"lengthen {path}", replaced(log, path, data, rng), ANYWHERE)


def remove(log: Log, rng: random.Random) -> Mutation | None:
    path = rng.choice(sorted(log.files))
    ciphertexts = [name for name in log.with_content if name.startswith("ciphertexts")]
    if path.startswith("ciphertexts") and (len(ciphertexts) < 2 or path not in ciphertexts):
        return None  # a bundle need not have any
    position = log.tiles[path][0] if path in log.tiles else log.position(path, 0)
    files = {name: data for name, data in log.files.items() if name != path}
    if rng.random() < 0.5:
        files = log.sealed(files)
    else:
        files["manifest.json"] = log.bundle["manifest.json"]
    if position is None:
        return Mutation(f"remove {path}", files, NOWHERE)
    return Mutation(f"remove {path}", files, (position, min(position + 255, log.size)))


# ---- Events -------------------------------------------------------------------------------------


def drop(items: list, _: object, at: int, __: int) -> None:
    del items[at]


def swap(items: list, _: object, at: int, other: int) -> None:
    items[at], items[other] = items[other], items[at]


def insert(items: list, item: object, at: int, _: int) -> None:
    items.insert(at, item)


def exchange(items: list, item: object, at: int, _: int) -> None:
    items[at] = item


OPERATIONS: tuple[Callable, ...] = (drop, swap, insert, exchange)


def in_place(log: Log, rng: random.Random) -> Mutation | None:
    """In some files of one tile an event is dropped, swapped, inserted or exchanged."""
    number = rng.randrange(-(-log.size // 256))
    width = min(256, log.size - 256 * number)
    if width < 2:
        return None
    first, second = sorted(rng.sample(range(width), 2))
    event = fixture.make_event(rng, log.events[256 * number + first].recorded_at)
    entry = fixture.entry_of(256 * number + first + 1, event)
    new = fixture.pieces_of([event], [entry])
    folders = rng.sample(FOLDERS, rng.randrange(1, 5))
    operation = rng.choice(OPERATIONS)
    files = dict(log.files)
    for folder in folders:
        path = tile_path(folder, number, width)
        part = list(log.tiles[path][1])
        operation(part, new[folder][0], first, second)
        files[path] = b"".join(part)
    if files == log.files:
        return None
    position = 256 * number + first + 1
    last = position
    keys = log.events[256 * number + first].keys
    if folders == ["ciphertexts"] and operation is exchange and new["ciphertexts"][0] == bytes(
            len(keys)):  # all marked as destroyed: a fault here if the erasure left one out
        if log.covered.issuperset(keys):
            return None
    elif folders == ["ciphertexts"]:
        last = 256 * number + width
    elif set(folders) >= set(FOLDERS[:3]) and operation is insert:
        last = position + 1  # the new event fits in its place
    elif set(folders) >= set(FOLDERS[:3]) and operation is exchange:
        position, last = ANYWHERE  # all fits but the root and maybe the ciphertexts
    return Mutation(f"{operation.__name__} in {folders}", log.sealed(files), (position, last))


def lose(log: Log, rng: random.Random) -> Mutation | None:
    """Ciphertexts of some events are marked as destroyed, and the erasure left one out."""
    events, files = list(log.events), dict(log.files)
    for at in rng.sample(range(log.size), min(log.size, rng.randrange(1, 5))):
        events[at] = fixture.destroy(rng, events[at], set(events[at].keys), 0.7)
    first = fixture.first_destroyed(events, fixture.destroyed_keys(events) - log.covered)
    if first == 0:
        return None
    for path, (position, part) in log.tiles.items():
        if path.startswith("ciphertexts"):
            files[path] = b"".join(map(fixture.ciphertexts_bytes,
                                       events[position - 1:position - 1 + len(part)]))
    return Mutation("lose ciphertexts", log.sealed(files), (first, first))


def rewritten(log: Log, rng: random.Random) -> list[Event]:
    """The events with one dropped, swapped, inserted or exchanged, or the last ones gone."""
    events = list(log.events)
    first, second = sorted(rng.sample(range(log.size), 2))
    operation = rng.choice((*OPERATIONS, None))
    if operation is None:
        return events[:first]
    operation(events, fixture.make_event(rng, events[first].recorded_at), first, second)
    return events


def rebuild(log: Log, rng: random.Random) -> Mutation:
    """Everything is made again for other events but the checkpoint, for which a key is needed."""
    files = fixture.publish(log.other, rewritten(log, rng))
    files["checkpoint"] = log.files["checkpoint"]
    return Mutation("rebuild without the key", log.sealed(files), ANYWHERE)


def resign(log: Log, rng: random.Random) -> Mutation:
    """Another key signs, as itself or under the id of the right key."""
    text = log.files["checkpoint"].decode().partition("\n\n")[0] + "\n"
    forger = Key(rng.randbytes(32))
    if rng.random() < 0.5:
        forger.key_id = log.key.key_id
    files = {**log.files, "checkpoint": forger.note(text)}
    claimed = rng.choice((log.key, forger))
    return Mutation("sign with another key", fixture.with_manifest(files, claimed, log.size),
                    NOWHERE)


def fork(log: Log, rng: random.Random) -> Mutation | None:
    """The right key signs another past than it signed before."""
    events = rewritten(log, rng)
    held = rng.randrange(1, log.size + 1)
    if fixture.entries_of(events)[:held] == fixture.entries_of(log.events)[:held]:
        return None
    files = fixture.bundle(events, log.key)
    last = held if held <= len(events) else len(events) + 1
    return Mutation("fork", files, (1, last), fixture.checkpoint(log.key, log.leaves[:held]))


def unsound(log: Log, rng: random.Random) -> Mutation:
    """The right key signs an event that breaks the grammar, or time that goes backwards."""
    events = list(log.events)
    at = rng.randrange(1, log.size)
    name, given = rng.choice(FLAWS)
    event = Event(events[at].recorded_at, fixture.make_record(rng, [], **given), [])
    if name == "time":
        event = Event(events[at - 1].recorded_at - 1, event.record, [])
    events[at] = event
    files = fixture.bundle(events, log.key)
    return Mutation(f"sign a wrong {name}", files, (at + 1, at + 1))


def uncover(log: Log, rng: random.Random) -> Mutation | None:
    """The right key signs a log whose erasure does not cover all that is destroyed."""
    if not log.covered:
        return None
    kind, spoilt, keys = rng.choice(fixture.spoilt_erasures(rng, log.covered))
    events = list(log.events)
    places = [at for at, event in enumerate(events) if any(
        fixture.text(name) in event.record for name in fixture.ERASURE)]
    for at, (name, data) in zip(places, spoilt, strict=True):
        record = fixture.make_record(rng, [], type=name, data=data)
        events[at] = Event(events[at].recorded_at, record, [])
    files = fixture.bundle(events, log.key)
    first = fixture.first_destroyed(events, keys)
    return Mutation(f"uncover with {kind}", files, (first, first))


def sound(log: Log, rng: random.Random) -> Mutation:
    """No mutation: what the log may be too, with all there is to vary."""
    events = log.events[:rng.randrange(log.size + 1)]
    for _ in range(rng.randrange(3)):
        at = rng.randrange(len(events) + 1)
        before = events[at - 1].recorded_at if at else 0
        given = {"data": rng.choice(GOOD_DATA)}
        events[at:] = [Event(before, fixture.make_record(rng, [], **given), []), *events[at:]]
    events = fixture.with_erasure(rng, events)
    covered = fixture.destroyed_keys(events)
    events = [fixture.destroy(rng, event, covered, 0.5) for event in events]
    held = rng.randrange(len(events) + 1)
    leaves = fixture.leaf_hashes(fixture.entries_of(events))[:held]
    files = fixture.bundle(events, log.key)
    return Mutation("nothing wrong", files, NOWHERE, fixture.checkpoint(log.key, leaves))


def nested(depth: int) -> bytes:
    return b'{"a":' * (depth - 1) + b"{}" + b"}" * (depth - 1)


BAD_DATA = (
    b"", b"[]", b"{", b"{}x", b"{ }", b" {}", b'{"b":1,"a":1}', b'{"a":1,"a":1}', b'{"a":1,}',
    b'{"a":1.5}', b'{"a":1e3}', b'{"a":01}', b'{"a":-0}', b'{"a":+1}', b'{"a":9007199254740993}',
    b'{"a":-9007199254740993}', b'{"a":18446744073709551617}', b'{"a":NaN}', b'{"a":nul}',
    b'{"a":"\\u0041"}', b'{"a":"\\/"}', b'{"a":"\\u000A"}', b'{"a":"\\u001F"}', b'{"a":"\n"}',
    b'{"a":"\xff"}', b'{"a":"\\ud800"}', b'{"a":"\xed\xa0\x80"}', b'{"a":[1 ]}', b'{"a"}', b"{a:1}",
    b'{"\xf0\x9f\x98\x80":1,"\xee\x80\x80":1,"a":1}', b'{"\xee\x80\x80":1,"\xf0\x9f\x98\x80":1}',
    b'{"\\n":1,"\\b":1}', b"\xef\xbb\xbf{}", nested(65), b'{"a":' + b"[" * 64 + b"]" * 64 + b"}")
GOOD_DATA = (
    b"{}", b'{"a":[],"b":{}}', b'{"a":9007199254740992,"b":-9007199254740992}', nested(64),
    b'{"\\b":1,"\\n":1,"\\u000b":1,"\\r":1,"\\u001f":1," ":1}', b'{"a":"\x7f/\\\\\\""}',
    b'{"\xf0\x9f\x98\x80":1,"\xee\x80\x80":1}', b'{"a":[null,true,false,0,-1,""]}')
BAD_TAGS = (
    [], [b"b:1", b"a:1"], [b"a:1", b"a:1"], [b"a"], [b":1"], [b"a:"], [b"a:\0"],
    [b"a:" + b"x" * 254],
    sorted(b"a:%d" % i for i in range(33)))
FLAWS: tuple[tuple[str, dict[str, bytes]], ...] = (
    *(("data", {"data": data}) for data in BAD_DATA),
    *(("tags", {"tags": fixture.tags_bytes(tags)}) for tags in BAD_TAGS),
    *(("format", {"format": value}) for value in (b"\0", b"\2")),
    *(("source", {"source": value}) for value in (b"\0", b"\5")),
    ("mark of time", {"occurred": b"\2"}), ("end", {"behind": b"\0"}), ("time", {}))
KINDS: tuple[tuple[Callable[[Log, random.Random], Mutation | None], int], ...] = (
    (flip, 8), (cut, 3), (lengthen, 2), (remove, 1), (in_place, 5), (rebuild, 3), (resign, 1),
    (fork, 3), (unsound, 4), (lose, 2), (uncover, 2))


def mutation(log: Log, rng: random.Random) -> Mutation:
    makers = [maker for maker, weight in KINDS for _ in range(weight)]
    while True:
        made = rng.choice(makers)(log, rng)
        if made is not None:
            return made


# ---- The manifest of a bundle -------------------------------------------------------------------


def manifests(log: Log) -> list[tuple[str, Mutation]]:
    """What has to be accepted ("good") or refused ("wrong"): bundles with files that nothing needs,
    and manifests that are JSON, or not quite."""
    cases: list[tuple[str, Mutation]] = []

    def add(expected: str, kind: str, files: Files, changes: Files | None = None) -> None:
        cases.append((expected, Mutation("manifest: " + kind, {**files, **(changes or {})},
                                         ANYWHERE)))

    for path, data in ((tile_path("tile/0", 0, 5), b"".join(log.leaves[:5])),
                       (tile_path("records", 0, 5), b"".join(log.pieces["records"][:5])),
                       (tile_path("tile/1", 1, 7), bytes(224)), ("letter.txt", b"hello")):
        files = log.sealed({**log.files, path: data})
        add("good", f"{path} that nothing needs", files)
        add("wrong", f"{path} changed", files, {path: bytes([data[0] ^ 1]) + data[1:]})
        add("wrong", f"{path} longer", files, {path: data + b"x"})
        files = dict(files)
        del files[path]
        add("wrong", f"{path} missing", files)

    def add_json(expected: str, kind: str, old: bytes, new: bytes) -> None:
        data = log.bundle["manifest.json"].replace(old, new, 1)
        add(expected, kind, log.bundle, {"manifest.json": data})

    def deep(levels: int) -> bytes:
        return b'{"x": ' + b"[" * (levels - 1) + b"]" * (levels - 1) + b", "

    add_json("good", "space before and behind", b"{", b"\r\n\t {")
    add_json("good", "an unknown member", b"{", b'{"x": [1e3, -0, null, "\\ud83d\\ude02"], ')
    add_json("good", "32 levels", b"{", deep(32))
    add_json("wrong", "33 levels", b"{", deep(33))
    add_json("wrong", "a byte order mark", b"{", b"\xef\xbb\xbf{")
    add_json("wrong", "two bytes of a byte order mark", b"{", b"\xef\xbb{")
    add_json("wrong", "a byte order mark behind space", b"{", b" \xef\xbb\xbf{")
    add_json("wrong", "another encoding", log.bundle["manifest.json"],
             log.bundle["manifest.json"].decode().encode("utf-16"))
    for kind, value in (("NaN", b"NaN"), ("infinity", b"-Infinity"), ("a large number", b"1e999"),
                        ("half of a pair", b'"\\ud800"'), ("a line end", b'"\n"'),
                        ("no UTF-8", b'"\xff"'), ("a zero", b'"\0"')):
        add_json("wrong", kind, b"{", b'{"x": ' + value + b", ")
    add_json("wrong", "a name twice", b"{", b'{"format": "factum-bundle-1", ')
    add_json("wrong", "a comment", b"{", b"/**/{")
    return cases


# ---- Ciphertexts that are absent ----------------------------------------------------------------


def erasures(key: Key) -> list[tuple[str, Mutation]]:
    """Small logs whose absent ciphertexts are all covered ("good") or not ("wrong")."""
    cases = [("wrong" if at else "good",
              Mutation(f"erasures: {kind}", fixture.bundle(events, key), (at, at)))
             for kind, at, events in fixture.erasure_cases()]
    gone, late = fixture.gone(b"1" * 16), Event(1, fixture.gone().record, [])
    files = fixture.publish(key, [gone, gone])
    forged = {**files, "checkpoint": fixture.checkpoint(key, [bytes(32)] * 2)}
    letter = fixture.with_manifest({**files, "letter": b"a"}, key, 2)
    for kind, wrong, at in (("time", fixture.bundle([gone, gone, late], key), (3, 3)),
                            ("root", fixture.with_manifest(forged, key, 2), NOWHERE),
                            ("letter", {**letter, "letter": b"b"}, NOWHERE)):
        cases.append(("wrong", Mutation(f"erasures: another fault, of the {kind}", wrong, at)))
    bare = {path: data for path, data in files.items() if not path.startswith("ciphertexts/")}
    cases.append(("good", Mutation("erasures: no ciphertexts are published",
                                   fixture.with_manifest(bare, key, 2), NOWHERE)))
    return cases


# ---- Keys that were handed over -----------------------------------------------------------------


def handovers(key: Key, other: Key, events: list[Event]) -> list[tuple[str, Mutation]]:
    """What an auditor who holds `key` has to accept ("good") or to refuse ("wrong"): logs whose key
    was handed over twice since, soundly or not."""
    events = fixture.with_erasure(random.Random(1), events)  # they may be the first of a log
    next_key, newest = Key(b"2" * 32, key.name), Key(b"3" * 32, key.name)
    leaves = fixture.leaf_hashes(fixture.entries_of(events))
    first, second = fixture.handover(key, next_key), fixture.handover(next_key, newest)
    chain = fixture.handovers_file(first, second)
    cases: list[tuple[str, Mutation]] = []

    def add(expected: str, kind: str, data: bytes | None, signer: Key = newest,
            held: bytes | None = None) -> None:
        files = fixture.publish(signer, events)
        if data is not None:
            files["handovers"] = data
        files = fixture.with_manifest(files, signer, len(events))
        cases.append((expected, Mutation("hand-overs: " + kind, files, ANYWHERE, held)))

    add("good", "none", None, key)
    add("good", "an empty list", fixture.handovers_file(), key)
    add("good", "two", chain)
    add("good", "one", fixture.handovers_file(first), next_key)
    for name, signer in (("first", key), ("second", next_key), ("newest", newest)):
        add("good", f"held by the {name} key", chain,
            held=fixture.checkpoint(signer, leaves[:len(leaves) // 2]))
        add("wrong", f"held by the {name} key, of other events", chain,
            held=fixture.checkpoint(signer, leaves[1:]))
    add("wrong", "held by a stranger", chain, held=fixture.checkpoint(other, leaves[:1]))

    add("wrong", "missing", None)
    add("wrong", "signed by a key that was handed over", chain, key)
    add("wrong", "signed by the key in between", chain, next_key)
    add("wrong", "signed by a stranger", chain, other)
    for kind, notes in (
            ("the last is missing", [first]), ("the first is missing", [second]),
            ("exchanged", [second, first]), ("twice", [first, first, second]),
            ("a gap", [first, fixture.handover(other, newest)]),
            ("a note by a stranger", [fixture.handover(other, next_key, key), second]),
            ("a note by the next key", [fixture.handover(next_key, next_key, key), second]),
            ("to a stranger and back", [fixture.handover(key, other), second]),
            ("to another name", [fixture.handover(key, Key(b"2" * 32, "x")), second]),
            ("another header", [first.replace(b"handover-1", b"handover-2"), second]),
            ("a fourth line", [key.note(f"factum-key-handover-1\n{key.vkey}\n{next_key.vkey}\nx\n"),
                               second]),
            ("two lines", [key.note(f"factum-key-handover-1\n{key.vkey}\n"), second]),
            ("no signature", [first.partition(b"\n\n")[0] + b"\n", second]),
            ("a checkpoint", [fixture.checkpoint(key, leaves), second]),
            ("nothing", [b"", second])):
        add("wrong", kind, fixture.handovers_file(*notes))
    for kind, data in (
            ("empty", b""), ("no JSON", chain[:-1]), ("a list", b"[]"), ("no list", b"{}"),
            ("a number", b'{"handovers":[1]}'), ("null", b'{"handovers":null}'),
            ("half of a pair", chain.replace(b"factum", b"\\ud800", 1)),
            ("the other half", chain.replace(b"factum", b"\\udc00", 1)),
            ("a zero", chain.replace(b"factum", b"\\u0000", 1)),
            ("no UTF-8", chain.replace(b"factum", b"\xff\xfe", 1)),
            ("behind the name", chain.replace(b"+", b"\\ud800+", 1))):
        add("wrong", kind, data)
    return cases
