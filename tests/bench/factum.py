"""The program under measurement: fills data folders, serves them, runs its other subcommands."""

import json
import socket
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

import processes
from processes import Failed, Server

LIMIT_S = 300


class Factum:
    """One data folder of the program."""

    def __init__(self, program: Path, folder: Path):
        self.program = program
        self.folder = folder
        self.data = folder / "data"
        self.keys = folder / "keys"
        self.log = self.data / "log"
        folder.mkdir(parents=True, exist_ok=True)

    def command(self, subcommand: str, *arguments: str) -> list[str]:
        return [str(self.program), subcommand, "--data", str(self.data), "--keys", str(self.keys),
                *arguments]

    def run(self, subcommand: str, *arguments: str) -> tuple[str, float]:
        """Runs a subcommand to its end: what it printed, and the seconds it took."""
        began = time.monotonic()
        printed = processes.run(self.command(subcommand, *arguments), LIMIT_S)
        return printed, time.monotonic() - began

    @contextmanager
    def served(self) -> Iterator[Server]:
        log = self.folder / "serve.log"
        with open(log, "wb"):
            pass
        port = free_port()
        with processes.started(self.command("serve", "--port", str(port)), log) as process:
            server = Server(process, port)
            processes.wait_until_ready(server, 60, log)
            yield server


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ids_of(server: Server, path: str, most: int) -> list[str]:
    """The ids of a list, page by page."""
    ids: list[str] = []
    cursor = None
    while len(ids) < most:
        page = f"{path}?limit=100" + (f"&cursor={cursor}" if cursor else "")
        status, _, body = server.get(page)
        if status != 200:
            raise Failed(f"GET {path} answered {status}")
        answer = json.loads(body)
        ids += [item["id"] for item in answer["items"]]
        cursor = answer.get("next")
        if not cursor:
            break
    return ids[:most]
