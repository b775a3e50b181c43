"""The measured paths, one function each. A path gives rows; what bounds each is said in words that
docs/benchmarks.md explains and a profile has shown."""

import gzip
import itertools
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterator

import processes
from factum import LIMIT_S, Factum
from measure import Row, Sample, run_pairs
from processes import Failed, Server

CLIENTS = (1, 16, 64, 256)
READ_CLIENTS = 32
HOT_CUSTOMERS = 50
DISK = "waiting for the disk: one flush per answer"
CPU_BOTH = "CPU, shared with the load generator"
CPU_ONE = "CPU of one thread"
CPU_WRITER = "CPU of the writer, then the disk"

# Folders of the real data and the profiles that read them; the first is small enough for --quick.
IMPORTS = ("crm-sales-opportunities", "online-retail")

Say = Callable[[str], None]


@dataclass
class Setting:
    """How long to measure, and with what."""

    build: Path
    scratch: Path
    real_data: Path
    pairs: int
    seconds: int
    demo_size: int
    quick: bool
    say: Say

    def program(self, name: str) -> str:
        return str(self.build / name)


class Loads:
    """Lists and bodies for load.lua, in files of their own."""

    numbers = itertools.count()

    def __init__(self, setting: Setting):
        self.setting = setting

    def write(self, lines: list[str]) -> str:
        path = self.setting.scratch / f"load_{next(self.numbers)}"
        path.write_text("\n".join(lines) + "\n")
        return str(path)

    def gets(self, server: Server, lines: list[str], clients: int = READ_CLIENTS):
        arguments = ["get", self.write(lines)]
        return lambda: processes.wrk(server, "/", clients, self.setting.seconds, arguments)

    def posts(self, server: Server, path: str, ids: list[str], body: str, actor: str,
              clients: int):
        body_file = self.write([body])
        list_file = self.write(ids)

        def run() -> Sample:
            # Fixed length, and never the same again, also not in the next benchmark.
            key = os.urandom(6).hex() + "-"
            return processes.wrk(server, path, clients, self.setting.seconds,
                                 ["post", list_file, body_file, actor, key])
        return run


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("s" if number > 1 else "")


# ---- The log in process ------------------------------------------------------------------------


class AppendBench:
    """The program bench_append. The raw runs write batches of the size that our last run had."""

    def __init__(self, setting: Setting):
        self.setting = setting
        self.batch = 1.0

    def command(self, mode: str, *arguments: str) -> list[str]:
        return [self.setting.program("bench_append"), "--directory", str(self.setting.scratch),
                "--mode", mode, "--seconds", str(self.setting.seconds), *arguments]

    def measure(self, mode: str, *arguments: str) -> Sample:
        result = processes.run_json(self.command(mode, *arguments), LIMIT_S)
        return Sample(result["per_second"], result["p50_us"] or None, result["p99_us"] or None,
                      result["cpu_us"], result["cores"], result["mean_batch"])

    def store(self, producers: int, mode: str = "store") -> Sample:
        sample = self.measure(mode, "--producers", str(producers))
        self.batch = sample.batch
        return sample

    def raw(self) -> Sample:
        return self.measure("raw", "--batch-hundredths", str(round(100 * self.batch)))

    def flushes(self) -> Sample:
        result = processes.run_json(
            [self.setting.program("bench_disk_flush"), "--directory", str(self.setting.scratch),
             "--seconds", str(self.setting.seconds)], LIMIT_S)
        return Sample(result["per_second"], result["p50_us"], result["p99_us"])


def append(setting: Setting) -> Iterator[Row]:
    bench = AppendBench(setting)
    targets = {1: 0.85, 256: 0.6}
    for producers in CLIENTS:
        row = Row(f"append, {counted(producers, 'producer')}", "/s", "raw RocksDB, same batch",
                  DISK if producers == 1 else CPU_WRITER, target=targets.get(producers))
        yield run_pairs(row, lambda n=producers: bench.store(n), bench.raw, setting.pairs)
    row = Row("append, 1 producer", "/s", "disk flush", DISK)
    yield run_pairs(row, lambda: bench.store(1), bench.flushes, setting.pairs)
    row = Row("conditional append, 64 producers", "/s", "unconditional", CPU_WRITER, target=0.9)
    yield run_pairs(row, lambda: bench.store(64, "conditional"), lambda: bench.store(64),
                    setting.pairs)
    processes.run(bench.command("fill"), LIMIT_S)
    row = Row("read and decode, hashes checked", "events/s", "bare RocksDB scan", CPU_ONE)
    yield run_pairs(row, lambda: bench.measure("read"), lambda: bench.measure("scan"),
                    setting.pairs)


