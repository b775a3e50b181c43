#!/usr/bin/env python3
"""Checks the rules of docs/conventions.md that need no compiler. Runs as the test `tidy`.

Usage: scripts/tidy.py [ROOT]    prints one line per finding; exit code 1 if there is any.
The tables come first: to change a rule, change its table. scripts/tidy_test.py tests the checks.
"""

import json
import os
import re
import subprocess
import sys
import unicodedata
from fnmatch import fnmatch
from pathlib import Path
from typing import Iterator, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent))
import cpp_text  # noqa: E402

Files = dict[str, str]


class Finding(NamedTuple):
    path: str
    line: int
    message: str


class Banned(NamedTuple):
    """A pattern in code (comments and literals are not looked at) and what to write instead."""

    pattern: str
    instead: str
    where: tuple[str, ...] = ("*",)
    allowed: tuple[str, ...] = ()


class Library(NamedTuple):
    """Who may include a library's headers. Never a header of ours unless it is named here."""

    name: str
    headers: str
    allowed: tuple[str, ...]


# ---- Tables ------------------------------------------------------------------------------------

PRODUCT = ("core/*", "eventstore/*", "projections/*", "api/*")
# The command line: prints, reads the environment, ends the process.
COMMAND_LINE = ("api/main.cpp", "api/cli/*.cpp", "api/import/progress.cpp")
CPP = (".cpp", ".hpp")
TEXT = (*CPP, ".py", ".sh", ".md", ".json", ".txt", ".cmake", ".toml", ".awk", ".sql", "")
# Written by a program or compared byte for byte: neither style nor language is ours.
FOREIGN = ("tests/golden/*", "tests/data/*", "LICENSE", "docs/openapi.json")

FILE_LINES_MAX = 500
TEST_FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 70
COLUMNS_MAX = 100

# folder → folders of ours it may include; the longest matching folder counts. Tests may all.
LAYERS = {
    "core/base": ("core/base",),
    "core/es": ("core/base", "core/es"),
    "core/crm": ("core/base", "core/es", "core/crm"),
    "eventstore": ("core/base", "core/es", "eventstore"),
    "projections": ("core/base", "core/es", "core/crm", "projections"),
    "api": ("core/base", "core/es", "core/crm", "projections", "api"),
}
# Files that may include more than their layer: here alone implementations are named.
COMPOSITION_ROOT = {"eventstore": ("api/app*.cpp",)}

LIBRARIES = (
    Library("tl::expected", r"tl/", ("core/*", "eventstore/*", "projections/*", "api/*")),
    Library("simdjson", r"simdjson", ("core/es/json_reader.cpp",)),
    Library("RocksDB", r"rocksdb/", ("eventstore/rocksdb_*.cpp", "projections/rocksdb_*.cpp")),
    Library("OpenSSL", r"openssl/", tuple(f"eventstore/{name}.cpp" for name in (
        "aes_sealer", "hash", "secret", "signed_note", "system_sources"))),
    Library("Beast and Asio", r"boost/(beast|asio)", ("api/server/*.cpp",)),
    Library("Boost", r"boost/", ()),
    Library("nlohmann JSON", r"nlohmann/",
            ("api/json_pointer.cpp", "api/openapi.cpp", "api/import/profile*",
             "eventstore/manifest.cpp")),
    Library("libcurl", r"curl/", ("eventstore/http_client.cpp",)),
    Library("libarchive", r"archive(_entry)?\.h", ("eventstore/zip_stream.cpp",)),
    Library("libzip", r"zip\.h", ("eventstore/zip_files.cpp",)),
    Library("ICU", r"unicode/", ("api/import/text_decoder.cpp", "projections/name_tokens.cpp")),
    Library("zlib and zstd", r"(zlib|zstd)\.h", ("api/import/byte_source.cpp",)),
    Library("spdlog and fmt", r"(spdlog|fmt)/", ("api/cli/json_log.cpp",)),
    Library("CLI11", r"CLI/", ("api/cli/*.cpp",)),
    Library("toml++", r"toml", ("api/cli/*.cpp",)),
    Library("date", r"date/", ("api/import/time_parser.cpp",)),
)

