#!/usr/bin/env python3
"""Applies the samples of docs/extending.md to a copy of the sources, counts and compiles the files.

A new event, view or endpoint must stay a matter of few, obvious files. When a sample no longer
applies, the mechanism it shows has changed: mend it, and docs/extending.md with it.

Usage: extending_test.py SOURCE_FOLDER BUILD_FOLDER    BUILD_FOLDER holds compile_commands.json
"""
import concurrent.futures
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

# Hand-written files per sample, tests included: at most this many, and only below these folders.
SAMPLES = [
    ("event.patch", 6, ("core/crm/customer", "api/customer_routes.cpp", "tests/core/")),
    ("view.patch", 3, ("projections/",)),
    ("endpoint.patch", 1, ("api/report_routes.cpp",)),
]
FOLDERS = ("core", "eventstore", "projections", "api", "tests")


def touched_files(patch):
    """The paths that a patch changes or makes."""
    lines = patch.read_text(encoding="utf-8").splitlines()
    return [line[len("+++ b/"):] for line in lines if line.startswith("+++ b/")]


def apply(patch, tree):
    """Applies a patch, or tells why it does not fit."""
    done = subprocess.run(["git", "apply", "--whitespace=nowarn", str(patch)], cwd=tree,
                          capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else f"{patch.name} does not apply: {done.stderr.strip()}"


def compile_command(path, tree, source, commands):
    """The command that checks one file of the copy: that of the file itself or of a neighbour."""
    folder = os.path.dirname(path)
    neighbours = (known for known in commands if os.path.dirname(known) == folder)
    entry = commands.get(path) or commands[next(neighbours)]
    words = shlex.split(entry["command"])
    words = [word for word in words if "ccache" not in word]
    words = words[:words.index("-o")] + ["-fsyntax-only", str(tree / path)]
    return [word.replace(f"-I{source}", f"-I{tree}") for word in words], entry["directory"]


def check_syntax(path, tree, source, commands):
    """Compiles one file of the copy without output; gives the complaint, if any."""
    words, folder = compile_command(path, tree, source, commands)
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else f"{path} does not compile:\n{done.stderr}"


def check_samples(tree, here):
    """Applies every sample in turn; gives complaints and what to compile."""
    complaints, sources = [], set()
    for name, files_max, places in SAMPLES:
        files = touched_files(here / name)
        print(f"{name}: {len(files)} files: {', '.join(files)}")
        if len(files) > files_max:
            complaints.append(f"{name} touches {len(files)} files, not {files_max}")
        complaints += [f"{name} touches {path}" for path in files if not path.startswith(places)]
        complaints += filter(None, [apply(here / name, tree)])
        sources.update(path for path in files if path.endswith(".cpp"))
    return complaints, sorted(sources)


def main():
    source, build = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    here = source / "tests" / "extending"
    entries = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    commands = {os.path.relpath(entry["file"], source): entry for entry in entries}
    with tempfile.TemporaryDirectory(prefix="factum-extending-") as scratch:
        tree = pathlib.Path(scratch)
        for folder in FOLDERS:
            shutil.copytree(source / folder, tree / folder)
        complaints, sources = check_samples(tree, here)
        if not complaints:
            with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
                checks = pool.map(lambda path: check_syntax(path, tree, source, commands), sources)
                complaints += filter(None, checks)
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
