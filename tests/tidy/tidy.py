#!/usr/bin/env python3
"""Checks the rules of docs/style.md that no other tool knows.

Usage: tidy.py [ROOT]

Prints `file:line: rule: what is wrong` for each finding and ends with 1 if there are any. The
rules are the functions marked @rule; each reads one file. tidy_test.py plants a fault for each.
"""

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

CPP_FOLDERS = ("libmsg", "server", "examples", "bindings", "tests")
SKIPPED = {".git", ".cache", "build", "node_modules", "dist", "__pycache__",
           "types.ts"}  # made by a tool, from what a tool reads
TEXT_SUFFIXES = {".h", ".cpp", ".py", ".sh", ".cmake", ".txt", ".md", ".toml", ".yaml", ".js", ".mjs",
                 ".ts", ".tsx", ".css"}

SPDX = "// SPDX-License-Identifier: Apache-2.0"
COLUMNS_MAX = 100
PUBLIC_HEADER_LINES_MAX = 200
SOURCE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70

BACKENDS = {"memory", "rocksdb", "sqlite", "postgres"}
# The mapping a backend stands on; everything else below store/ is closed to it.
MAPPINGS = {"memory": {"kv"}, "rocksdb": {"kv"}, "sqlite": {"sql"}, "postgres": {"sql"},
            "cached": {"kv"}}
LIBRARY_BANS = ("boost/", "absl/", "fmt/", "CLI/", "toml++/", "openssl/")
NETWORK = ("boost/asio", "boost/beast")
NETWORK_FOLDERS = ("server/net/", "server/msgctl/")


@dataclass(frozen=True, order=True)
class Finding:
    path: str
    line: int
    rule: str
    text: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.rule}: {self.text}"


class Source:
    """A file, whole and with comments and literals blanked out (lines and columns stay)."""

    def __init__(self, root, path):
        self.root = root
        self.path = path.relative_to(root).as_posix()
        self.text = path.read_text(encoding="utf-8", errors="replace")
        self.lines = self.text.splitlines()
        self.is_cpp = path.suffix in (".h", ".cpp") and self.path.startswith(CPP_FOLDERS)
        self.code = blank(self.text) if self.is_cpp else ""

    def line_of(self, offset):
        return self.text.count("\n", 0, offset) + 1

    def includes(self):
        """(line number, file, is it in quotes), in order."""
        for number, line in enumerate(self.lines, 1):
            found = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
            if found:
                yield number, found[2], found[1] == '"'


LITERALS = re.compile(
    r"//[^\n]*|/\*.*?\*/"  # comments
    r'|\bu?8?R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)"'  # raw strings
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'",  # 1'000 is a number
    re.DOTALL,
)


def blank(text):
    return LITERALS.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


RULES = []


def rule(check):
    RULES.append(check)
    return check


# Includes: arrows point down only ------------------------------------------------------------------


@rule
def public_headers_stand_alone(source):
    if not source.path.startswith("libmsg/include/"):
        return
    for line, name, quoted in source.includes():
        if quoted and not name.startswith("msg/"):
            yield line, f'a public header includes the standard library and "msg/…" only, not "{name}"'
        if not quoted and re.search(r"[./]", name):
            yield line, f"a public header includes the standard library only, not <{name}>"


@rule
def library_is_lean(source):
    if not source.path.startswith("libmsg/"):
        return
    for line, name, _ in source.includes():
        if name.startswith(LIBRARY_BANS):
            yield line, f"libmsg does not depend on {name.split('/')[0]}"


@rule
def library_layers(source):
    found = re.match(r"libmsg/src/(\w+)/(?:(\w+)/)?(\w+)\.", source.path)
    if not found:
        return
    layer, folder, stem = found.groups()
    opens_stores = not (layer == "store" and folder) and "open" in stem
    for line, name, quoted in source.includes():
        parts = name.split("/")
        if not quoted or parts[0] == "msg":
            continue
        if layer == "core" and parts[0] in ("commit", "feed", "messenger"):
            yield line, f'core includes nothing above it, not "{name}"'
        if parts[0] != "store" or len(parts) < 3:
            continue
        if layer == "store" and folder:
            if parts[1] != folder and parts[1] not in MAPPINGS.get(folder, set()):
                yield line, f'store/{folder} does not know store/{parts[1]}'
        elif parts[1] in BACKENDS | {"kv", "sql"} and not opens_stores:
            yield line, f"only the function that opens stores knows store/{parts[1]}"


@rule
def foreign_libraries_stay_in_place(source):
    homes = {"sqlite3.h": "libmsg/src/store/sqlite/", "libpq-fe.h": "libmsg/src/store/postgres/",
             "rocksdb": "libmsg/src/store/rocksdb/"}
    if not source.path.startswith(("libmsg/", "server/")):
        return
    for line, name, quoted in source.includes():
        library = name if quoted or name in homes else name.split("/")[0]
        if library in homes and not source.path.startswith(homes[library]):
            yield line, f"{name} belongs to {homes[library]}"


@rule
def network_stays_in_place(source):
    if source.path.startswith("tests/"):
        return
    for line, name, _ in source.includes():
        if name.startswith(NETWORK) and not source.path.startswith(NETWORK_FOLDERS):
            yield line, f"only server/net and server/msgctl include {name}"


@rule
def programs_use_the_public_interface(source):
    if not source.path.startswith(("server/", "examples/", "bindings/")):
        return
    top = source.root / source.path.split("/")[0]
    own = (source.root / source.path).parent
    for line, name, quoted in source.includes():
        if not quoted or re.fullmatch(r"msg/\w+\.h", name):
            continue
        if not ((top / name).is_file() or (own / name).is_file()):
            yield line, f'of libmsg only "msg/*.h" is for programs, not "{name}"'
        if "libmsg" in name:
            yield line, f'no way into libmsg by path: "{name}"'