# ---- Writes over HTTP --------------------------------------------------------------------------


def interaction(customer: str) -> str:
    """An interaction of about 400 bytes."""
    text = "Asked for an offer of forty units, delivery before the end of the quarter. " * 4
    return json.dumps({"customer": customer, "channel": "call", "direction": "inbound",
                       "outcome": "offer_wanted", "duration_s": 240, "subject": "Offer",
                       "text": text.strip()})


def sample_post(server: Server, customer: str, actor: str):
    headers = {"Content-Type": "application/json", "Idempotency-Key": os.urandom(8).hex(),
               "Factum-Actor": actor}
    status, head, body = server.post("/v1/interactions", interaction(customer).encode(), headers)
    if status not in (200, 201):
        raise Failed(f"POST /v1/interactions answered {status}: {body.decode()[:300]}")
    return status, head, body


def post(setting: Setting, server: Server, customers: list[str], actor: str) -> Iterator[Row]:
    loads = Loads(setting)
    status, head, body = sample_post(server, customers[0], actor)
    yardstick = setting.build / "bench_yardstick_server"
    template = interaction("@ID@")
    with processes.yardstick_server(yardstick, setting.scratch, head, body, status) as least:
        for clients in CLIENTS:
            row = Row(f"POST interaction, {counted(clients, 'client')}", "/s",
                      "minimal Beast, not durable", DISK if clients == 1 else CPU_BOTH,
                      target=0.5 if clients == 64 else None)
            yield run_pairs(row,
                            loads.posts(server, "/v1/interactions", customers, template, actor,
                                        clients),
                            loads.posts(least, "/v1/interactions", customers, template, actor,
                                        clients),
                            setting.pairs)


# ---- Reads over HTTP ---------------------------------------------------------------------------


@dataclass
class Read:
    name: str
    lines: list[str]
    target: float | None = None


def reads_of(server: Server, customers: list[str], pipeline: str) -> list[Read]:
    hot = customers[:HOT_CUSTOMERS]
    tagged = []
    for customer in hot:
        path = f"/v1/customers/{customer}/360"
        etag = dict((k.lower(), v) for k, v in server.get(path)[1]).get("etag")
        tagged.append(f"{path}\tIf-None-Match: {etag}")
    return [
        Read("GET 360, hot set", [f"/v1/customers/{c}/360" for c in hot], 0.8),
        Read("GET 360, all customers", [f"/v1/customers/{c}/360" for c in customers]),
        Read("GET 360, If-None-Match: 304", tagged, 0.85),
        Read("GET timeline, one page", [f"/v1/customers/{c}/timeline?limit=20" for c in hot], 0.5),
        Read("GET funnel", [f"/v1/pipelines/{pipeline}/funnel"], 0.6),
        Read("GET customers, one page", ["/v1/customers?limit=20"], 0.3),
    ]


