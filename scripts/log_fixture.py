"""Makes small transparency logs for the tests of verifiers, straight from the definitions.

Trees are computed by the recursion of RFC 6962 §2.1, so that the verifier is compared with another
way to the same hashes.
"""

import base64
import hashlib
import io
import json
import random
import struct
import threading
import uuid
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import ed25519
from log_proof import tile_path

ORIGIN = "log.factum.internal/0198f0c2-7d4e-7b7c-9c55-3f0f2b6a1d20"
START = 1_750_000_000_000_000  # the time of the first event, about
SUBJECTS = 300  # that the events are about, each with one key
LOST_SHARE = 0.2
ERASURE = (b"ErasureStarted", b"SubjectKeyDestroyed")  # the types of its events, in this order
Files = dict[str, bytes]


class Event(NamedTuple):
    recorded_at: int
    record: bytes
    ciphertexts: list[bytes | None]  # None: destroyed
    keys: tuple[bytes, ...] = ()  # the key id of each ciphertext


class Key:
    """A signing key of RFC 8032 §5.1.5 with the name of a log."""

    def __init__(self, seed: bytes, name: str = ORIGIN):
        digest = bytearray(hashlib.sha512(seed).digest())
        digest[0] &= 248
        digest[31] = digest[31] & 127 | 64
        self.name = name
        self._scalar = int.from_bytes(digest[:32], "little")
        self._prefix = bytes(digest[32:])
        self.public = ed25519.encode(self._times_base(self._scalar))
        material = b"\1" + self.public
        self.key_id = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
        self.vkey = f"{name}+{self.key_id.hex()}+{base64.b64encode(material).decode()}"

    def sign(self, message: bytes) -> bytes:
        nonce = int.from_bytes(hashlib.sha512(self._prefix + message).digest(), "little")
        start = ed25519.encode(self._times_base(nonce % ed25519.ORDER))
        challenge = hashlib.sha512(start + self.public + message).digest()
        scalar = nonce + int.from_bytes(challenge, "little") * self._scalar
        return start + (scalar % ed25519.ORDER).to_bytes(32, "little")

    def note(self, text: str) -> bytes:
        signature = base64.b64encode(self.key_id + self.sign(text.encode())).decode()
        return f"{text}\n\u2014 {self.name} {signature}\n".encode()

    @staticmethod
    def _times_base(scalar: int) -> ed25519.Point:
        return ed25519.combine(scalar, ed25519.BASE, 0, ed25519.NEUTRAL)


# ---- Events -------------------------------------------------------------------------------------


def text(value: str | bytes) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return struct.pack(">H", len(data)) + data


