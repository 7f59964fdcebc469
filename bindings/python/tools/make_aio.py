#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the calls that are awaited out of those that wait: libmsg/_calls -> libmsg/aio.

Usage: make_aio.py [--check]

With --check nothing is written; 1 if a file would be another, which a test asks.
"""

import re
import sys
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "src" / "libmsg"
FILES = ("access", "conversations", "messages", "receipts", "users")
NOTE = "# Made by tools/make_aio.py from ../_calls/{name}.py: change that one.\n"
# Those that aio/messenger.py does without a thread.
OWN = ("send", "mark")


def awaited(method: str) -> str:
    """One method of a class."""
    name = re.search(r"    def (\w+)\(", method)[1]
    if name in OWN:
        return ""
    # Examples are tried out where they are written.
    method = re.sub(r"\n\n        >>> .*?(?=\n        \"\"\")", "", method, flags=re.DOTALL)
    method = re.sub(r'\n        """\n', '"""\n', method, count=1) if one_line(method) else method
    if "return Listing(" in method:
        method = re.sub(r"self\._store\.(\w+)\(", r"self._run(self._store.\1, ", method)
        return method.replace("Listing[", "AsyncListing[").replace("return Listing(", "return AsyncListing(")
    method = method.replace("    def ", "    async def ", 1)
    return call(method)


def one_line(method: str) -> bool:
    return bool(re.search(r'"""[^\n]*\n        """\n', method))


def call(method: str) -> str:
    method = re.sub(r"self\._store\.(\w+)\(\)", r"await self._run(self._store.\1)", method)
    # A call that stands on one line, or opens a block of arguments.
    method = re.sub(r"self\._store\.(\w+)\(\n", r"await self._run(\n            self._store.\1,\n", method)
    return re.sub(r"self\._store\.(\w+)\((?=\S)", r"await self._run(self._store.\1, ", method)


def made_of(text: str, name: str) -> str:
    head, body = text.split("    __slots__ = ()\n", 1)
    methods = re.split(r"\n(?=    def )", body)
    made = head + "    __slots__ = ()\n\n" + "\n".join(
        piece for piece in (m if "def " not in m else awaited(m) for m in methods) if piece
    )
    licence, rest = made.split("\n", 1)
    rest = rest.replace("from ..pages import Listing", "from ..pages import AsyncListing")
    rest = re.sub(r" +\n", "\n", rest)
    rest = rest.replace("from .base import Calls", "from ._base import Calls")
    return f"{licence}\n{NOTE.format(name=name)}{rest.rstrip()}\n"


def main() -> int:
    check = "--check" in sys.argv[1:]
    stale = 0
    for name in FILES:
        made = made_of((PACKAGE / "_calls" / f"{name}.py").read_text(), name)
        path = PACKAGE / "aio" / f"_{name}.py"
        if path.exists() and path.read_text() == made:
            continue
        stale += 1
        print(f"{path.relative_to(PACKAGE)}: {'is not current' if check else 'made'}")
        if not check:
            path.write_text(made)
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
