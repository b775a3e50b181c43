#!/usr/bin/env python3
"""Kills the server in the middle of a write load, again and again; an outside recorder knows what
was acknowledged, and asks for it after each start.

Usage: kill_rounds.py PROGRAM [--rounds N] [--seed S]

Exit codes: 0 nothing acknowledged was lost or doubled, 1 something was, 130 interrupted.
"""
import argparse
import collections
import http.client
import json
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path

START_SECONDS_MAX = 60
ANSWER_SECONDS_MAX = 60
WRITERS = 4
RETRIES_PER_ROUND = 20
ACTOR = "user:018f2b4e-5a00-7000-8000-000000000001"


class Lost(Exception):
    """A promise was broken; the text says which."""


def require(holds, promise):
    if not holds:
        raise Lost(promise)


class Write:
    """One command and what was answered to it."""

    def __init__(self, number, path, body):
        self.key = str(uuid.UUID(int=number))
        self.path = path
        self.body = json.dumps(body)
        self.position = None  # of its event, once acknowledged
        self.entity = None
        self.sent = False

    def note(self, answer, headers):
        self.position = int(headers["Factum-Position"])
        self.entity = json.loads(answer).get("id")


class Server:
    """The program on a data folder, until it is killed."""

    def __init__(self, program, folder, randomness):
        self.log = open(folder / "serve.log", "w+", encoding="utf-8")
        options = ["--threads", str(randomness.randint(1, 4)),
                   "--connections-max", str(randomness.choice([8, 64, 4096]))]
        self.process = subprocess.Popen(
            [program, "serve", "--data", str(folder / "data"), "--port", "0", *options],
            stdout=subprocess.DEVNULL, stderr=self.log, start_new_session=True)
        self.port = self._read_port()

    def _read_port(self):
        give_up = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < give_up and self.process.poll() is None:
            self.log.seek(0)
            found = re.search(r"http://127\.0\.0\.1:(\d+)", self.log.read())
            if found:
                return int(found.group(1))
            time.sleep(0.01)
        self.kill()
        self.log.seek(0)
        raise Lost("the server starts: " + self.log.read()[-500:])

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS_MAX)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def send(connection, write):
    """The answer to a command: status, body, headers."""
    write.sent = True
    connection.request("POST", write.path, write.body, {
        "Content-Type": "application/json", "Factum-Actor": ACTOR, "Idempotency-Key": write.key})
    answer = connection.getresponse()
    return answer.status, answer.read(), answer.headers


