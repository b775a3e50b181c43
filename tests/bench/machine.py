"""What was measured on: machine, disk, compiler, libraries, load. Printed before any figure."""

import os
import platform
import re
import subprocess
from pathlib import Path

from processes import run_json

# Debian packages whose versions decide the figures.
LIBRARIES = (("RocksDB", "librocksdb-dev"), ("Boost", "libboost1.81-dev"),
             ("OpenSSL", "libssl-dev"), ("simdjson", "libsimdjson-dev"), ("wrk", "wrk"))


def first_match(pattern: str, path: str) -> str:
    found = re.search(pattern, Path(path).read_text(errors="replace"), re.M)
    return found.group(1).strip() if found else "unknown"


def said_by(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def version_of(package: str) -> str:
    return said_by(["dpkg-query", "-W", "-f", "${Version}", package]) or "unknown"


def compiler_of(build: Path) -> str:
    cache = str(build / "CMakeCache.txt")
    compiler = first_match(r"^CMAKE_CXX_COMPILER:\w+=(.*)$", cache)
    version = said_by([compiler, "--version"]).splitlines() or ["unknown"]
    return f"{first_match(r'^CMAKE_BUILD_TYPE:[^=]+=(.*)$', cache)}, {version[0]}"


def commit_of(root: Path) -> str:
    commit = said_by(["git", "-C", str(root), "rev-parse", "--short", "HEAD"]) or "unknown"
    changed = said_by(["git", "-C", str(root), "status", "--porcelain"])
    return commit + (" with changes" if changed else "")


def disk_of(scratch: Path, build: Path, seconds: int) -> str:
    mount = said_by(["df", "--output=source,fstype", str(scratch)]).splitlines()[-1].split()
    flush = run_json([str(build / "bench_disk_flush"), "--directory", str(scratch),
                      "--seconds", str(seconds)], seconds + 30)
    return (f"{mount[1]} on {mount[0]}; append 512 B + fdatasync: {flush['per_second']:,.0f}/s, "
            f"p50 {flush['p50_us']:.0f} µs, p99 {flush['p99_us']:.0f} µs")


def load() -> str:
    return " ".join(f"{value:.1f}" for value in os.getloadavg())


def is_busy() -> bool:
    """Whether something else takes a good part of the machine."""
    return os.getloadavg()[0] > 0.25 * (os.cpu_count() or 1)


def facts(root: Path, build: Path, scratch: Path, seconds: int) -> list[tuple[str, str]]:
    memory_kib = int(first_match(r"^MemTotal:\s+(\d+)", "/proc/meminfo"))
    libraries = ", ".join(f"{name} {version_of(package)}" for name, package in LIBRARIES)
    return [
        ("load", f"{load()} before the first run (1, 5, 15 minutes)"),
        ("machine", f"{first_match(r'^model name.*: (.*)$', '/proc/cpuinfo')}, "
                    f"{os.cpu_count()} cores, {memory_kib / 2**20:.0f} GiB"),
        ("kernel", f"{platform.system()} {platform.release()}"),
        ("disk", disk_of(scratch, build, seconds)),
        ("build", compiler_of(build)),
        ("libraries", libraries),
        ("commit", commit_of(root)),
    ]
