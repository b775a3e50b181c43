"""Pure functions of a transparency log: notes, keys, checkpoints, Merkle proofs, paths of tiles.

Specifications: RFC 6962 and RFC 9162 §2.1; C2SP signed-note, tlog-checkpoint, tlog-tiles and
tlog-proof. docs/transparency.md says how the log uses them.
"""

import base64
import binascii
import hashlib
import re
from typing import NamedTuple, Sequence

import ed25519

SIGNATURES_MAX = 100
SIZE_MAX = 2**63 - 1
TILE_WIDTH = 256
EMPTY_ROOT = hashlib.sha256(b"").digest()
HANDOVER_HEADER = "factum-key-handover-1"
PROOF_HEADER = "c2sp.org/tlog-proof@v1"


class Wrong(Exception):
    """Something that a sound log does not publish; `position` is that of an event, if known."""

    def __init__(self, message: str, position: int | None = None):
        super().__init__(message)
        self.message = message
        self.position = position


class VerifierKey(NamedTuple):
    name: str
    key_id: bytes
    public_key: bytes


class Checkpoint(NamedTuple):
    origin: str
    size: int
    root: bytes


class Proof(NamedTuple):
    """A tlog-proof file; the checkpoint is not looked into."""

    index: int
    hashes: list[bytes]
    checkpoint: bytes


# ---- Text ---------------------------------------------------------------------------------------


