"""Reads C++ as text, far enough to count lines of functions and to tell code from comments."""

import re
from typing import Iterator, NamedTuple


class Function(NamedTuple):
    """A function body found by brace matching; lines are 1-based and both included."""

    name: str
    first_line: int
    last_line: int


_TOKEN = re.compile(
    r'R"(?P<tag>[^\s()\\]{0,16})\((?P<raw>.*?)\)(?P=tag)"'
    r"|//[^\n]*"
    r"|/\*.*?\*/"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])*'",
    re.S,
)


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def code_only(text: str) -> str:
    """The code with comments and the insides of literals blanked; lines and columns stay."""

    def replace(match: re.Match) -> str:
        token = match.group(0)
        if token.startswith("/"):
            return _blank(token)
        return '"' + _blank(token[1:-1]) + '"'

    return _TOKEN.sub(replace, text)


def raw_literal_lines(text: str) -> set[int]:
    """The 1-based lines that a raw string literal touches: no formatter can break them."""
    lines = set()
    for match in _TOKEN.finditer(text):
        if match.group("raw") is not None:
            first = text.count("\n", 0, match.start()) + 1
            lines.update(range(first, first + match.group(0).count("\n") + 1))
    return lines


def comments(text: str) -> Iterator[tuple[int, str]]:
    """The comment lines as (1-based line, text without its marks)."""
    for match in _TOKEN.finditer(text):
        token = match.group(0)
        if not token.startswith("/"):
            continue
        first = text.count("\n", 0, match.start()) + 1
        for offset, line in enumerate(token.split("\n")):
            yield first + offset, re.sub(r"^\s*(///?<?|/\*+|\*+/?)\s?|\*/$", "", line)


def includes(text: str) -> Iterator[tuple[int, str]]:
    """The included paths as (1-based line, path)."""
    for number, line in enumerate(text.split("\n"), 1):
        match = re.match(r'\s*#\s*include\s+[<"]([^>"]+)[>"]', line)
        if match:
            yield number, match.group(1)


def _matching_brace(code: str, opening: int) -> int:
    depth = 0
    for at in range(opening, len(code)):
        if code[at] == "{":
            depth += 1
        elif code[at] == "}":
            depth -= 1
            if depth == 0:
                return at
    return len(code) - 1


_SCOPE = re.compile(r"\b(namespace|class|struct|union|enum|concept)\b|extern\s*\"")
_NAME = re.compile(r"([~\w:]+|operator\s*\S+?)\s*\(")


def _opens_scope(head: str) -> bool:
    before_parenthesis = head.split("(")[0]
    without_template = re.sub(r"template\s*<.*?>(?=\s*[\w:])", "", before_parenthesis, flags=re.S)
    return bool(_SCOPE.search(without_template))


def _is_member_initialiser(head: str) -> bool:
    return bool(re.search(r"\)\s*(noexcept\s*)?:(?!:).*[\w>]$", head, re.S))


def functions(code: str) -> Iterator[Function]:
    """The outermost functions (and lambdas outside of functions) of what `code_only` gave."""
    # Preprocessor lines would look like the start of a declaration.
    code = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: _blank(m.group(0)), code, flags=re.M)
    at = start = 0
    while at < len(code):
        char = code[at]
        if char in ";}":
            start = at + 1
        elif char == "{":
            head = code[start:at].strip()
            if _is_member_initialiser(head):
                at = _matching_brace(code, at)
            elif "(" in head and not _opens_scope(head):
                closing = _matching_brace(code, at)
                begin = start + len(code[start:at]) - len(code[start:at].lstrip())
                name = _NAME.search(head)
                yield Function(
                    name.group(1) if name else "lambda",
                    code.count("\n", 0, begin) + 1,
                    code.count("\n", 0, closing) + 1,
                )
                at = closing
                start = at + 1
            else:
                start = at + 1
        at += 1


_LAMBDA_HEAD = re.compile(r"\[(?P<captures>[^\[\]]*)\]\s*(?:\([^{}]*\))?[^{};()]*$", re.S)
_CONTROL = re.compile(r"(\b(if|for|while|switch|catch)\s*\(.*\)|\b(else|do|try))\s*$", re.S)


def _enclosing_heads(code: str, at: int) -> Iterator[str]:
    """The texts before the braces around `at`, innermost first."""
    depth = 0
    while at > 0:
        at -= 1
        if code[at] == "}":
            depth += 1
        elif code[at] == "{" and depth > 0:
            depth -= 1
        elif code[at] == "{":
            begin = max(code.rfind(char, 0, at) for char in ";{}")
            yield code[begin + 1 : at]


def coroutine_faults(code: str) -> Iterator[tuple[int, str]]:
    """Uses of co_… that compilers get wrong, as (1-based line, what is wrong)."""
    for match in re.finditer(r"\bco_(await|return|yield)\b", code):
        line = code.count("\n", 0, match.start()) + 1
        begin = max(code.rfind(char, 0, match.start()) for char in ";{}")
        end = code.find(";", match.end())
        statement = code[begin + 1 : end if end >= 0 else len(code)]
        if re.search(r"(?<![\w\])])\[[^\[\]]*\]\s*(\(|\{|mutable\b)", statement):
            yield line, "a lambda stands in the same expression as a co_await"
        for head in _enclosing_heads(code, match.start()):
            if _CONTROL.search(head):
                continue
            found = _LAMBDA_HEAD.search(head)
            if found and found.group("captures").strip():
                yield line, "a capturing lambda is a coroutine"
            break
