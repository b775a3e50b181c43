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
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

import ed25519
from log_proof import tile_path

ORIGIN = "log.factum.internal/0198f0c2-7d4e-7b7c-9c55-3f0f2b6a1d20"
Files = dict[str, bytes]


class Event(NamedTuple):
    recorded_at: int
    record: bytes
    ciphertexts: list[bytes | None]  # None: destroyed


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


def make_record(rng: random.Random, ciphertexts: list[bytes], **given: bytes) -> bytes:
    """A random record; `given` are parts to use instead, which may break the grammar."""
    tags = sorted({f"deal:{rng.randrange(10**6)}".encode() for _ in range(rng.randrange(1, 5))})
    random_time = b"\0" if rng.random() < 0.5 else b"\1" + struct.pack(
        ">q", -rng.randrange(10**15))
    data = given.get("data", canonical(random_data(rng)))
    parts = [given.get("format", b"\1"), rng.randbytes(16),
             text(rng.choice(("DealWon", "CallLogged"))), b"\0\1",
             given.get("tags", tags_bytes(tags)), struct.pack(">I", len(data)), data,
             text("user:1"), text(""), given.get("source", bytes([rng.randrange(1, 5)])),
             rng.randbytes(16), bytes(16), given.get("occurred", random_time),
             bytes([len(ciphertexts)])]
    for ciphertext in ciphertexts:
        parts += [text("name"), rng.randbytes(16), b"\0\1", hashlib.sha256(ciphertext).digest(),
                  struct.pack(">I", len(ciphertext))]
    rules = rng.randrange(3)
    return b"".join(parts) + bytes([rules]) + text("return.order_missing") * rules + given.get(
        "behind", b"")


def tags_bytes(tags: list[bytes]) -> bytes:
    return bytes([len(tags)]) + b"".join(text(tag) for tag in tags)


def make_event(rng: random.Random, recorded_at: int) -> Event:
    secret: list[bytes] = [rng.randbytes(rng.randrange(1, 80)) for _ in range(rng.randrange(3))]
    record = make_record(rng, secret)
    return Event(recorded_at, record, [None if rng.random() < 0.2 else item for item in secret])


def make_events(rng: random.Random, count: int) -> list[Event]:
    at = 1_750_000_000_000_000
    events = []
    for _ in range(count):
        at += rng.randrange(3)
        events.append(make_event(rng, at))
    return events


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
