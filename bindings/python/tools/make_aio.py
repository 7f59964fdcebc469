#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the calls that are awaited out of those that wait.

Usage: make_aio.py [--check]

libmsg/_calls/x.py becomes libmsg/aio/_x.py, and what is made of a messenger, libmsg/x.py, becomes
libmsg/aio/x.py. With --check nothing is written; 1 if a file would be another, which a test asks.
"""

import re
import sys
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "src" / "libmsg"
CALLS = ("access", "conversations", "messages", "parts", "receipts", "users")
PARTS = ("administration", "presence", "sign_in")
NOTE = "# Made by tools/make_aio.py from {source}: change that one.\n"
# Those that aio/messenger.py does without a thread.
OWN = ("send", "mark")
ON_A_THREAD = r"It is called on (a thread of the library's|the thread of `flush\(\)`)\."
IN_THE_LOOP = "It is called in the loop, and may be a coroutine function."
NATIVE = r"(self\._store|self\._by|self\._sign_in|self\._people|_libmsg)\.(\w+)"


def awaited(method: str) -> str:
    """One method of a class."""
    name = re.search(r"    def (\w+)\(", method)[1]
    if name in OWN:
        return ""
    if name == "__init__":
        method = method.replace(") -> None:", ", calls: Calls) -> None:", 1)
        return method.rstrip("\n") + "\n        self._calls = calls\n"
    if name == "__len__":
        return method
    # Examples are tried out where they are written.
    method = re.sub(r"\n\n        >>> .*?(?=\n        \"\"\")", "", method, flags=re.DOTALL)
    method = re.sub(r'\n        """\n', '"""\n', method, count=1) if one_line(method) else method
    # What the library calls on a thread of its own is done in the loop.
    if "Callable[" in method:
        method = re.sub(r"\b(handler|send)(?=\)|,\n)", r"self._on_loop(\1)", method)
    method = re.sub(ON_A_THREAD, IN_THE_LOOP, method)
    if "return Listing(" in method:
        method = re.sub(NATIVE + r"\(", r"self._run(\1.\2, ", method)
        return re.sub(r"\bListing(?=[\[(])", "AsyncListing", method)
    return call(method.replace("    def ", "    async def ", 1))


def one_line(method: str) -> bool:
    return bool(re.search(r'"""[^\n]*\n        """\n', method))


def call(method: str) -> str:
    if re.search(r"return \w+\(\s*_libmsg\.", method):  # a part, which is told who made it
        method = re.sub(r"(?<=\S)\)(\s*)\Z", r", self)\1", method)
        method = re.sub(r"\n( +)\)(\s*)\Z", r",\n\1    self,\n\1)\2", method)
    method = re.sub(NATIVE + r"\(\)", r"await self._run(\1.\2)", method)
    # A call that stands on one line, or opens a block of arguments.
    method = re.sub(NATIVE + r"\(\n( +)", r"await self._run(\n\3\1.\2,\n\3", method)
    return re.sub(NATIVE + r"\((?=\S)", r"await self._run(\1.\2, ", method)


def broken(line: str) -> str:
    """A line of at most 100 columns, or the arguments of its call, or its own, on one of theirs."""
    begun = re.match(r"( *)(.*_run\(|async def \w+\()", line)
    if len(line) <= 100 or begun is None:
        return line
    indent, open_at, end, depth = begun[1], begun.end(), begun.end(), 1
    while depth:
        depth += (line[end] == "(") - (line[end] == ")")
        end += 1
    close_at = end - 1
    inside = f"{indent}    {line[open_at:close_at]}"
    return f"{line[:open_at]}\n{inside}\n{indent}{line[close_at:]}"


def made_of(source: Path) -> str:
    text = source.read_text()
    is_part = source.parent == PACKAGE
    head, slots, body = re.split(r"    __slots__ = \((.*)\)\n", text, maxsplit=1)
    methods = re.split(r"\n(?=    def )", body)
    pieces = [piece for piece in (m if "def " not in m else awaited(m) for m in methods) if piece]
    if is_part:
        head = re.sub(r"from \.(?=[\w ])", "from ..", head)
        head = re.sub(r"(?<=TYPE_CHECKING:\n)(.*\n)", r"\1    from ._base import Calls\n", head)
        slots += ' "_calls"'
    head = re.sub(r"import Listing\b", "import AsyncListing", head)
    head = head.replace("from .base import Calls", "from ._base import Calls")
    for name in PARTS:
        head = head.replace(f"from ..{name} import", f"from .{name} import")
    made = f"{head}    __slots__ = ({slots})\n\n" + "\n".join(pieces)
    if is_part:
        made = re.sub(r"self\.(_run|_on_loop)\(", r"self._calls.\1(", made)
    made = re.sub(r" +\n", "\n", made)
    licence, rest = "\n".join(broken(line) for line in made.split("\n")).split("\n", 1)
    note = NOTE.format(source=f"../{source.relative_to(PACKAGE)}")
    return f"{licence}\n{note}{rest.rstrip()}\n"


def main() -> int:
    check = "--check" in sys.argv[1:]
    stale = 0
    files = {PACKAGE / "_calls" / f"{name}.py": PACKAGE / "aio" / f"_{name}.py" for name in CALLS}
    files |= {PACKAGE / f"{name}.py": PACKAGE / "aio" / f"{name}.py" for name in PARTS}
    for source, path in files.items():
        made = made_of(source)
        if path.exists() and path.read_text() == made:
            continue
        stale += 1
        print(f"{path.relative_to(PACKAGE)}: {'is not current' if check else 'made'}")
        if not check:
            path.write_text(made)
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