@rule
def routes_do_not_know_the_network(source):
    if not source.path.startswith(("server/routes/", "server/http/", "server/ops/")):
        return
    for line, name, quoted in source.includes():
        if quoted and name.startswith("net/"):
            yield line, f'server/net calls server/http and server/routes, not the reverse: "{name}"'


# Sizes ---------------------------------------------------------------------------------------------


@rule
def file_length(source):
    public = source.path.startswith("libmsg/include/")
    limit = PUBLIC_HEADER_LINES_MAX if public else SOURCE_LINES_MAX
    if len(source.lines) > limit:
        yield limit + 1, f"{len(source.lines)} lines, at most {limit}: split it by what it is about"


@rule
def line_length(source):
    for number, line in enumerate(source.lines, 1):
        if len(line) > COLUMNS_MAX:
            yield number, f"{len(line)} columns, at most {COLUMNS_MAX}"


@rule
def function_length(source):
    for first, last in functions(source):
        if last - first + 1 > FUNCTION_LINES_MAX:
            yield first, f"function of {last - first + 1} lines, at most {FUNCTION_LINES_MAX}"


def functions(source):
    """First and last line of each body at namespace or class depth, by counting braces."""
    code = re.sub(r"(?m)^[ \t]*#(?:.*\\\n)*.*$", lambda m: re.sub(r"[^\n]", " ", m[0]), source.code)
    scopes = []  # True: may contain functions; a number: line where a function began; False: neither
    head = 0
    for found in re.finditer(r"[{};]", code):
        inside = all(scope is True for scope in scopes)
        if found[0] == "{":
            before = code[head : found.start()]
            scopes.append(scope_kind(before, source, head) if inside else False)
        elif found[0] == "}" and scopes:
            scope = scopes.pop()
            if scope is not True and scope is not False:
                yield scope, source.line_of(found.start())
        head = found.end()


def scope_kind(before, source, offset):
    plain = re.sub(r"\balignas\s*\([^)]*\)|\[\[.*?\]\]", "", before)
    if "(" in plain:
        return source.line_of(offset + len(before) - len(before.lstrip()))
    return bool(re.search(r"\b(namespace|class|struct|union|extern)\b", plain))


# Text ----------------------------------------------------------------------------------------------


@rule
def licence_line(source):
    if not source.lines or source.lines[0] != SPDX:
        yield 1, f"the first line is {SPDX}"


@rule
def pragma_once(source):
    if source.path.endswith(".h") and "#pragma once" not in source.lines[:3]:
        yield 1, "a header begins with #pragma once, after the licence line"


@rule
def time_comes_from_outside(source):
    # The log and the Date header are about the machine, not about messages.
    allowed = ("libmsg/include/msg/options.h", "server/ops/", "server/net/", "server/msgctl/")
    if not source.path.startswith(("libmsg/", "server/")) or source.path.startswith(allowed):
        return
    for found in re.finditer(r"\bsystem_clock\s*::\s*now\b", source.code):
        yield source.line_of(found.start()), "wall time comes from Options::clock"


@rule
def tests_do_not_sleep(source):
    # A benchmark measures time, and a crash comes at a random moment.
    if not source.path.startswith("tests/") or source.path.startswith(("tests/bench/", "tests/crash/")):
        return
    for found in re.finditer(r"\bsleep_(for|until)\b|\bu?sleep\s*\(", source.code):
        yield source.line_of(found.start()), "a test waits for an event, not for a while"


LAMBDA = re.compile(r"(?<![\w\])])\s*\[[&=\w\s,*.:()]*\]\s*(\(|\{|<|mutable|noexcept|->)")


@rule
def co_await_of_named_things(source):
    for found in re.finditer(r"\bco_await\b([^;]*)", source.code):
        line = source.line_of(found.start())
        if LAMBDA.search(found[1]):
            yield line, "name the lambda first: g++ 12 destroys one inside co_await twice"
        if re.search(r"[(,]\s*\{", found[1]):
            yield line, "name the braced value first: g++ 12 destroys one inside co_await twice"


UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b(?!\s*\(?#\d+)")


def unfinished_has_an_issue(source):
    for number, line in enumerate(source.lines, 1):
        if UNFINISHED.search(line):
            yield number, "unfinished work names its issue, as in (#12)"


LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?!https?:|mailto:|#)([^)#\s]+)")


def links_lead_somewhere(source):
    if not source.path.endswith(".md"):
        return
    folder = (source.root / source.path).parent
    for number, line in enumerate(source.lines, 1):
        for target in LINK.findall(re.sub(r"`[^`]*`", "", line)):
            if not (folder / target).exists():
                yield number, f"link to {target}, which does not exist"


def check_file(root, path):
    source = Source(root, path)
    checks = [unfinished_has_an_issue, links_lead_somewhere] + (RULES if source.is_cpp else [])
    for check in checks:
        for line, text in check(source):
            yield Finding(source.path, line, check.__name__, text)


def files_of(root):
    """What is skipped isn't entered: in build/ folders of tests come and go while this runs."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(set(folders) - SKIPPED)
        yield from (Path(folder, name) for name in sorted(set(names) - SKIPPED))


def check_tree(root):
    root = Path(root).resolve()
    found = []
    for path in files_of(root):
        if path.suffix in TEXT_SUFFIXES and path.is_file():
            found.extend(check_file(root, path))
    return sorted(found)


def main():
    findings = check_tree(sys.argv[1] if len(sys.argv) > 1 else ".")
    for finding in findings:
        print(finding)
    if findings:
        print(f"{len(findings)} findings. The rules: docs/style.md", file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
