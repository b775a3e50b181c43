"""Where a verifier reads a log from: an address, a ZIP file or a folder.

Every source has `read(path, limit)`, which gives the bytes, or None where there is no such file,
and `settle()`, which complains of files that were read but are not those of the manifest.
"""

import hashlib
import http.client
import json
import os
import re
import time
import urllib.error
import urllib.request
import zipfile
import zlib
from pathlib import Path
from typing import Any

from log_proof import Checkpoint, VerifierKey, Wrong

SMALL_BYTES_MAX = 1 << 16
MANIFEST_BYTES_MAX = 1 << 27
FILE_BYTES_MAX = 1 << 28
JSON_DEPTH_MAX = 32
ZIP_END_BYTES = 22  # of a ZIP file without a comment
TIMEOUT_SECONDS = 30
TRIES_MAX = 6
FIRST_PAUSE_SECONDS = 0.1
PAUSE_SECONDS_MAX = 30
TRANSIENT = (408, 429, 500, 502, 503, 504)
DEFAULT_ORIGIN = "log.factum.internal/"
BUNDLE_FORMAT = "factum-bundle-1"


class Unreadable(Exception):
    """The source cannot be read, which says nothing about the log."""


def open_source(name: str) -> "HttpSource | Bundle":
    if re.match(r"https?://", name):
        return HttpSource(name)
    path = Path(name)
    if path.is_dir():
        return Bundle(FolderFiles(path))
    if path.is_file():
        return Bundle(ZipFiles(path))
    raise Unreadable(f"{name}: neither an http address nor a file nor a folder")


def read_object(data: bytes, what: str) -> dict[str, Any]:
    """A JSON object in which no name comes twice, of what JSON knows (no NaN, no half of a
    surrogate pair), at most 32 levels deep."""
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in pairs}) != len(pairs):
            raise ValueError("a name comes twice")
        return dict(pairs)

    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=unique)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")
        if depth_of(value) > JSON_DEPTH_MAX:
            raise ValueError("nested too deep")
    except (ValueError, RecursionError):
        raise Wrong(f"{what} is not JSON with distinct names") from None
    if not isinstance(value, dict):
        raise Wrong(f"{what} is not a JSON object")
    return value


def depth_of(value: Any) -> int:
    """Levels of objects and lists: 0 for a number or text."""
    if not isinstance(value, dict | list):
        return 0
    parts = value.values() if isinstance(value, dict) else value
    return 1 + max(map(depth_of, parts), default=0)


def require(value: dict[str, Any], name: str, expected: Any, what: str) -> None:
    found = value.get(name)
    if type(found) is not type(expected) or found != expected:
        raise Wrong(f"{what}: '{name}' is not that of the key and the checkpoint")


def check_log_file(data: bytes, vkey_text: str, vkey: VerifierKey) -> None:
    """The file `log` speaks of the log of this key."""
    log = read_object(data, "the file 'log'")
    require(log, "origin", vkey.name, "the file 'log'")
    require(log, "vkey", vkey_text, "the file 'log'")
    if not isinstance(log.get("log_id"), str):
        raise Wrong("the file 'log' has no log_id")
    if vkey.name.startswith(DEFAULT_ORIGIN):
        require(log, "log_id", vkey.name.removeprefix(DEFAULT_ORIGIN), "the file 'log'")


# ---- HTTP ---------------------------------------------------------------------------------------


class Transient(Exception):
    """A request that may go well when it is made again; `pause` is what the server asks for."""

    def __init__(self, message: str, pause: str | None = None):
        super().__init__(message)
        self.pause = int(pause) if pause and pause.isdecimal() else 0


