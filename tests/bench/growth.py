"""The same figures on logs of growing size: what gets slower, larger or later to start."""

import json
import os
import signal
import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

import paths
import processes
from factum import Factum
from measure import Sample, count
from paths import Loads, Setting
from processes import Server

SIZES = (100_000, 1_000_000, 10_000_000)
EVENTS_PER_CUSTOMER = 27.5
LIST_PAGES = 10
STARTS = 5
LIMIT_S = 3600


@dataclass
class Line:
    """One figure by size of the log. `better`: +1 = more is better, -1 = less is."""

    name: str
    unit: str
    better: int
    values: list[float] = field(default_factory=list)

    def change(self) -> float:
        return self.values[-1] / self.values[0]

    def is_flat(self) -> bool:
        """Within 20 % of the smallest log, or better."""
        return self.change() >= 0.8 if self.better > 0 else self.change() <= 1.25


class Table:
    def __init__(self, say: Callable[[str], None]):
        self.lines: dict[str, Line] = {}
        self.say = say

    def add(self, name: str, unit: str, better: int, value: float) -> None:
        self.lines.setdefault(name, Line(name, unit, better)).values.append(value)
        self.say(f"  {name}: {count(value)} {unit}")

    def text(self, sizes: list[int]) -> str:
        rows = [["figure", *(f"{size / 1e6:g} M events" for size in sizes), "last/first", "flat"]]
        for line in self.lines.values():
            rows.append([line.name, *(f"{count(v)} {line.unit}" for v in line.values),
                         f"{line.change():.2f}", "yes" if line.is_flat() else "no"])
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        text = ["| " + " | ".join(c.ljust(w) for c, w in zip(row, widths)) + " |" for row in rows]
        text.insert(1, "|" + "|".join("-" * (w + 2) for w in widths) + "|")
        return "\n".join(text)


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def peak_memory(pid: int) -> float:
    """MiB that the process had in memory at most."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0


def filled(setting: Setting, place: Path, size: int) -> Factum:
    """The folder of this size; what an earlier run made is used again."""
    folder = Factum(setting.build / "factum", place / str(size))
    if not (folder.folder / "whole").exists():
        setting.say(f"filling {folder.folder} with {size:,} events")
        folder.run("demo", "--quiet", "--size", str(round(size / EVENTS_PER_CUSTOMER)),
                   limit_s=LIMIT_S)
        folder.run("rebuild", "--quiet", limit_s=LIMIT_S)
        (folder.folder / "whole").touch()
    return folder


class Grown:
    """The measurements of one folder."""

    def __init__(self, setting: Setting, folder: Factum, table: Table):
        self.setting = setting
        self.folder = folder
        self.table = table
        self.events = paths.scan(setting, folder)["events"]
        self.pipeline = folder.ids_of("PipelineDefined", "pipeline", 1)[0]
        self.actor = "user:" + folder.ids_of("UserAdded", "user", 1)[0]

    def append(self) -> None:
        """On a log of its own, of the same length: what is appended here is no interaction."""
        bench = paths.AppendBench(self.setting)
        for producers in (1, 64):
            sample = bench.measure("store", "--producers", str(producers),
                                   "--prefill", str(self.events))
            self.table.add(f"append, {producers} producers", "/s", 1, sample.per_second)
            self.table.add(f"append, {producers} producers, p99", "µs", -1, sample.p99_us or 0)

    def programs(self) -> None:
        result = processes.run_json([self.setting.program("bench_log_scan"), "--log",
                                     str(self.folder.log)], LIMIT_S)
        self.table.add("bare scan", "events/s", 1, result["per_second"])
        for name, *arguments in (("verify", "--quiet"), ("replay",),
                                 ("rebuild", "--quiet", "--view", "customer_360")):
            run = self.folder.run(name, *arguments, keep_output=False, limit_s=LIMIT_S)
            self.table.add(" ".join([name, *arguments[2:]]), "events/s", 1,
                           self.events / run.seconds)
            self.table.add(" ".join([name, *arguments[2:], "CPU"]), "µs/event", -1,
                           1e6 * run.cpu_seconds / self.events)

    def disk(self) -> None:
        bare = processes.run_json([self.setting.program("bench_bare_log"), "--log",
                                   str(self.folder.log), "--to",
                                   str(self.setting.scratch / "bare")], LIMIT_S)
        log, views = size_of(self.folder.log), size_of(self.folder.data / "views")
        self.table.add("disk: bare LZ4 log", "B/event", -1, bare["bytes"] / self.events)
        self.table.add("disk: log", "B/event", -1, log / self.events)
        self.table.add("disk: views", "B/event", -1, views / self.events)
        self.table.add("disk: all, of the bare log", "x", -1, (log + views) / bare["bytes"])

    def start(self, name: str) -> None:
        """Milliseconds from the start of the program until it answers, beside a bare opening."""
        opened = [processes.run_json([self.setting.program("bench_log_scan"), "--log",
                                      str(self.folder.log), "--open-only", "1"],
                                     LIMIT_S)["open_ms"] for _ in range(STARTS)]
        took = []
        for _ in range(STARTS if name == "a clean stop" else 1):
            began = time.monotonic()
            with self.folder.served(poll_s=0.002):
                took.append(1000 * (time.monotonic() - began))
        self.table.add(f"start after {name}", "ms", -1, statistics.median(took))
        self.table.add(f"bare opening after {name}", "ms", -1, statistics.median(opened))

    def serve(self) -> None:
        with self.folder.served() as server:
            self.reads(server)
            self.table.add("memory, most after reads", "MiB", -1, peak_memory(server.process.pid))
            self.posts(server)
            self.table.add("memory, most after writes", "MiB", -1, peak_memory(server.process.pid))
            os.kill(server.process.pid, signal.SIGKILL)
            server.process.wait()

    def customers(self, server: Server) -> list[str]:
        """Some of all: by name they lie anywhere in the log."""
        ids: list[str] = []
        after = ""
        for _ in range(LIST_PAGES):
            page = json.loads(server.get(f"/v1/customers?limit=200{after}")[2])
            ids += [customer["id"] for customer in page["data"]]
            after = f"&after={page['page']['next']}"
            if not page["page"]["has_more"]:
                break
        return ids

    def rate(self, name: str, run: Callable[[], Sample]) -> None:
        samples = [run() for _ in range(self.setting.pairs)]
        best = sorted(samples, key=lambda sample: sample.per_second)[len(samples) // 2]
        self.table.add(name, "/s", 1, best.per_second)
        self.table.add(f"{name}, p99", "µs", -1, best.p99_us or 0)

    def reads(self, server: Server) -> None:
        loads = Loads(self.setting)
        customers = self.customers(server)
        for read in paths.reads_of(server, customers, self.pipeline):
            self.rate(read.name, loads.gets(server, read.lines))
        middle = self.events // 2
        few = [f"/v1/customers/{customer}/360" for customer in customers[:paths.HOT_CUSTOMERS]]
        self.rate("GET 360 as of now", loads.gets(
            server, [f"{path}?as_of={self.events}" for path in few]))
        began = time.monotonic()
        server.get(f"/v1/customers?limit=20&as_of={middle}")
        self.table.add("GET customers as of half-way, first answer", "ms", -1,
                       1000 * (time.monotonic() - began))

    def posts(self, server: Server) -> None:
        loads = Loads(self.setting)
        customers = self.customers(server)
        self.rate("POST interaction, 64 clients", loads.posts(
            server, "/v1/interactions", customers, paths.interaction("@ID@"), self.actor, 64))


def measure(setting: Setting, place: Path, most: int) -> str:
    table = Table(setting.say)
    sizes = [size for size in SIZES if size <= most]
    for size in sizes:
        folder = filled(setting, place, size)
        grown = Grown(setting, folder, table)
        setting.say(f"{grown.events:,} events")
        grown.append()
        grown.programs()
        grown.disk()
        grown.start("a clean stop")
        grown.serve()
        grown.start("kill -9")
    return table.text(sizes)