BANNED = (
    Banned(r"\b(std::)?s?rand\(|\bstd::random_shuffle\b", "IdSource, or a seeded std::mt19937_64"),
    Banned(r"\brandom_device\b", "an IdSource or a seed given as an argument", PRODUCT,
           ("eventstore/*.cpp",)),
    Banned(r"\b(localtime|gmtime|mktime|timegm|strftime|strptime|asctime|ctime)(_r)?\(",
           "core/base/time.hpp"),
    Banned(r"\bsystem_clock::now\(", "the Clock port, so that tests can set the time",
           ("*",), ("eventstore/system_sources.cpp",)),
    Banned(r"\b(std::)?(v?s?printf|v?fprintf|puts|putchar|fputs|gets)\(",
           "std::snprintf, or the logger; only the command line prints", PRODUCT,
           ("core/base/contract.hpp", *COMMAND_LINE)),
    Banned(r"\bstd::(cout|cerr|clog|cin)\b", "the logger; only the command line prints",
           PRODUCT, COMMAND_LINE),
    Banned(r"\bstd::endl\b", "'\\n'"),
    Banned(r"\b(std::)?(system|popen|execvp?|execlp?)\(", "a library call", PRODUCT),
    Banned(r"\bfork\(", "a thread; only crash tests start processes", PRODUCT),
    Banned(r"\bsleep_(for|until)\(|\b(u|nano)?sleep\(",
           "a condition variable, a subscription or a deadline; never sleep to synchronise"),
    Banned(r"\bnew\s+[\w:(]|\bdelete(\s*\[\s*\])?\s+[\w*(]",
           "std::make_unique, a container or a value"),
    Banned(r"\b(malloc|calloc|realloc|free)\(", "a container or a value", PRODUCT),
    Banned(r"\b(strcpy|strcat|strncpy|strncat|strtok|alloca)\(", "std::string or std::string_view"),
    Banned(r"\b(ato[ifl]l?|strto[ldfu]\w*)\(|\bstd::sto[ildfu]+\(", "std::from_chars"),
    Banned(r"\bstrerror\(", "std::generic_category().message(errno), which is safe in threads"),
    Banned(r"\bstd::w?regex\b", "a hand-written scan: std::regex is slow and can use up the stack"),
    Banned(r"\.detach\(\)", "std::jthread or a joined std::thread"),
    Banned(r"(?<!static_)\bassert\(", "FACTUM_ASSERT, which stays on in release", PRODUCT),
    # CLI11 wants to hear of a wrong settings file by an exception.
    Banned(
        r"\bthrow\b",
        "fail(...) or refuse(...): errors are values",
        PRODUCT,
        ("api/cli/toml_config.cpp",),
    ),
    Banned(r"\busing namespace\b", "the names you need", ("*.hpp",)),
    Banned(r"\bgetenv\(", "an option that api/main.cpp reads", PRODUCT, COMMAND_LINE),
    Banned(r"\b(std::)?(exit|_exit|quick_exit|abort|terminate)\(",
           "a Result, or FACTUM_ASSERT for a bug", PRODUCT,
           ("core/base/contract.hpp", *COMMAND_LINE)),
    Banned(r"\bgoto\b|\bsetjmp\(|\blongjmp\(", "a function"),
    Banned(r"\bdoctest::(skip|may_fail|should_fail|expected_failures)\b",
           "a mended test, or none and the reason in the commit"),
    Banned(r"#\s*if\s+0\b", "nothing: delete dead code"),
)

LEFTOVER = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|HA" + r"CK|XX" + r"X)\b")
# std::make_unique cannot reach a private constructor; a new that is owned at once is fine.
OWNED_NEW = re.compile(r"(\bunique_ptr<[\w:]+>(?:\s+\w+)?\s*\(\s*)new\b")
MACHINE_PATH = re.compile(r"(?<![\w.~>])/(home|Users|root|work|mnt)/\w")
NOLINT = re.compile(r"NOLINT(NEXTLINE|BEGIN|END)?")
NOLINT_WITH_REASON = re.compile(r"NOLINT((NEXTLINE|BEGIN)?\([\w.,-]+\): \S|END\([\w.,-]+\))")
# A comment that reads like a statement. Prose may end in ';' but has no call, '=' or brace there;
# an example is indented.
DEAD_CODE = re.compile(
    r"^(return\b.*;|[\w:<>,&*\s]+\s[&*]?\w+\s*(=[^=]|\().*;|[\w:.>-]+\([^)]*\);"
    r"|(if|for|while|switch)\s*\(.*\)\s*\{?|\}|#\s*(include|if|define)\b.*)$")