class HttpSource:
    """Files below an address. Threads may read at the same time."""

    remote = True

    def __init__(self, prefix: str):
        self.name = prefix.rstrip("/")
        self.notes: list[str] = []
        self.ciphertexts: bool | None = None  # told by the first tile that has slots

    def read(self, path: str, limit: int = FILE_BYTES_MAX) -> bytes | None:
        """Errors: Unreadable after some tries, or at once where trying again cannot help."""
        pause = FIRST_PAUSE_SECONDS
        for attempt in range(1, TRIES_MAX + 1):
            try:
                return self._read_once(f"{self.name}/{path}", limit)
            except Transient as error:
                if attempt == TRIES_MAX:
                    raise Unreadable(f"{self.name}/{path}: {error}") from None
                time.sleep(min(max(pause, error.pause), PAUSE_SECONDS_MAX))
                pause *= 2
        return None

    def claimed_vkey(self) -> str:
        data = self.read("log", SMALL_BYTES_MAX)
        if data is None:
            raise Unreadable(f"{self.name}/log: there is no such file")
        return str(read_object(data, "the file 'log'").get("vkey"))

    def check_identity(self, vkey_text: str, vkey: VerifierKey, _: Checkpoint) -> None:
        data = self.read("log", SMALL_BYTES_MAX)
        if data is None:
            self.notes.append("the source has no file 'log'")
        else:
            check_log_file(data, vkey_text, vkey)

    def settle(self) -> None:
        """Nothing: only bundles have a manifest."""

    def finish(self) -> None:
        """Nothing: only bundles have a list of files."""

    @staticmethod
    def _read_once(url: str, limit: int) -> bytes | None:
        request = urllib.request.Request(url, headers={"Accept-Encoding": "gzip, identity"})
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
                data = answer.read(limit + 1)
                announced = answer.headers.get("Content-Length")
                encoding = answer.headers.get("Content-Encoding", "identity")
        except urllib.error.HTTPError as error:
            with error:
                if error.code == 404:
                    return None
                if error.code in TRANSIENT:
                    raise Transient(f"answers {error.code}",
                                    error.headers.get("Retry-After")) from None
                raise Unreadable(f"{url}: answers {error.code}") from None
        except (OSError, http.client.HTTPException) as error:
            raise Transient(f"cannot be read: {error}") from None
        except ValueError as error:
            raise Unreadable(f"{url}: {error}") from None
        if announced and announced.isdecimal() and len(data) < min(int(announced), limit + 1):
            raise Transient("the answer was cut off")
        if encoding == "gzip":
            data = unpack(data, limit, url)
        if len(data) > limit:
            raise Unreadable(f"{url}: more than {limit} bytes")
        return data


def unpack(data: bytes, limit: int, name: str) -> bytes:
    """At most limit + 1 bytes of a gzip file."""
    unpacker = zlib.decompressobj(31)
    try:
        plain = unpacker.decompress(data, limit + 1)
    except zlib.error as error:
        raise Unreadable(f"{name}: {error}") from None
    if not unpacker.eof and len(plain) <= limit:
        raise Unreadable(f"{name}: the compressed answer was cut off")
    return plain


# ---- Bundles ------------------------------------------------------------------------------------


class FolderFiles:
    """The files of a folder."""

    def __init__(self, root: Path):
        self.name = str(root)
        self._root = root

    def names(self) -> list[str]:
        return [path.relative_to(self._root).as_posix() for path in self._root.rglob("*")
                if not path.is_dir()]

    def read(self, path: str, limit: int) -> bytes | None:
        file = self._root / path
        try:
            if not file.is_file():
                return None
            with file.open("rb") as opened:
                return opened.read(limit + 1)
        except OSError as error:
            raise Unreadable(f"{file}: {error.strerror}") from None


class ZipFiles:
    """The files of a ZIP file."""

    def __init__(self, path: Path):
        self.name = str(path)
        try:
            self._zip = zipfile.ZipFile(path)
            plain = self._is_plain(path)
        except (OSError, zipfile.BadZipFile) as error:
            raise Unreadable(f"{path}: {error}") from None
        if not plain:
            raise Unreadable(f"{path}: no ZIP file that begins with its first file and ends with "
                             "its directory")
        names = self._zip.namelist()
        if len(set(names)) != len(names):
            raise Wrong("the ZIP file has two files of one name")

    def _is_plain(self, path: Path) -> bool:
        """Every reader finds the same files in it, from whichever side it looks."""
        with path.open("rb") as opened:
            opened.seek(-ZIP_END_BYTES, os.SEEK_END)
            end = opened.read()
        first = self._zip.infolist()[:1]
        return (end.startswith(b"PK\5\6") and end.endswith(b"\0\0")
                and all(info.header_offset == 0 for info in first))

    def names(self) -> list[str]:
        return [name for name in self._zip.namelist() if not name.endswith("/")]

    def read(self, path: str, limit: int) -> bytes | None:
        try:
            with self._zip.open(path) as opened:
                return opened.read(limit + 1)
        except KeyError:
            return None
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
            raise Wrong(f"{path} is damaged in the ZIP file: {error}") from None
        except OSError as error:
            raise Unreadable(f"{self.name}: {error}") from None


