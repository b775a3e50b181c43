"""Checks every event of a log in one pass, with the memory of a few tiles."""

import base64
import collections
import hashlib
import re
from array import array
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, Iterator, NamedTuple

from log_proof import (TILE_WIDTH, Checkpoint, TileTree, VerifierKey, Wrong, check_consistency,
                       hash_from_base64, leaf_hash, open_checkpoint, open_handover, parse_vkey,
                       tile_path)
from log_record import ERASURE_STARTED, Reader, Record, read_record
from log_source import SMALL_BYTES_MAX, Bundle, HttpSource, Unreadable, read_object

ENTRY_BYTES = 48
# Twice what they have: a file that is a little too long is read, and found wrong.
ENTRIES_BYTES_MAX = 2 * TILE_WIDTH * (2 + ENTRY_BYTES)
HASHES_BYTES_MAX = 2 * TILE_WIDTH * 32
THREADS = 6
TILES_AHEAD_MAX = 12
UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Source = HttpSource | Bundle


class Result:
    """What was found; filled while checking, so that it also tells how far a failed check came."""

    def __init__(self, source: str):
        self.source = source
        self.checkpoint: Checkpoint | None = None
        self.held: Checkpoint | None = None
        self.held_found = False
        self.events = 0
        self.slots = 0
        self.present = 0
        self.destroyed = 0
        self.destroyed_positions: array | None = None
        self.notes: list[str] = []
        self.fault: Wrong | None = None


class Tile(NamedTuple):
    """The files of up to 256 events; None where the source has no such file."""

    number: int
    width: int
    entries: bytes | None
    records: bytes | None
    hashes: bytes | None
    ciphertexts: bytes | None


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


def check_log(source: Source, vkey_text: str, vkey: VerifierKey, held: bytes | None,
              result: Result, list_destroyed: bool,
              progress: Callable[[int, int], None]) -> None:
    """Errors: Wrong for the first thing that is wrong, Unreadable."""
    result.notes = source.notes
    if list_destroyed:
        result.destroyed_positions = array("Q")
    data = source.read("checkpoint", SMALL_BYTES_MAX)
    if data is None:
        refusal = Unreadable if source.remote else Wrong
        raise refusal(f"{source.name}: there is no checkpoint")
    chain = read_chain(source)
    if vkey_text in chain:
        vkey_text = chain[-1]
        vkey = parse_vkey(vkey_text)
    result.checkpoint = open_checkpoint(data, vkey)
    source.check_identity(vkey_text, vkey, result.checkpoint)
    if held is not None:
        earlier = chain if vkey_text in chain else []
        result.held = open_held(held, [vkey, *map(parse_vkey, earlier)], result.checkpoint)
    check = _Check(source, result)
    tiles = read_tiles(source, result.checkpoint.size)
    try:
        for tile in tiles:
            check.tile(tile)
            progress(result.events, result.checkpoint.size)
    finally:
        tiles.close()
    check.finish()


def read_chain(source: Source) -> list[str]:
    """The vkeys of the log, oldest first: each named the next. Empty if none was handed over."""
    data = source.read("handovers", SMALL_BYTES_MAX)
    if data is None:
        return []
    notes = read_object(data, "the file 'handovers'").get("handovers")
    if not isinstance(notes, list) or not all(isinstance(note, str) for note in notes):
        raise Wrong("the file 'handovers' does not list notes")
    chain: list[str] = []
    for note in notes:
        here, following = open_handover(note.encode())
        if chain and chain[-1] != here:
            raise Wrong("the hand-overs of the signing key are no chain")
        chain += [following] if chain else [here, following]
    return chain


def open_held(data: bytes, vkeys: list[VerifierKey], newest: Checkpoint) -> Checkpoint:
    """The first key is the present one; the others handed over to it."""
    fault: Wrong | None = None
    held: Checkpoint | None = None
    for vkey in vkeys:
        try:
            held = open_checkpoint(data, vkey)
            break
        except Wrong as error:
            fault = fault or error
    if held is None:
        assert fault is not None
        raise Wrong(f"the held checkpoint: {fault.message}") from None
    if held.size > newest.size:
        raise Wrong(f"the log has {newest.size} events, the held checkpoint {held.size}: "
                    "the log was cut", newest.size + 1)
    return held