class Recorder:
    """Everything that was sent, and what is known of it."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.numbers = self.random.getrandbits(96) << 20
        self.lock = threading.Lock()
        self.acknowledged = []  # writes, in any order
        self.unknown = []       # sent, without an answer
        self.customers = []
        self.read_to = 0        # every event up to here was checked
        self.by_position = {}
        self.replayed = 0
        self.counts = collections.Counter()

    def next_write(self):
        with self.lock:
            self.numbers += 1
            if self.customers and self.random.random() < 0.5:
                customer = self.random.choice(self.customers)
                tag = f"t{self.random.randrange(1 << 40)}"
                return Write(self.numbers, f"/v1/customers/{customer}:apply_tag", {"tag": tag})
            body = {"kind": "person", "name": "Somebody " + "x" * self.random.randrange(400)}
            return Write(self.numbers, "/v1/customers", body)

    def note(self, write, status, answer, headers):
        require(status in (200, 201), f"a write is taken: {status} {answer[:300]}")
        write.note(answer, headers)
        with self.lock:
            self.acknowledged.append(write)
            if write.path == "/v1/customers":
                self.customers.append(write.entity)


def write_until_killed(server, recorder, failures):
    """One writer: commands one after the other until the server is gone."""
    connection = server.connect()
    while True:
        write = recorder.next_write()
        try:
            status, answer, headers = send(connection, write)
            if status in (429, 503):
                recorder.counts["refused for load"] += 1
                with recorder.lock:
                    recorder.unknown.append(write)
                continue
            recorder.note(write, status, answer, headers)
        except (OSError, http.client.HTTPException):
            with recorder.lock:
                recorder.unknown.append(write)
            return
        except Lost as lost:
            failures.append(lost)
            return


def check_events(server, recorder):
    """Positions are dense, no event is there twice, every acknowledged one is in its place."""
    connection = server.connect()
    connection.request("GET", f"/v1/events?from={recorder.read_to + 1}")
    answer = connection.getresponse()
    require(answer.status == 200, f"the log can be read: {answer.status}")
    for line in answer.read().splitlines():
        event = json.loads(line)
        recorder.read_to += 1
        require(event["position"] == recorder.read_to, f"positions are dense at {recorder.read_to}")
        recorder.by_position[recorder.read_to] = event
    ids = [event["event_id"] for event in recorder.by_position.values()]
    require(len(set(ids)) == len(ids), "no event is there twice")
    for write in recorder.acknowledged:
        event = recorder.by_position.get(write.position)
        require(event is not None, f"the acknowledged event at {write.position} is there")
        text = json.dumps(event)
        wanted = write.entity or write.path.split("/")[3].split(":")[0]
        require(wanted in text, f"the event at {write.position} is the one acknowledged")


def check_retries(server, recorder):
    """What was acknowledged is answered again; what was not is now written once."""
    connection = server.connect()
    some = recorder.random.sample(recorder.acknowledged,
                                  min(RETRIES_PER_ROUND, len(recorder.acknowledged)))
    for write in some:
        status, answer, headers = send(connection, write)
        require(status in (200, 201) and headers.get("Idempotency-Replayed") == "true",
                f"a retry is known as such: {status} {answer[:300]}")
        again = json.loads(answer).get("id")
        require(again == write.entity, "a retry gets the first outcome")
    unknown, recorder.unknown = recorder.unknown, []
    for write in unknown:
        status, answer, headers = send(connection, write)
        replayed = headers.get("Idempotency-Replayed") == "true"
        recorder.counts["unanswered but written" if replayed else "unanswered and not written"] += 1
        recorder.note(write, status, answer, headers)
        if replayed:  # its position is that of the view now, not of its event
            recorder.acknowledged.pop()
            recorder.replayed += 1


def check_views(server, recorder):
    """The views show what was acknowledged."""
    connection = server.connect()
    for customer in recorder.random.sample(recorder.customers, min(5, len(recorder.customers))):
        connection.request("GET", f"/v1/customers/{customer}/360",
                           headers={"Factum-Min-Position": str(recorder.read_to)})
        answer = connection.getresponse()
        body = answer.read()
        require(answer.status == 200, f"an acknowledged customer is shown: {answer.status} {body}")


def one_round(program, folder, recorder):
    server = Server(program, folder, recorder.random)
    try:
        check_retries(server, recorder)
        check_events(server, recorder)
        check_views(server, recorder)
        failures = []
        writers = [threading.Thread(target=write_until_killed, args=(server, recorder, failures))
                   for _ in range(WRITERS)]
        for writer in writers:
            writer.start()
        time.sleep(recorder.random.uniform(0, 0.6))
    finally:
        server.kill()
    for writer in writers:
        writer.join()
    if failures:
        raise failures[0]


def run(program, rounds, seed, folder):
    recorder = Recorder(seed)
    began = time.monotonic()
    for done in range(1, rounds + 1):
        one_round(program, folder, recorder)
        if done % 10 == 0 or done == rounds:
            print(f"{done} of {rounds} kills, {len(recorder.acknowledged)} acknowledged writes, "
                  f"{time.monotonic() - began:.0f} s", file=sys.stderr)
    last = Server(program, folder, recorder.random)
    try:
        check_retries(last, recorder)
        check_events(last, recorder)
    finally:
        last.kill()
    print(f"{rounds} kills\n{len(recorder.acknowledged) + recorder.replayed} acknowledged writes, "
          f"none lost, none doubled\n{recorder.read_to} events in the log at the end")
    for name, count in sorted(recorder.counts.items()):
        print(f"{count} {name}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("program")
    parser.add_argument("--rounds", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="factum-kills-") as folder:
        try:
            run(arguments.program, arguments.rounds, arguments.seed, Path(folder))
        except Lost as lost:
            print(f"BROKEN PROMISE: seed {arguments.seed}: {lost}")
            return 1
        except KeyboardInterrupt:
            return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
