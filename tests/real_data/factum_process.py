"""Runs the program on a data folder: imports, and a server to ask over HTTP."""
import json
import re
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

START_SECONDS_MAX = 60
ANSWER_SECONDS_MAX = 120


class Imported:
    """How an import ended."""

    def __init__(self, process):
        self.code = process.returncode
        self.output = process.stdout
        self.error = process.stderr.strip()

    def count(self, what):
        """A number of the summary, such as "events recorded"; 0 if it is not there."""
        found = re.search(rf"^ *([\d,]+)  {re.escape(what)}$", self.output, re.MULTILINE)
        return int(found.group(1).replace(",", "")) if found else 0


def run_import(factum, data, profile, *arguments):
    command = [factum, "import", "--data", str(data), "--profile", profile, "--quiet"]
    return Imported(subprocess.run(command + [str(a) for a in arguments], text=True,
                                   capture_output=True, check=False))


class Server:
    """A server on a free port, stopped at the end of a with block."""

    def __init__(self, factum, data):
        self.process = subprocess.Popen(
            [factum, "serve", "--data", str(data), "--port", "0"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.url = self._read_url()
        self.head = self._read_head()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.communicate(timeout=START_SECONDS_MAX)

    def _read_url(self):
        for line in self.process.stderr:
            found = re.search(r"http://[\d.]+:\d+", line)
            if found:
                return found.group(0)
        raise AssertionError("the server did not start")

    def _read_head(self):
        newest = self.events(limit=1, backwards="true")
        return newest[0]["position"] if newest else 0

    def get(self, path, **query):
        """A JSON answer that reflects the whole log; waits while the views catch up."""
        text = self._get(path, dict(query, min_position=self.head))
        return json.loads(text)

    def events(self, **query):
        lines = self._get("/v1/events", query).splitlines()
        return [json.loads(line) for line in lines]

    def count_events(self, name):
        return len(self.events(type=name))

    def pages(self, path, **query):
        """All items of a list."""
        after = {}
        while True:
            page = self.get(path, limit=200, **query, **after)
            yield from page["data"]
            if not page["page"]["has_more"]:
                return
            after = {"after": page["page"]["next"]}

    def _get(self, path, query):
        url = self.url + path + ("?" + urllib.parse.urlencode(query) if query else "")
        give_up = time.monotonic() + ANSWER_SECONDS_MAX
        while True:
            try:
                with urllib.request.urlopen(url, timeout=ANSWER_SECONDS_MAX) as answer:
                    return answer.read().decode()
            except urllib.error.HTTPError as error:
                if error.code != 503 or time.monotonic() > give_up:
                    raise AssertionError(f"{path}: {error.code} {error.read()[:500]}") from error
                # A view that is built for the first time answers at once that it is not there yet.
                time.sleep(0.1)