def typical_answer(server: Server, lines: list[str]):
    """The answer of median size among a few of these requests."""
    answers = []
    for line in lines[:25]:
        path, *fields = line.split("\t")
        answers.append(server.get(path, dict(f.split(": ", 1) for f in fields)))
    return sorted(answers, key=lambda answer: len(answer[2]))[len(answers) // 2]


def read(setting: Setting, server: Server, customers: list[str], pipeline: str) -> Iterator[Row]:
    loads = Loads(setting)
    yardstick = setting.build / "bench_yardstick_server"
    for wanted in reads_of(server, customers, pipeline):
        status, head, body = typical_answer(server, wanted.lines)
        if status not in (200, 304):
            raise Failed(f"{wanted.name}: the server answered {status}")
        with processes.yardstick_server(yardstick, setting.scratch, head, body, status) as least:
            row = Row(f"{wanted.name}, {len(body):,} B", "/s", "minimal Beast", CPU_BOTH,
                      target=wanted.target)
            yield run_pairs(row, loads.gets(server, wanted.lines),
                            loads.gets(least, wanted.lines), setting.pairs)


# ---- Views as of a position --------------------------------------------------------------------

AS_OF_EVENTS = 100


def grow(server: Server, customer: str, actor: str) -> int:
    """Gives a customer a history of AS_OF_EVENTS events; the position of the last one."""
    status, _, body = server.get(f"/v1/events?tag=customer:{customer}&limit={AS_OF_EVENTS}")
    if status != 200:
        raise Failed(f"the events of a customer: {status}")
    missing = AS_OF_EVENTS - len(body.splitlines())
    for _ in range(max(1, missing)):
        _, head, _ = sample_post(server, customer, actor)
    return int(dict((name.lower(), value) for name, value in head)["factum-position"])


def as_of(setting: Setting, server: Server, customers: list[str], actor: str) -> Iterator[Row]:
    """The same answers of today, as of now: what differs is how they come about."""
    loads = Loads(setting)
    few = customers[:HOT_CUSTOMERS]
    position = max(grow(server, customer, actor) for customer in few)
    for name, path in (("360", "360"), ("timeline, one page", "timeline?limit=20")):
        live = [f"/v1/customers/{customer}/{path}" for customer in few]
        past = [f"{line}{'&' if '?' in line else '?'}as_of={position}" for line in live]
        row = Row(f"GET {name} as of a position, {AS_OF_EVENTS} events", "/s", "the same, live",
                  CPU_BOTH, target=0.3)
        yield run_pairs(row, loads.gets(server, past), loads.gets(server, live), setting.pairs)


def http(setting: Setting, folder: Factum, wanted: set[str]) -> Iterator[Row]:
    customers = folder.ids_of("CustomerRegistered", "customer", 2_000)
    pipeline = folder.ids_of("PipelineDefined", "pipeline", 1)[0]
    actor = "user:" + folder.ids_of("UserAdded", "user", 1)[0]
    with folder.served() as server:
        if "read" in wanted:
            yield from read(setting, server, customers, pipeline)
        if "as-of" in wanted:
            yield from as_of(setting, server, customers, actor)
        if "post" in wanted:
            yield from post(setting, server, customers, actor)


# ---- Imports -----------------------------------------------------------------------------------


def count_rows(folder: Path) -> int:
    """Data rows of the CSV files of a set, which have no line breaks in fields."""
    rows = 0
    for path in sorted(folder.glob("*.csv*")):
        with gzip.open(path) if path.suffix == ".gz" else open(path, "rb") as file:
            rows += sum(1 for _ in file) - 1
    return rows


def import_rows(setting: Setting) -> Iterator[Row]:
    """Rows per second into an empty folder. The yardstick is raw RocksDB with synced batches."""
    for profile in IMPORTS[:1] if setting.quick else IMPORTS:
        files = setting.real_data / profile
        if not files.is_dir():
            setting.say(f"import of {profile}: skipped, {setting.real_data} does not hold it")
            continue
        rows = count_rows(files)
        row = Row(f"import {profile}, {rows:,} rows", "rows/s", "raw RocksDB, batch 512", CPU_ONE)
        raw = AppendBench(setting)
        raw.batch = 512
        yield run_pairs(row, import_run(setting, profile, files, rows), raw.raw, setting.pairs)


def import_run(setting: Setting, profile: str, files: Path, rows: int) -> Callable[[], Sample]:
    def run() -> Sample:
        with tempfile.TemporaryDirectory(dir=setting.scratch) as folder:
            factum = Factum(setting.build / "factum", Path(folder))
            return factum.run("import", "--quiet", "--profile", profile, str(files)).sample(rows)
    return run


# ---- Rebuild and replay ------------------------------------------------------------------------


def scan(setting: Setting, folder: Factum) -> dict:
    return processes.run_json([setting.program("bench_log_scan"), "--log", str(folder.log)],
                              LIMIT_S)


def scan_run(setting: Setting, folder: Factum) -> Callable[[], Sample]:
    def run() -> Sample:
        result = scan(setting, folder)
        return Sample(result["per_second"], cpu_us=result["cpu_us"])
    return run


def verify(setting: Setting, folder: Factum) -> Iterator[Row]:
    """By processor time: threads would hide what a verifier does beyond the least."""
    row = Row("verify, 1 thread", "events/s", "one scan and all SHA-256", CPU_ONE, target=0.6)
    command = [setting.program("bench_verify"), "--data", str(folder.data), "--threads", "1"]
    for _ in range(setting.pairs):
        result = processes.run_json(command, LIMIT_S)
        for samples, name in ((row.ours, "verify"), (row.yardstick, "bound")):
            cpu_us = result[f"{name}_cpu_ns"] / 1000
            samples.append(Sample(1e6 / cpu_us, cpu_us=cpu_us))
    yield row


def rebuild(setting: Setting, folder: Factum) -> Iterator[Row]:
    """Whole programs, start and stop included; what they print goes nowhere."""
    events = scan(setting, folder)["events"]
    for subcommand, arguments, target in (("replay", [], 0.7), ("rebuild", ["--quiet"], 0.25)):
        row = Row(f"{subcommand}, {events:,} events", "events/s", "bare RocksDB scan", CPU_ONE,
                  target=target)

        def run(subcommand=subcommand, arguments=arguments) -> Sample:
            return folder.run(subcommand, *arguments, keep_output=False).sample(events)
        yield run_pairs(row, run, scan_run(setting, folder), setting.pairs)
