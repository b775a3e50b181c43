"""Reads the canonical record of an event: the grammar at the top of eventstore/record_format.hpp.

Nothing but that grammar is known here: every byte has to be used, and the clear data has to be one
JSON object in the form of RFC 8785, of which the log writes no fractions and no exponents.
"""

import json
from typing import Any, NamedTuple

from log_proof import Wrong

INTEGER_MAX = 2**53  # what lies beyond is written as a string
DEPTH_MAX = 64  # of objects and lists in each other
TAGS_MAX = 32
TAG_BYTES_MAX = 255
ERASURE_STARTED, KEY_DESTROYED = b"ErasureStarted", b"SubjectKeyDestroyed"


class Record(NamedTuple):
    event_id: bytes
    type: bytes
    schema: int
    data: dict[str, Any] | None  # only of the events that tell of an erasure
    slots: list[tuple[bytes, bytes]]  # key id, SHA-256 of the ciphertext


class Reader:
    """Takes bytes from the front of `data`; `name` says in errors what it is."""

    __slots__ = ("data", "name", "at")

    def __init__(self, data: bytes, name: str):
        self.data = data
        self.name = name
        self.at = 0

    def take(self, count: int) -> bytes:
        end = self.at + count
        if end > len(self.data):
            raise Wrong(f"{self.name} ends too early")
        piece = self.data[self.at:end]
        self.at = end
        return piece

    def number(self, width: int) -> int:
        return int.from_bytes(self.take(width), "big")

    def text(self) -> bytes:
        return self.take(self.number(2))

    def finish(self) -> None:
        if self.at != len(self.data):
            raise Wrong(f"{self.name} has {len(self.data) - self.at} bytes too many")


def read_record(data: bytes) -> Record:
    reader = Reader(data, "the record")
    if reader.number(1) != 1:
        raise Wrong("the format of the record is not 1")
    event_id = reader.take(16)
    kind = reader.text()
    schema = reader.number(2)
    _read_tags(reader)
    clear = check_canonical_object(reader.take(reader.number(4)))
    reader.text()  # actor
    reader.text()  # on behalf of
    if not 1 <= reader.number(1) <= 4:
        raise Wrong("the source of the record is not 1 to 4")
    reader.take(32)  # correlation id, causation id
    occurred = reader.number(1)
    if occurred > 1:
        raise Wrong("the mark of the time in the record is not 0 or 1")
    reader.take(8 * occurred)
    slots = [_read_slot(reader) for _ in range(reader.number(1))]
    for _ in range(reader.number(1)):
        reader.text()  # broken rule
    reader.finish()
    kept = clear if kind in (ERASURE_STARTED, KEY_DESTROYED) else None
    return Record(event_id, kind, schema, kept, slots)


def _read_tags(reader: Reader) -> None:
    before = None
    count = reader.number(1)
    if not 1 <= count <= TAGS_MAX:
        raise Wrong("the record has not 1 to 32 tags")
    for _ in range(count):
        tag = reader.text()
        kind, colon, name = tag.partition(b":")
        if not (kind and colon and name) or b"\0" in tag or len(tag) > TAG_BYTES_MAX:
            raise Wrong("a tag of the record is not kind:id")
        if before is not None and tag <= before:
            raise Wrong("the tags of the record do not ascend")
        before = tag


def _read_slot(reader: Reader) -> tuple[bytes, bytes]:
    reader.text()  # name
    key_id = reader.take(16)
    reader.take(2)  # generation
    ciphertext_hash = reader.take(32)
    reader.take(4)  # padded bytes
    return key_id, ciphertext_hash


# ---- JSON ---------------------------------------------------------------------------------------


def _integer(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > INTEGER_MAX:
        raise ValueError("a number beyond 2^53")
    return int(text)


def _refuse_number(_: str) -> None:
    raise ValueError("a number that is not an integer")


DECODER = json.JSONDecoder(parse_int=_integer, parse_float=_refuse_number,
                           parse_constant=_refuse_number)
OPTIONS = {"ensure_ascii": False, "check_circular": False, "separators": (",", ":")}
ENCODER = json.JSONEncoder(**OPTIONS)
SORTING_ENCODER = json.JSONEncoder(sort_keys=True, **OPTIONS)


def _sorted_by_utf16(value: Any) -> Any:
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
        return {key: _sorted_by_utf16(value[key]) for key in keys}
    if isinstance(value, list):
        return [_sorted_by_utf16(item) for item in value]
    return value


def _depth(value: Any) -> int:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return max(map(_depth, inside), default=0) + isinstance(value, (dict, list))


def read_canonical(data: bytes) -> Any:
    """The value of canonical JSON: that which gives the same bytes when it is written again.

    So duplicate keys, needless escapes, white space, -0 and another order are refused. Python
    writes strings as RFC 8785 does, but orders keys by code points: these differ from UTF-16 code
    units only where there is a character from U+E000 on.
    """
    try:
        text = data.decode("utf-8")
        value = DECODER.decode(text)
        if data.count(b"{") + data.count(b"[") > DEPTH_MAX and _depth(value) > DEPTH_MAX:
            raise Wrong("the data of the record is nested too deep")
        if text.isascii() or max(text) < "\ue000":
            again = SORTING_ENCODER.encode(value)
        else:
            again = ENCODER.encode(_sorted_by_utf16(value))
    except UnicodeDecodeError:
        raise Wrong("the data of the record is not UTF-8") from None
    except json.JSONDecodeError:
        raise Wrong("the data of the record is not JSON") from None
    except ValueError as error:
        raise Wrong(f"the data of the record has {error}") from None
    except RecursionError:
        raise Wrong("the data of the record is nested too deep") from None
    if again != text:
        raise Wrong("the data of the record is not canonical JSON")
    return value


def check_canonical_object(data: bytes) -> dict[str, Any]:
    value = read_canonical(data)
    if not isinstance(value, dict):
        raise Wrong("the data of the record is not a JSON object")
    return value