def read_tiles(source: Source, size: int) -> Iterator[Tile]:
    """All tiles in order. Those of an address are asked for ahead by several threads."""
    count = -(-size // TILE_WIDTH)
    if not source.remote:
        for number in range(count):
            yield read_tile(source, size, number)
        return
    pool = ThreadPoolExecutor(THREADS)
    waiting: collections.deque = collections.deque()
    try:
        for number in range(count):
            waiting.append(pool.submit(read_tile, source, size, number))
            if len(waiting) == TILES_AHEAD_MAX:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def read_tile(source: Source, size: int, number: int) -> Tile:
    width = min(TILE_WIDTH, size - number * TILE_WIDTH)

    def read(folder: str, *limit: int) -> bytes | None:
        return source.read(tile_path(folder, number, width), *limit)

    try:
        return Tile(number, width, read("tile/entries", ENTRIES_BYTES_MAX), read("records"),
                    read("tile/0", HASHES_BYTES_MAX),
                    None if source.ciphertexts is False else read("ciphertexts"))
    except Wrong as error:
        raise Wrong(error.message, number * TILE_WIDTH + 1) from None


class _Erasures:
    """Which absent ciphertexts an erasure covers. Remembers keys, however many slots they have."""

    def __init__(self) -> None:
        self._absent: dict[bytes, int] = {}  # keys that nothing covers yet, and where first
        self._started: dict[bytes, set[bytes]] = {}  # the keys of each erasure
        self._covered: set[bytes] = set()

    def absent(self, key_id: bytes, position: int) -> None:
        if key_id not in self._covered:
            self._absent.setdefault(key_id, position)

    def event(self, record: Record) -> None:
        """What has another form than the document says covers nothing."""
        data = record.data or {}
        erasure = _read_id(data.get("erasure"))
        if erasure is None:
            return
        if record.type == ERASURE_STARTED:
            keys = data.get("keys")
            ids = list(map(_read_id, keys)) if isinstance(keys, list) else []
            new = {key_id for key_id in ids if key_id} - self._covered
            if new and None not in ids:
                self._started.setdefault(erasure, set()).update(new)
            return
        for key_id in self._started.pop(erasure, ()):
            self._covered.add(key_id)
            self._absent.pop(key_id, None)

    def check(self) -> None:
        if self._absent:
            raise Wrong("a ciphertext is absent and no erasure covers it",
                        min(self._absent.values()))


def _read_id(value: Any) -> bytes | None:
    if not isinstance(value, str) or not UUID.fullmatch(value):
        return None
    return bytes.fromhex(value.replace("-", ""))


class _Check:
    """The state between events: the tree so far, and the time of the last event."""

    def __init__(self, source: Source, result: Result):
        if result.checkpoint is None:
            raise ValueError("the checkpoint comes first")
        self._source = source
        self._result = result
        self._checkpoint = result.checkpoint
        self._held_size = -1 if result.held is None else result.held.size
        self._tree = TileTree(self._check_full_tile)
        self._recorded_at = 0
        self._ciphertexts: Reader | None = None
        self._erasures = _Erasures()
        self._check_held()

    def tile(self, tile: Tile) -> None:
        first = tile.number * TILE_WIDTH + 1
        for folder, data in (("tile/entries", tile.entries), ("records", tile.records),
                             ("tile/0", tile.hashes)):
            if data is None:
                raise Wrong(f"{tile_path(folder, tile.number, tile.width)} is missing", first)
        entries, records, hashes = (Reader(data or b"", "the file of " + what) for data, what in (
            (tile.entries, "entries"), (tile.records, "records"), (tile.hashes, "leaf hashes")))
        self._ciphertexts = None if tile.ciphertexts is None else Reader(
            tile.ciphertexts, "the file of ciphertexts")
        position = first
        try:
            for position in range(first, first + tile.width):
                self._event(position, entries, records, hashes)
            for reader in (entries, records, hashes, self._ciphertexts):
                if reader is not None:
                    reader.finish()
            position = first
            self._source.settle()
        except Wrong as error:
            if error.position is None:
                error.position = position
            raise

    def finish(self) -> None:
        """The root, the partial tiles above the leaves, what else a bundle holds, and at last
        the absent ciphertexts."""
        if self._tree.root() != self._checkpoint.root:
            raise Wrong(f"the root of the {self._tree.size} entries is not that of the checkpoint")
        span = TILE_WIDTH
        for level, row in enumerate(self._tree.rows[1:], 1):
            if row:
                number = self._checkpoint.size // (span * TILE_WIDTH)
                self._check_tile(level, number, row)
            span *= TILE_WIDTH
        self._check_own_consistency()
        self._source.settle()
        self._source.finish()
        self._erasures.check()

    def _event(self, position: int, entries: Reader, records: Reader, hashes: Reader) -> None:
        data = records.take(records.number(4))
        record = read_record(data)
        if entries.number(2) != ENTRY_BYTES:
            raise Wrong("the entry has not 48 bytes")
        entry = entries.take(ENTRY_BYTES)
        if int.from_bytes(entry[:8], "big") != position:
            raise Wrong("the entry has another position")
        recorded_at = int.from_bytes(entry[8:16], "big")
        if recorded_at < self._recorded_at:
            raise Wrong("the event was recorded before the one before it")
        self._recorded_at = recorded_at
        if hashlib.sha256(data).digest() != entry[16:]:
            raise Wrong("the SHA-256 of the record is not the one in the entry")
        leaf = leaf_hash(entry)
        if hashes.take(32) != leaf:
            raise Wrong("the hash in the tile is not that of the entry")
        self._tree.add(leaf)
        if record.data is not None:
            self._erasures.event(record)
        if record.slots:
            self._slots(position, record.slots)
        if position == self._held_size:
            self._check_held()
        self._result.events = position

    def _slots(self, position: int, slots: list[tuple[bytes, bytes]]) -> None:
        self._result.slots += len(slots)
        reader = self._ciphertexts
        if reader is None:
            if self._source.ciphertexts:
                raise Wrong("the file of ciphertexts is missing")
            self._source.ciphertexts = False
            return
        self._source.ciphertexts = True
        gone = 0
        for key_id, expected in slots:
            state = reader.number(1)
            if state > 1:
                raise Wrong("the mark of a ciphertext is not 0 or 1")
            if state == 0:
                gone += 1
                self._erasures.absent(key_id, position)
            elif hashlib.sha256(reader.take(reader.number(4))).digest() != expected:
                raise Wrong("the SHA-256 of a ciphertext is not the one in the record")
        self._result.present += len(slots) - gone
        self._result.destroyed += gone
        if gone and self._result.destroyed_positions is not None:
            self._result.destroyed_positions.append(position)

    def _check_held(self) -> None:
        held = self._result.held
        if held is None or held.size != self._tree.size:
            return
        if self._tree.root() != held.root:
            raise Wrong(f"the first {held.size} events are not those of the held checkpoint: the "
                        "two signed checkpoints prove that the log was changed")
        self._result.held_found = True

    def _check_full_tile(self, level: int, number: int, hashes: list[bytes]) -> None:
        if level > 0:  # the leaves are compared one by one
            self._check_tile(level, number, hashes)

    def _check_tile(self, level: int, number: int, hashes: list[bytes]) -> None:
        span = TILE_WIDTH ** level
        first = number * TILE_WIDTH * span + 1
        path = tile_path(f"tile/{level}", number, len(hashes))
        try:
            data = self._source.read(path, HASHES_BYTES_MAX)
        except Wrong as error:
            raise Wrong(error.message, first) from None
        if data is None:
            raise Wrong(f"{path} is missing", first)
        for index, expected in enumerate(hashes):
            if data[32 * index:32 * index + 32] != expected:
                raise Wrong(f"{path}: hash {index} is not that of the {span} events from here",
                            first + index * span)
        if len(data) != 32 * len(hashes):
            raise Wrong(f"{path} has {len(data)} bytes, not {32 * len(hashes)}", first)

    def _check_own_consistency(self) -> None:
        """The log's own answer to the question that the held checkpoint asks, where it has one."""
        held, newest = self._result.held, self._checkpoint
        if held is None or not self._source.remote or not 0 < held.size < newest.size:
            return
        question = f"consistency?from={held.size}&to={newest.size}"
        try:
            data = self._source.read(question, SMALL_BYTES_MAX)
        except Unreadable:
            data = None  # not needed: the trees themselves were compared
        if data is None:
            self._source.notes.append("the source gives no consistency proof")
            return
        answer = read_object(data, "the consistency proof")
        hashes = answer.get("hashes")
        if (answer.get("from"), answer.get("to")) != (held.size, newest.size) or not isinstance(
                hashes, list) or not all(isinstance(text, str) for text in hashes):
            raise Wrong("the consistency proof is not what was asked for")
        proof = [hash_from_base64(text, "a hash of the consistency proof") for text in hashes]
        check_consistency(held.size, newest.size, proof, held.root, newest.root)
