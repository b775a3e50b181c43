"""The program under measurement: fills data folders, serves them, runs its other subcommands."""

import json
import resource
import socket
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator, NamedTuple

import processes
from measure import Sample
from processes import Failed, Server

LIMIT_S = 300


class Run(NamedTuple):
    """A program that has ended: what it printed and what it took."""

    printed: str
    seconds: float
    cpu_seconds: float

    def sample(self, operations: int) -> Sample:
        return Sample(operations / self.seconds, cpu_us=self.cpu_seconds * 1e6 / operations,
                      cores=self.cpu_seconds / self.seconds)


def children_cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


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
        # Verification needs no keys.
        keys = [] if subcommand == "verify" else ["--keys", str(self.keys)]
        return [str(self.program), subcommand, "--data", str(self.data), *keys, *arguments]

    def run(self, subcommand: str, *arguments: str, keep_output: bool = True,
            limit_s: float = LIMIT_S) -> Run:
        """Runs a subcommand to its end."""
        began, cpu = time.monotonic(), children_cpu_seconds()
        printed = processes.run(self.command(subcommand, *arguments), limit_s, keep_output)
        return Run(printed, time.monotonic() - began, children_cpu_seconds() - cpu)

    def ids_of(self, event_type: str, kind: str, most: int) -> list[str]:
        """The ids of entities by the event that began them, oldest first."""
        printed = self.run("replay", "--type", event_type, "--limit", str(most)).printed
        ids = [json.loads(line)["data"][kind] for line in printed.splitlines()]
        if not ids:
            raise Failed(f"the demo data has no {event_type}")
        return ids

    @contextmanager
    def served(self, poll_s: float = 0.05) -> Iterator[Server]:
        """A server that is ready; `poll_s`: how often it is asked whether it is."""
        log = self.folder / "serve.log"
        with open(log, "wb"):
            pass
        port = free_port()
        with processes.started(self.command("serve", "--port", str(port)), log) as process:
            server = Server(process, port)
            processes.wait_until_ready(server, 60, log, poll_s)
            yield server


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