# ---- Checks ------------------------------------------------------------------------------------


def is_cpp(path: str) -> bool:
    return path.endswith(CPP)


def matches(path: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch(path, pattern) for pattern in patterns)


def own(files: Files, keep=lambda path: True) -> Iterator[tuple[str, str]]:
    return ((p, t) for p, t in files.items() if not matches(p, FOREIGN) and keep(p))


def columns(line: str) -> int:
    if line.isascii():
        return len(line)
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in line)


def check_file_length(files: Files) -> Iterator[Finding]:
    for path, text in own(files, lambda p: p.endswith((*CPP, ".py", ".sh")) or "." not in p):
        limit = TEST_FILE_LINES_MAX if path.startswith("tests/") else FILE_LINES_MAX
        count = text.count("\n")
        if count > limit:
            yield Finding(path, limit, f"{count} lines, at most {limit}: split it by idea")


def check_function_length(files: Files) -> Iterator[Finding]:
    for path, text in own(files, is_cpp):
        for name, first, last in cpp_text.functions(cpp_text.code_only(text)):
            if last - first + 1 > FUNCTION_LINES_MAX:
                yield Finding(path, first, f"{name} has {last - first + 1} lines, at most "
                              f"{FUNCTION_LINES_MAX}: move straight work into helpers")


def check_lines(files: Files) -> Iterator[Finding]:
    for path, text in own(files):
        if text and not text.endswith("\n"):
            yield Finding(path, text.count("\n") + 1, "end the last line with a line feed")
        unbreakable = cpp_text.raw_literal_lines(text) if is_cpp(path) else set()
        for number, line in enumerate(text.split("\n"), 1):
            if line.endswith((" ", "\r", "\t")):
                yield Finding(path, number, "remove the white space at the end of the line")
            if "\t" in line and (is_cpp(path) or path.endswith(".py")):
                yield Finding(path, number, "write spaces, not tabs")
            if is_cpp(path) or path.endswith(".py"):
                too_wide = columns(line) > COLUMNS_MAX and "http" not in line
                if too_wide and number not in unbreakable:
                    yield Finding(path, number, f"{columns(line)} columns, at most {COLUMNS_MAX}")


def check_banned(files: Files) -> Iterator[Finding]:
    rules = [(re.compile(rule.pattern), rule) for rule in BANNED]
    for path, text in own(files, is_cpp):
        code = OWNED_NEW.sub(r"\1___", cpp_text.code_only(text))
        for pattern, rule in rules:
            for found in pattern.finditer(code):
                if matches(path, rule.where) and not matches(path, rule.allowed):
                    yield Finding(path, code.count("\n", 0, found.start()) + 1,
                                  f"write {rule.instead} instead of '{found.group(0).strip()}'")


def check_leftovers(files: Files) -> Iterator[Finding]:
    for path, text in own(files):
        for number, line in enumerate(text.split("\n"), 1):
            found = LEFTOVER.search(line)
            if found:
                yield Finding(path, number, f"'{found.group(0)}': do it now or open an issue")
    for path, text in own(files, is_cpp):
        for number, comment in cpp_text.comments(text):
            if NOLINT.search(comment) and not NOLINT_WITH_REASON.search(comment):
                yield Finding(path, number, "write NOLINT(check-name): reason")
            if not comment.startswith(" ") and DEAD_CODE.match(comment.rstrip()):
                yield Finding(path, number, "delete commented-out code (or make it a sentence)")


def layer_of(path: str) -> str | None:
    folders = [folder for folder in LAYERS if path.startswith(folder + "/")]
    return max(folders, key=len, default=None)


def check_layers(files: Files) -> Iterator[Finding]:
    for path, text in own(files, is_cpp):
        layer = layer_of(path)
        for number, included in cpp_text.includes(text):
            target = layer_of(included)
            if layer is None or target is None or target in LAYERS[layer]:
                continue
            if matches(path, COMPOSITION_ROOT.get(target, ())):
                continue
            yield Finding(path, number, f"{layer} may not include {target}: "
                          "use a port of core, or move the code")


