"""Programs that a benchmark starts: bounded in time, ended by their id, their CPU time read."""

import http.client
import json
import os
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

from measure import Sample

HERE = Path(__file__).resolve().parent
STOP_WITHIN_S = 10
TICKS = os.sysconf("SC_CLK_TCK")


class Failed(Exception):
    """A program did not do what the measurement needs; the text says which and why."""


def stop(process: subprocess.Popen) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def run(command: list[str], limit_s: float, keep_output: bool = True) -> str:
    """Runs a program to its end and gives what it printed. It gets no signal of the terminal, so
    that Ctrl-C ends it here and in order."""
    name = " ".join(Path(part).name for part in command[:2])
    with tempfile.TemporaryFile() as errors:
        output = subprocess.PIPE if keep_output else subprocess.DEVNULL
        process = subprocess.Popen(command, stdout=output, stderr=errors,
                                   stdin=subprocess.DEVNULL, start_new_session=True)
        try:
            printed, _ = process.communicate(timeout=limit_s)
        except subprocess.TimeoutExpired as error:
            raise Failed(f"{name} took more than {limit_s:.0f} s") from error
        finally:
            stop(process)
        if process.returncode != 0:
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip().splitlines()[-3:]
            raise Failed(f"{name} ended with {process.returncode}: {' / '.join(said)}")
    return printed.decode() if keep_output else ""


def run_json(command: list[str], limit_s: float) -> dict:
    """Runs a program whose last line is a JSON object and gives that object."""
    return json.loads(run(command, limit_s).strip().splitlines()[-1])


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


class Server:
    """A server on loopback that is under load."""

    def __init__(self, process: subprocess.Popen, port: int):
        self.process = process
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    def get(self, path: str, headers: dict[str, str] | None = None):
        """One request on a connection of its own: status, headers as sent, body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()

    def post(self, path: str, body: bytes, headers: dict[str, str]):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()


@contextmanager
def started(command: list[str], log: Path) -> Iterator[subprocess.Popen]:
    with open(log, "wb") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors,
                                   stdin=subprocess.DEVNULL, start_new_session=True)
        try:
            yield process
        finally:
            stop(process)


@contextmanager
def yardstick_server(program: Path, scratch: Path, head: list[tuple[str, str]], body: bytes,
                     status: int) -> Iterator[Server]:
    """The minimal server, answering everything with this head, body and status."""
    (scratch / "yardstick_body").write_bytes(body)
    own = ("content-length", "connection", "transfer-encoding")
    lines = [f"{name}: {value}\n" for name, value in head if name.lower() not in own]
    (scratch / "yardstick_head").write_text("".join(lines))
    command = [str(program), "--body", str(scratch / "yardstick_body"),
               "--head", str(scratch / "yardstick_head"), "--status", str(status)]
    with started(command, scratch / "yardstick.log") as process:
        yield Server(process, int(process.stdout.readline()))


def wait_until_ready(server: Server, limit_s: float, log: Path, poll_s: float) -> None:
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            break
        try:
            if server.get("/readyz")[0] == 200:
                return
        except OSError:
            pass
        time.sleep(poll_s)
    said = log.read_text(errors="replace").strip().splitlines()[-3:]
    raise Failed(f"the server was not ready within {limit_s:.0f} s: {' / '.join(said)}")


def wrk(server: Server, path: str, clients: int, seconds: float, arguments: list[str]) -> Sample:
    """Loads a server. A refused or broken request makes the run worthless, so it fails."""
    whole_seconds = max(1, round(seconds))
    command = ["wrk", "-t1", f"-c{clients}", f"-d{whole_seconds}s", "--timeout", "10s",
               "-s", str(HERE / "load.lua"), server.url + path, "--", *arguments]
    before = cpu_seconds(server.process.pid)
    printed = run(command, whole_seconds + 30)
    cpu = cpu_seconds(server.process.pid) - before
    result = json.loads(printed.rpartition("bench ")[2])
    if result["requests"] == 0 or result["refused"] or result["broken"]:
        raise Failed(f"wrk {path}: {result['requests']} requests, {result['refused']} refused, "
                     f"{result['broken']} broken")
    return Sample(result["requests"] / result["seconds"], result["p50_us"], result["p99_us"],
                  cpu * 1e6 / result["requests"], cpu / result["seconds"])
