"""Samples, pairs of alternating runs, and the table they become."""

import statistics
from dataclasses import dataclass, field
from typing import Callable


@dataclass
class Sample:
    """One run. Times in microseconds; `cpu_us`: CPU time of the measured process per operation, the
    figure that a busy machine disturbs least; `cores`: how many it kept busy; `batch`: events per
    durable write. None = not measured."""

    per_second: float
    p50_us: float | None = None
    p99_us: float | None = None
    cpu_us: float | None = None
    cores: float | None = None
    batch: float | None = None


@dataclass
class Row:
    """A path: our runs, the runs of its yardstick, and what to say about it."""

    name: str
    unit: str
    yardstick_name: str
    bound: str
    ours: list[Sample] = field(default_factory=list)
    yardstick: list[Sample] = field(default_factory=list)
    target: float | None = None

    def ratios(self) -> list[float]:
        return [a.per_second / b.per_second for a, b in zip(self.ours, self.yardstick)]


Run = Callable[[], Sample]


def run_pairs(row: Row, ours: Run, yardstick: Run, pairs: int) -> Row:
    """Runs both alternately, each first in every second pair, so that drift hits both alike."""
    for pair in range(pairs):
        if pair % 2 == 0:
            row.ours.append(ours())
            row.yardstick.append(yardstick())
        else:
            row.yardstick.append(yardstick())
            row.ours.append(ours())
    return row


def median_of(samples: list[Sample], name: str) -> float | None:
    values = [getattr(s, name) for s in samples if getattr(s, name) is not None]
    return statistics.median(values) if values else None


def count(value: float | None) -> str:
    """A number a reader can take in: 1,234 · 12.3k · 1.23M."""
    if value is None:
        return ""
    if value >= 999_500:
        return f"{value / 1e6:.2f}M"
    if value >= 9_995:
        return f"{value / 1e3:.1f}k"
    return f"{value:,.0f}" if value >= 10 else f"{value:.2f}"


def latency(value: float | None) -> str:
    if value is None:
        return ""
    if value < 1000:
        return f"{value:.0f} µs"
    return f"{value / 1000:.1f} ms" if value < 9_950 else f"{value / 1000:.0f} ms"


def ratio(value: float) -> str:
    return f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"


def processor(samples: list[Sample]) -> str:
    value = median_of(samples, "cpu_us")
    return "" if value is None else f"{value:.1f}"


def seen(row: Row) -> str:
    """What the runs showed besides the rate."""
    parts = []
    p50, p99 = median_of(row.ours, "p50_us"), median_of(row.ours, "p99_us")
    if p50 is not None:
        parts.append(f"p50 {latency(p50)}, p99 {latency(p99)}")
    cores, batch = median_of(row.ours, "cores"), median_of(row.ours, "batch")
    if cores is not None:
        parts.append(f"{cores:.1f} cores")
    if batch is not None:
        parts.append(f"batch {batch:.0f}")
    return ", ".join(parts)


COLUMNS = ("path", "ours", "yardstick", "ratio", "min–max", "target", "CPU µs: ours", "yardstick",
           "our runs", "bounded by")


def cells(row: Row) -> tuple[str, ...]:
    ratios = row.ratios()
    ours, yardstick = median_of(row.ours, "per_second"), median_of(row.yardstick, "per_second")
    target = "" if row.target is None else f"≥ {row.target:g}"
    return (row.name, f"{count(ours)} {row.unit}", f"{count(yardstick)} {row.yardstick_name}",
            ratio(statistics.median(ratios)), f"{ratio(min(ratios))}–{ratio(max(ratios))}", target,
            processor(row.ours), processor(row.yardstick), seen(row), row.bound)


def summary(row: Row) -> str:
    """One line for who is waiting for the table."""
    return f"{row.name}: {ratio(statistics.median(row.ratios()))} of {row.yardstick_name}"


def table(rows: list[Row]) -> str:
    """A Markdown table that is also readable as text."""
    lines = [COLUMNS] + [cells(row) for row in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(COLUMNS))]
    text = ["| " + " | ".join(c.ljust(w) for c, w in zip(line, widths)) + " |" for line in lines]
    text.insert(1, "|" + "|".join("-" * (w + 2) for w in widths) + "|")
    return "\n".join(text)