def check_libraries(files: Files) -> Iterator[Finding]:
    for path, text in own(files, lambda p: is_cpp(p) and matches(p, PRODUCT)):
        for number, included in cpp_text.includes(text):
            library = next((x for x in LIBRARIES if re.match(x.headers, included)), None)
            if library is None or matches(path, library.allowed):
                continue
            allowed = ", ".join(library.allowed) or "no file of the program"
            yield Finding(path, number, f"{library.name} may be included by: {allowed}; hide it "
                          "behind a function, or name this .cpp in LIBRARIES of scripts/tidy.py")


def check_headers(files: Files) -> Iterator[Finding]:
    everything = {path for text in files.values() for _, path in cpp_text.includes(text)}
    for path, text in own(files, lambda p: p.endswith(".hpp")):
        lines = text.split("\n")
        if not re.match(r"// [^\s]", lines[0]):
            yield Finding(path, 1, "say in a first line '// …' what the file is for")
        if "#pragma once" not in lines:
            yield Finding(path, 1, "write '#pragma once' below the first comment")
        if path not in everything:
            yield Finding(path, 1, "no file includes this header: use it or delete it")


def check_include_order(files: Files) -> Iterator[Finding]:
    for path, text in own(files, lambda p: p.endswith(".cpp")):
        header = path[:-4] + ".hpp"
        first = next((included for _, included in cpp_text.includes(text)), None)
        if header in files and first != header:
            yield Finding(path, 1, f'include "{header}" first: that proves it stands alone')


def check_coroutines(files: Files) -> Iterator[Finding]:
    for path, text in own(files, is_cpp):
        code = cpp_text.code_only(text)
        if path.startswith(("core/", "eventstore/", "projections/")) and "co_await" in code:
            yield Finding(path, 1, "coroutines live in api/server only: use a plain function")
        for line, fault in cpp_text.coroutine_faults(code):
            yield Finding(path, line, f"{fault}: name a function or a variable for it")


def check_sources_are_built(files: Files) -> Iterator[Finding]:
    cmake = "\n".join(t for p, t in files.items() if p.endswith("CMakeLists.txt"))
    words = set(re.findall(r"\w[\w./*-]*", re.sub(r"#[^\n]*", "", cmake)))
    globs = tuple(word for word in words if "*" in word)
    for path, _ in own(files, lambda p: p.endswith(".cpp")):
        if not words & {path, os.path.dirname(path)} and not matches(path, globs):
            yield Finding(path, 1, "no target builds this file: name its folder in CMakeLists.txt")


def check_scripts(files: Files) -> Iterator[Finding]:
    for path, text in own(files, lambda p: p.startswith("scripts/") and not p.endswith(".py")):
        lines = text.split("\n")
        comment = lines[1] if lines[0].startswith("#!") and len(lines) > 1 else lines[0]
        if not comment.startswith("# "):
            yield Finding(path, 1, "say in a first comment what the file is for")


def check_documents(files: Files) -> Iterator[Finding]:
    for path, text in own(files, lambda p: p.endswith(".md")):
        if len(re.findall(r"^\s*```", text, re.M)) % 2:
            yield Finding(path, 1, "a code block is not closed")
        prose = re.sub(r"^\s*```.*?^\s*```", lambda m: re.sub(r"[^\n]", "", m.group(0)), text,
                       flags=re.M | re.S)
        titles = re.findall(r"^# ", prose, re.M)
        if len(titles) != 1:
            yield Finding(path, 1, f"{len(titles)} titles ('# '), exactly one is wanted")
        for number, line in enumerate(prose.split("\n"), 1):
            for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", line):
                local = os.path.normpath(os.path.join(os.path.dirname(path), target))
                if "://" not in target and not target.startswith("mailto:") and not any(
                        p == local or p.startswith(local + "/") for p in files):
                    yield Finding(path, number, f"the link to {target} leads nowhere")


def check_json(files: Files) -> Iterator[Finding]:
    for path, text in files.items():
        if not path.endswith(".json") or matches(path, ("tests/data/*",)):
            continue
        try:
            json.loads(text)
        except ValueError as error:
            yield Finding(path, getattr(error, "lineno", 1), f"not JSON: {error}")