def is_plain_path(path: str) -> bool:
    return all(part not in ("", ".", "..") for part in path.split("/")) and "\\" not in path


class Bundle:
    """The files that a manifest names, with the SHA-256 that it gives."""

    remote = False

    def __init__(self, files: FolderFiles | ZipFiles):
        self.name = files.name
        self.notes: list[str] = []
        self._files = files
        data = files.read("manifest.json", MANIFEST_BYTES_MAX)
        if data is None:
            raise Unreadable(f"{files.name}: no bundle, it has no manifest.json")
        if len(data) > MANIFEST_BYTES_MAX:
            raise Unreadable(f"manifest.json: more than {MANIFEST_BYTES_MAX} bytes")
        self.manifest = read_object(data, "manifest.json")
        self._hashes = self._read_hashes()
        self._unread = set(self._hashes)
        self._foreign: str | None = None  # the first file that is not that of the manifest
        self.ciphertexts = any(path.startswith("ciphertexts/") for path in self._hashes)

    def read(self, path: str, limit: int = FILE_BYTES_MAX) -> bytes | None:
        """A file that has another hash is kept in mind for settle(): its content may tell more."""
        if path not in self._hashes:
            return None
        data = self._files.read(path, limit)
        self._unread.discard(path)
        if data is None:
            raise Wrong(f"{path} is in the manifest but not in the bundle")
        if len(data) > limit:
            raise Unreadable(f"{path}: more than {limit} bytes")
        if hashlib.sha256(data).hexdigest() != self._hashes[path] and self._foreign is None:
            self._foreign = path
        return data

    def claimed_vkey(self) -> str:
        return str(self.manifest.get("vkey"))

    def check_identity(self, vkey_text: str, vkey: VerifierKey, checkpoint: Checkpoint) -> None:
        require(self.manifest, "format", BUNDLE_FORMAT, "manifest.json")
        require(self.manifest, "origin", vkey.name, "manifest.json")
        require(self.manifest, "vkey", vkey_text, "manifest.json")
        require(self.manifest, "size", checkpoint.size, "manifest.json")
        data = self.read("log", SMALL_BYTES_MAX)
        if data is not None:
            check_log_file(data, vkey_text, vkey)
        self.settle()

    def settle(self) -> None:
        if self._foreign is not None:
            raise Wrong(f"{self._foreign} has not the SHA-256 of the manifest")

    def finish(self) -> None:
        """Checks what is in the manifest without need, and notes it and what is not in it."""
        surplus = sorted(self._unread)
        for path in surplus:
            self.read(path)
        self.settle()
        surplus = [path for path in surplus if not path.startswith("schemas/")]
        extra = sorted(set(self._files.names()) - set(self._hashes) - {"manifest.json"})
        for kind, paths in (("not needed", surplus), ("not in the manifest", extra)):
            if paths:
                shown = ", ".join(paths[:5]) + (" …" if len(paths) > 5 else "")
                self.notes.append(f"files {kind}, left aside ({len(paths)}): {shown}")

    def _read_hashes(self) -> dict[str, str]:
        files = self.manifest.get("files")
        if not isinstance(files, dict):
            raise Wrong("manifest.json has no files")
        for path, digest in files.items():
            if not isinstance(digest, str) or not re.fullmatch(r"[0-9a-f]{64}", digest):
                raise Wrong("manifest.json has a file without SHA-256 in hex")
            if not is_plain_path(path):
                raise Wrong("manifest.json names a file outside the bundle")
        return files