def from_base64(text: str, what: str) -> bytes:
    """Bytes of standard base64, refused unless they are written in the one canonical way."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise Wrong(f"{what} is not base64") from None
    if base64.b64encode(data).decode() != text:
        raise Wrong(f"{what} is not canonical base64")
    return data


def hash_from_base64(text: str, what: str) -> bytes:
    data = from_base64(text, what)
    if len(data) != 32:
        raise Wrong(f"{what} has {len(data)} bytes, not 32")
    return data


def from_decimal(text: str, what: str) -> int:
    if not re.fullmatch(r"0|[1-9][0-9]{0,18}", text) or int(text) > SIZE_MAX:
        raise Wrong(f"{what} is not a decimal number without leading zeros")
    return int(text)


def is_key_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(char.isspace() for char in name)


def parse_vkey(text: str) -> VerifierKey:
    name, _, rest = text.partition("+")
    key_id, plus, key = rest.partition("+")
    if not is_key_name(name) or not plus or not re.fullmatch(r"[0-9a-f]{8}", key_id):
        raise Wrong("the verifier key is not name+hex(key id)+base64(key)")
    material = from_base64(key, "the key in the verifier key")
    if len(material) != 33 or material[0] != 1:
        raise Wrong("the verifier key is not one of Ed25519")
    expected = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
    if expected.hex() != key_id:
        raise Wrong("the key id in the verifier key is not that of its name and key")
    if ed25519.decode(material[1:]) is None:
        raise Wrong("the public key in the verifier key is not a point of the curve")
    return VerifierKey(name, expected, material[1:])


def open_note(data: bytes, vkey: VerifierKey) -> str:
    """The text of a signed note. At least one signature is by the key, and none by it is bad."""
    try:
        note = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Wrong("the note is not UTF-8") from None
    if any(char < " " and char != "\n" for char in note):
        raise Wrong("the note has control characters")
    text, empty_line, block = note.rpartition("\n\n")
    lines = block.split("\n")
    if not empty_line or lines.pop() or not lines or len(lines) > SIGNATURES_MAX:
        raise Wrong("the note does not end in an empty line and signatures")
    text += "\n"
    verified = False
    for line in lines:
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "\u2014" or not is_key_name(parts[1]):
            raise Wrong("the note has a line that is not a signature")
        signature = from_base64(parts[2], "a signature of the note")
        if len(signature) < 5:
            raise Wrong("the note has a signature that is too short")
        if parts[1] != vkey.name or signature[:4] != vkey.key_id:
            continue
        if not ed25519.verify(vkey.public_key, text.encode(), signature[4:]):
            raise Wrong("the signature of the note is not by the key")
        verified = True
    if not verified:
        raise Wrong("the note has no signature by the key")
    return text


def open_checkpoint(data: bytes, vkey: VerifierKey) -> Checkpoint:
    """A checkpoint signed by the key and of the log of its name."""
    checkpoint = parse_checkpoint(open_note(data, vkey))
    if checkpoint.origin != vkey.name:
        raise Wrong("the origin of the checkpoint is not the name of the key")
    return checkpoint


def open_handover(data: bytes) -> tuple[str, str]:
    """The vkeys of a hand-over note: of the key that signed it, and of the one it names."""
    what = "the hand-over of the signing key"
    try:
        lines = data.decode("utf-8").split("\n")
    except UnicodeDecodeError:
        raise Wrong(f"{what} is not UTF-8") from None
    if len(lines) < 3 or lines[0] != HANDOVER_HEADER:
        raise Wrong(f"{what} is none")
    here, following = parse_vkey(lines[1]), parse_vkey(lines[2])
    if here.name != following.name:
        raise Wrong(f"{what} does not name two keys of one log")
    if open_note(data, here) != f"{HANDOVER_HEADER}\n{lines[1]}\n{lines[2]}\n":
        raise Wrong(f"{what} has more lines than its three")
    return lines[1], lines[2]


def parse_checkpoint(text: str) -> Checkpoint:
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop() or "" in lines:
        raise Wrong("the checkpoint has not three or more lines that are not empty")
    size = from_decimal(lines[1], "the size of the checkpoint")
    root = hash_from_base64(lines[2], "the root of the checkpoint")
    return Checkpoint(lines[0], size, root)


def parse_proof(data: bytes) -> Proof:
    """Takes a tlog-proof apart. `extra` data is left aside: nothing vouches for it."""
    try:
        head, empty_line, checkpoint = data.decode("utf-8").partition("\n\n")
    except UnicodeDecodeError:
        raise Wrong("the proof is not UTF-8") from None
    lines = head.split("\n")
    if not empty_line or lines.pop(0) != PROOF_HEADER:
        raise Wrong(f"the proof is not one of {PROOF_HEADER}")
    if lines and lines[0].startswith("extra "):
        from_base64(lines.pop(0).removeprefix("extra "), "the extra data of the proof")
    if not lines or not lines[0].startswith("index "):
        raise Wrong("the proof has no index")
    index = from_decimal(lines.pop(0).removeprefix("index "), "the index of the proof")
    hashes = [hash_from_base64(line, "a hash of the proof") for line in lines]
    return Proof(index, hashes, checkpoint.encode())


# ---- Tree ---------------------------------------------------------------------------------------


def leaf_hash(entry: bytes) -> bytes:
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """The root over 1, 2, 4, 8 … hashes."""
    while len(hashes) > 1:
        hashes = [node_hash(hashes[i], hashes[i + 1]) for i in range(0, len(hashes), 2)]
    return hashes[0]


def root_of_rows(rows: Sequence[Sequence[bytes]]) -> bytes:
    """The root of a tree from the hashes of its partial tiles, lowest level first."""
    peaks = []
    for row in reversed(rows):
        first = 0
        for bit in range(len(row).bit_length() - 1, -1, -1):
            if len(row) >> bit & 1:
                peaks.append(perfect_root(row[first:first + (1 << bit)]))
                first += 1 << bit
    if not peaks:
        return EMPTY_ROOT
    root = peaks.pop()
    while peaks:
        root = node_hash(peaks.pop(), root)
    return root


def check_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes],
                    root: bytes) -> None:
    """RFC 9162 §2.1.3.2: the leaf with this index is in the tree."""
    if index >= size:
        raise Wrong("the proof is of an index beyond the tree")
    node, last, result = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise Wrong("the inclusion proof is too long")
        if node & 1 or node == last:
            result = node_hash(sibling, result)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            result = node_hash(result, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise Wrong("the inclusion proof is too short")
    if result != root:
        raise Wrong("the inclusion proof leads to another root")


def check_consistency(old_size: int, new_size: int, proof: Sequence[bytes], old_root: bytes,
                      new_root: bytes) -> None:
    """RFC 9162 §2.1.4.2: the old tree is the beginning of the new one."""
    if old_size > new_size:
        raise Wrong("the old tree is larger than the new one")
    if old_size in (0, new_size):
        expected = new_root if old_size else EMPTY_ROOT
        if proof or old_root != expected:
            raise Wrong("trees of these sizes are consistent without proof or not at all")
        return
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    if not path:
        raise Wrong("the consistency proof is too short")
    node, last = old_size - 1, new_size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise Wrong("the consistency proof is too long")
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise Wrong("the consistency proof is too short")
    if old != old_root or new != new_root:
        raise Wrong("the consistency proof leads to other roots")


# ---- Tiles --------------------------------------------------------------------------------------


def tile_path(folder: str, number: int, width: int = TILE_WIDTH) -> str:
    """The path of a tile: three digits per element, all but the last with an x."""
    path = f"{number % 1000:03}"
    while number >= 1000:
        number //= 1000
        path = f"x{number % 1000:03}/{path}"
    return f"{folder}/{path}" + (f".p/{width}" if width < TILE_WIDTH else "")


class TileTree:
    """Grows leaf by leaf and keeps only the hashes of the rightmost, partial tile of each level.

    `on_full(level, number, hashes)` is called for each tile that becomes full.
    """

    def __init__(self, on_full):
        self.size = 0
        self.rows: list[list[bytes]] = [[]]
        self._on_full = on_full

    def add(self, leaf: bytes) -> None:
        self.size += 1
        self.rows[0].append(leaf)
        if len(self.rows[0]) == TILE_WIDTH:
            self._carry()

    def root(self) -> bytes:
        return root_of_rows(self.rows)

    def _carry(self) -> None:
        level, span = 0, TILE_WIDTH
        while len(self.rows[level]) == TILE_WIDTH:
            row, self.rows[level] = self.rows[level], []
            self._on_full(level, self.size // span - 1, row)
            if level + 1 == len(self.rows):
                self.rows.append([])
            level, span = level + 1, span * TILE_WIDTH
            self.rows[level].append(perfect_root(row))