def check_machine_paths(files: Files) -> Iterator[Finding]:
    for path, text in own(files):
        for number, line in enumerate(text.split("\n"), 1):
            found = MACHINE_PATH.search(line)
            if found:
                yield Finding(path, number, f"'{found.group(0)}…' is a path of one machine: "
                              "make it relative, an option or an environment variable")


LITERALS = r'((?:"(?:[^"\\]|\\.)*"\s*)+)'
RULE = re.compile(r'\bRule k\w+\{\s*"([\w.]+)",\s*' + LITERALS + r"\}")
NAME_AND_DOC = re.compile(r'\bkName = "(\w+)";\s*static constexpr std::string_view kDoc =\s*'
                          + LITERALS + ";")
STATES = re.compile(r"FACTUM_SYMBOLS\((LifecycleStage|DealStatus|OrderStatus|TicketStatus),\s*"
                    r"([^)]*)\)")
STATES_UNSAID = {"unplaced"}  # of an order that is none yet


def domain_in_code(files: Files) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Rules and commands with their sentences, and states with the row they belong into."""
    said = {}
    states = []
    for path, text in files.items():
        if not path.startswith("core/crm/") or not path.endswith(".hpp"):
            continue
        found = RULE.findall(text)
        if not path.endswith("_events.hpp"):
            found += NAME_AND_DOC.findall(text)
        for name, literals in found:
            said[name] = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literals))
        for kind, symbols in STATES.findall(text):
            row = {"LifecycleStage": "customer"}.get(kind) or kind.removesuffix("Status").lower()
            states += [(row, s) for s in re.findall(r'"(\w+)"', symbols) if s not in STATES_UNSAID]
    return said, states


def check_domain_document(files: Files) -> Iterator[Finding]:
    """The tables of docs/domain.md say what the code says."""
    path = "docs/domain.md"
    if path not in files:
        return
    said, states = domain_in_code(files)
    rows = {}
    moves = {}
    for number, line in enumerate(files[path].split("\n"), 1):
        row = re.match(r"\| (`?)([\w.]+)`? \| (.*) \|$", line)
        if row:
            (rows if row[1] else moves)[row[2]] = (number, row[3])
    for name in sorted(said.keys() | rows.keys()):
        number, sentence = rows.get(name, (1, None))
        if name not in said:
            yield Finding(path, number, f"the code has no rule or command {name}: delete the row")
        elif sentence is None:
            yield Finding(path, number, f"write the row | `{name}` | {said[name]} |")
        elif sentence != said[name]:
            yield Finding(path, number, f"the code says of {name}: {said[name]}")
    for row, state in states:
        number, sentence = moves.get(row, (1, ""))
        if not re.search(rf"\b{state}\b", sentence):
            yield Finding(path, number, f"say in the row of {row} what leads to and from {state}")


CHECKS = (
    check_file_length, check_function_length, check_lines, check_banned, check_leftovers,
    check_layers, check_libraries, check_headers, check_include_order, check_coroutines,
    check_sources_are_built, check_scripts, check_documents, check_json, check_machine_paths,
    check_domain_document,
)


def load(root: Path) -> Files:
    """The text files of the project: what git knows or would add; without git, what is there."""
    git = subprocess.run(["git", "-C", str(root), "ls-files", "-z", "--cached", "--others",
                          "--exclude-standard"], capture_output=True, check=False)
    if git.returncode == 0:
        names = [name for name in git.stdout.decode().split("\0") if name]
    else:
        names = [str(p.relative_to(root)) for p in root.rglob("*")
                 if not re.match(r"(build|data|data\.keys|\.git)/", str(p.relative_to(root)))]
    files = {}
    for name in sorted(names):
        path = root / name
        if path.is_file() and os.path.splitext(name)[1] in TEXT:
            files[name] = path.read_bytes().decode("utf-8", errors="replace")
    return files


def main() -> int:
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parents[1])
    files = load(root)
    findings = sorted({finding for check in CHECKS for finding in check(files)})
    for path, line, message in findings:
        print(f"{path}:{line}: {message}")
    print(f"tidy: {len(files)} files, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