def canonical(value: object) -> bytes:
    """Canonical JSON of values whose keys are ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def random_data(rng: random.Random) -> dict:
    values = (None, True, -1, 2**53, "a\u00e9\u20ac\U0001f602\"\\\n\x01/", [], [1, {"b": {}}], {})
    return {f"key_{rng.randrange(50)}": rng.choice(values) for _ in range(rng.randrange(5))}


def make_record(rng: random.Random, ciphertexts: list[bytes], keys: tuple[bytes, ...] = (),
                **given: bytes) -> bytes:
    """A random record; `given` are parts to use instead, which may break the grammar."""
    tags = sorted({f"deal:{rng.randrange(10**6)}".encode() for _ in range(rng.randrange(1, 5))})
    random_time = b"\0" if rng.random() < 0.5 else b"\1" + struct.pack(
        ">q", -rng.randrange(10**15))
    data = given.get("data", canonical(random_data(rng)))
    parts = [given.get("format", b"\1"), rng.randbytes(16),
             text(given.get("type", rng.choice((b"DealWon", b"CallLogged")))), b"\0\1",
             given.get("tags", tags_bytes(tags)), struct.pack(">I", len(data)), data,
             text("user:1"), text(""), given.get("source", bytes([rng.randrange(1, 5)])),
             rng.randbytes(16), bytes(16), given.get("occurred", random_time),
             bytes([len(ciphertexts)])]
    for ciphertext, key_id in zip(ciphertexts, keys, strict=True):
        parts += [text("name"), key_id, b"\0\1", hashlib.sha256(ciphertext).digest(),
                  struct.pack(">I", len(ciphertext))]
    rules = rng.randrange(3)
    return b"".join(parts) + bytes([rules]) + text("return.order_missing") * rules + given.get(
        "behind", b"")


def tags_bytes(tags: list[bytes]) -> bytes:
    return bytes([len(tags)]) + b"".join(text(tag) for tag in tags)


def key_of(subject: int) -> bytes:
    return hashlib.sha256(b"key %d" % subject).digest()[:16]


def make_event(rng: random.Random, recorded_at: int, lost: float = LOST_SHARE,
               **given: bytes) -> Event:
    """With the probability `lost` each ciphertext is destroyed."""
    secret: list[bytes] = [rng.randbytes(rng.randrange(1, 80)) for _ in range(rng.randrange(3))]
    keys = tuple(key_of(rng.randrange(SUBJECTS)) for _ in secret)
    record = make_record(rng, secret, keys, **given)
    kept = [None if rng.random() < lost else item for item in secret]
    return Event(recorded_at, record, kept, keys)


def make_events(rng: random.Random, count: int) -> list[Event]:
    """Two of them, where there are as many, are an erasure that covers what was destroyed."""
    at = START
    events = []
    for _ in range(count if count < 2 else count - 2):
        at += rng.randrange(3)
        events.append(make_event(rng, at, LOST_SHARE if count > 1 else 0))
    return events if count < 2 else with_erasure(rng, events)


# ---- Erasures -----------------------------------------------------------------------------------


def destroyed_keys(events: list[Event]) -> set[bytes]:
    return {key_id for event in events for key_id, item in zip(event.keys, event.ciphertexts)
            if item is None}


def first_destroyed(events: list[Event], keys: set[bytes]) -> int:
    """The first position where a ciphertext of one of these keys is absent; 0 if none is."""
    return next((position for position, event in enumerate(events, 1)
                 if destroyed_keys([event]) & keys), 0)


def destroy(rng: random.Random, event: Event, keys: set[bytes], share: float) -> Event:
    """Without a share of its ciphertexts of these keys."""
    return event._replace(ciphertexts=[
        None if key_id in keys and rng.random() < share else item
        for key_id, item in zip(event.keys, event.ciphertexts)])


def id_text(data: bytes) -> str:
    return str(uuid.UUID(bytes=data))


def erasure_data(erasure: bytes, keys: set[bytes]) -> tuple[bytes, bytes]:
    """The clear data of the two events of an erasure."""
    started: dict[str, object] = {"erasure": id_text(erasure), "reason": "request"}
    if keys:
        started["keys"] = sorted(map(id_text, keys))
    return canonical(started), canonical({"erasure": id_text(erasure), "keys_destroyed": len(keys)})


def with_erasure(rng: random.Random, events: list[Event]) -> list[Event]:
    """And two events, somewhere among these, that cover all destroyed ciphertexts."""
    events = list(events)
    started, destroyed = erasure_data(rng.randbytes(16), destroyed_keys(events))
    first, second = sorted(rng.randrange(len(events) + 1) for _ in range(2))
    for at, kind, data in ((second, ERASURE[1], destroyed), (first, ERASURE[0], started)):
        time = events[max(at - 1, 0)].recorded_at if events else START
        events.insert(at, make_event(rng, time, 0, type=kind, data=data))
    return events


def spoilt_erasures(rng: random.Random, keys: set[bytes]) -> list[
        tuple[str, tuple[tuple[bytes, bytes], tuple[bytes, bytes]], set[bytes]]]:
    """Types and clear data of two events, and the keys of `keys` that they do not cover."""
    erasure, one = rng.randbytes(16), rng.choice(sorted(keys))
    begun, end = ERASURE
    started, destroyed = erasure_data(erasure, keys)
    texts = sorted(map(id_text, keys))
    without_one = erasure_data(erasure, keys - {one})[0]
    no_keys, _ = erasure_data(erasure, set())
    other_erasure = erasure_data(rng.randbytes(16), keys)[1]
    no_list = canonical({"erasure": id_text(erasure), "keys": texts[0]})
    number = canonical({"erasure": 7, "keys": texts})
    nameless = canonical({"keys": texts})
    return [
        ("nothing destroyed", ((begun, started), (b"DealWon", destroyed)), keys),
        ("nothing started", ((b"DealWon", started), (end, destroyed)), keys),
        ("the end before the start", ((end, destroyed), (begun, started)), keys),
        ("the end of another erasure", ((begun, started), (end, other_erasure)), keys),
        ("a key left out", ((begun, without_one), (end, destroyed)), {one}),
        ("no keys", ((begun, no_keys), (end, destroyed)), keys),
        ("keys that are no list", ((begun, no_list), (end, destroyed)), keys),
        ("a number as erasure", ((begun, number), (end, b'{"erasure":7}')), keys),
        ("no erasure", ((begun, nameless), (end, b"{}")), keys)]


def plain_event(kind: bytes, data: object, *slots: tuple[bytes, bool]) -> Event:
    """With a slot for each key, and whether it still has its ciphertext."""
    keys = tuple(key_id for key_id, _ in slots)
    record = make_record(random.Random(1), [b"x"] * len(slots), keys, type=kind,
                         data=canonical(data))
    return Event(START, record, [b"x" if present else None for _, present in slots], keys)


def gone(*keys: bytes) -> Event:
    return plain_event(b"DealWon", {}, *((key_id, False) for key_id in keys))


def starts(erasure: object, keys: object) -> Event:
    return plain_event(ERASURE[0], {"erasure": erasure, "keys": keys})


def ends(erasure: object) -> Event:
    return plain_event(ERASURE[1], {"erasure": erasure})


def erasure_cases() -> list[tuple[str, int, list[Event]]]:
    """Logs, and the position of an absent ciphertext that nothing covers; 0: there is none."""
    one, two = b"\xa1" * 16, b"\xa2" * 16
    x, y = id_text(one), id_text(two)
    e, f = id_text(b"\xe1" * 16), id_text(b"\xe2" * 16)
    a, b, both, intact = gone(one), gone(two), gone(one, two), plain_event(
        b"DealWon", {}, (one, True))
    mixed = plain_event(b"DealWon", {}, (one, True), (two, False))
    start, end = starts(e, [x, y]), ends(e)
    other_type = plain_event(b"ErasureStarted2", {"erasure": e, "keys": [x]})
    other_end = plain_event(b"SubjectKeyDestroye", {"erasure": e})
    return [
        ("covered behind", 0, [both, start, end]),
        ("covered around", 0, [start, both, end]),
        ("covered before", 0, [start, end, both]),
        ("covered several times", 0, [both, end, start, start, both, end, end, both]),
        ("started twice", 0, [both, starts(e, [x]), starts(e, [y]), end]),
        ("two erasures at once", 0, [both, starts(f, [x]), starts(e, [y]), ends(f), end]),
        ("intact though covered", 0, [intact, mixed, start, end]),
        ("intact and not covered", 0, [intact, mixed, starts(e, [y]), end]),
        ("in the event itself", 0, [plain_event(ERASURE[1], {}, (one, False)), start, end]),
        ("nothing", 1, [a]),
        ("only started", 1, [a, start]),
        ("only destroyed", 1, [a, end]),
        ("destroyed before it started", 1, [a, end, start]),
        ("started anew and not destroyed", 1, [a, starts(e, [y]), end, start]),
        ("another erasure destroyed", 1, [a, start, ends(f)]),
        ("another erasure started", 1, [a, starts(f, [x]), end]),
        ("another key", 1, [a, starts(e, [y]), end]),
        ("no keys", 1, [a, plain_event(ERASURE[0], {"erasure": e}), end]),
        ("another type starts", 1, [a, other_type, end]),
        ("another type ends", 1, [a, start, other_end]),
        ("the earliest of two keys", 2, [intact, a, b, a]),
        ("the earliest that is not covered", 3, [a, intact, b, a, b, starts(e, [x]), end]),
        ("the earliest behind an erasure", 4, [starts(e, [y]), b, end, a, a, b]),
        ("one slot of two", 2, [intact, mixed]),
        ("in the second tile", 300, [*[intact] * 299, *[a] * 5]),
        ("neither erasure nor keys", 1, [a, plain_event(ERASURE[0], {}), end]),
        ("no erasure at the end", 1, [a, start, plain_event(ERASURE[1], {})]),
        *((f"keys {keys}", 1, [a, starts(e, keys), end]) for keys in (
            None, 1, x, {x: x}, [1, x], [x, None], [[x]], [x.upper()], [x.replace("-", "")],
            ["{" + x + "}"], [x + "\n"], [x, "x"], [])),
        *((f"the erasure {value}", 1, [a, *events]) for value in (
            None, 7, True, [e], {}, "", e[:-1], e.upper(), "7")
          for events in ([starts(value, [x]), end], [start, ends(value)],
                         [starts(value, [x]), ends(value)])),
        ("malformed events beside sound ones", 0, [both, starts(7, [x]), start, ends([e]), end])]


# ---- Files --------------------------------------------------------------------------------------


class MemoryFiles:
    """The files of a bundle, in memory."""

    name = "memory"

    def __init__(self, files: Files):
        self._files = files

    def names(self) -> list[str]:
        return list(self._files)

    def read(self, path: str, limit: int) -> bytes | None:
        data = self._files.get(path)
        return None if data is None else data[:limit + 1]


def entry_of(position: int, event: Event) -> bytes:
    digest = hashlib.sha256(event.record).digest()
    return struct.pack(">QQ", position, event.recorded_at) + digest


def entries_of(events: list[Event]) -> list[bytes]:
    return [entry_of(position, event) for position, event in enumerate(events, 1)]


def leaf_hashes(entries: list[bytes]) -> list[bytes]:
    return [hashlib.sha256(b"\0" + entry).digest() for entry in entries]


def split(count: int) -> int:
    """The largest power of two below count."""
    return 1 << (count - 1).bit_length() - 1


def tree_hash(leaves: list[bytes]) -> bytes:
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256().digest()
    at = split(len(leaves))
    return hashlib.sha256(b"\1" + tree_hash(leaves[:at]) + tree_hash(leaves[at:])).digest()


def inclusion(index: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) < 2:
        return []
    at = split(len(leaves))
    if index < at:
        return [*inclusion(index, leaves[:at]), tree_hash(leaves[at:])]
    return [*inclusion(index - at, leaves[at:]), tree_hash(leaves[:at])]


def consistency(old: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    if old == len(leaves):
        return [] if whole else [tree_hash(leaves)]
    at = split(len(leaves))
    if old <= at:
        return [*consistency(old, leaves[:at], whole), tree_hash(leaves[at:])]
    return [*consistency(old - at, leaves[at:], False), tree_hash(leaves[:at])]


def ciphertexts_bytes(event: Event) -> bytes:
    return b"".join(b"\0" if item is None else b"\1" + struct.pack(">I", len(item)) + item
                    for item in event.ciphertexts)


def checkpoint(key: Key, leaves: list[bytes]) -> bytes:
    root = base64.b64encode(tree_hash(leaves)).decode()
    return key.note(f"{key.name}\n{len(leaves)}\n{root}\n")


def handover(signer: Key, following: Key, here: Key | None = None) -> bytes:
    """The note by which a key names the next; `here` is the key that it says it is signed by."""
    return signer.note(f"factum-key-handover-1\n{(here or signer).vkey}\n{following.vkey}\n")


def handovers_file(*notes: bytes) -> bytes:
    return json.dumps({"handovers": [note.decode() for note in notes]}).encode()


def proof_file(key: Key, position: int, leaves: list[bytes]) -> bytes:
    hashes = [base64.b64encode(item).decode() for item in inclusion(position - 1, leaves)]
    head = "\n".join(["c2sp.org/tlog-proof@v1", f"index {position - 1}", *hashes])
    return head.encode() + b"\n\n" + checkpoint(key, leaves)


def pieces_of(events: list[Event], entries: list[bytes]) -> dict[str, list[bytes]]:
    """What each event adds to the files of each folder."""
    return {
        "tile/entries": [text(entry) for entry in entries],
        "records": [struct.pack(">I", len(event.record)) + event.record for event in events],
        "tile/0": leaf_hashes(entries),
        "ciphertexts": [ciphertexts_bytes(event) for event in events],
    }


def lay_out(pieces: dict[str, list[bytes]]) -> Files:
    files = {}
    for folder, items in pieces.items():
        for first in range(0, len(items), 256):
            part = items[first:first + 256]
            files[tile_path(folder, first // 256, len(part))] = b"".join(part)
    leaves, span, level = pieces["tile/0"], 256, 1
    while len(leaves) >= span:
        row = [tree_hash(leaves[i:i + span]) for i in range(0, len(leaves) - span + 1, span)]
        for first in range(0, len(row), 256):
            part = row[first:first + 256]
            files[tile_path(f"tile/{level}", first // 256, len(part))] = b"".join(part)
        span, level = span * 256, level + 1
    return files


def publish(key: Key, events: list[Event]) -> Files:
    """The files of a bundle but for the manifest."""
    entries = entries_of(events)
    files = lay_out(pieces_of(events, entries))
    files["checkpoint"] = checkpoint(key, leaf_hashes(entries))
    return files


def bundle(events: list[Event], key: Key) -> Files:
    return with_manifest(publish(key, events), key, len(events))


def write(folder: Path, files: Files) -> None:
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)


def log_file(key: Key) -> bytes:
    log_id = key.name.partition("/")[2]
    return json.dumps({"origin": key.name, "log_id": log_id, "vkey": key.vkey}).encode()


def with_manifest(files: Files, key: Key, size: int) -> Files:
    hashes = {path: hashlib.sha256(data).hexdigest() for path, data in files.items()}
    manifest = {"format": "factum-bundle-1", "origin": key.name, "vkey": key.vkey, "size": size,
                "files": hashes}
    return {**files, "manifest.json": json.dumps(manifest).encode()}


def zip_of(files: Files, before: bytes = b"", method: int = zipfile.ZIP_STORED) -> bytes:
    """A ZIP file behind other bytes, which its offsets count."""
    opened = io.BytesIO(before)
    with zipfile.ZipFile(opened, "a", method) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return opened.getvalue()


class Server:
    """Serves a dictionary of files as /v1/audit; `answers` come first: status, headers, body."""

    def __init__(self, files: Files):
        self.files = files
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                data = outer.files.get(self.path.removeprefix("/v1/audit/"))
                status, headers = (404, {}) if data is None else (200, {})
                if outer.answers:
                    status, headers, data = outer.answers.pop(0)
                self.send_response(status)
                for name, value in {"Content-Length": str(len(data or b"")), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data or b"")

            def log_message(self, *_):
                """Nothing: the output is that of the tests."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.prefix = f"http://127.0.0.1:{self._server.server_address[1]}/v1/audit"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
