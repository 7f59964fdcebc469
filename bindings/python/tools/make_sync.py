#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the calls that wait out of those that are awaited: client/_sync/ out of client/aio/.

Usage: make_sync.py [--check]

With --check nothing is written; 1 if a file would be another, which a test asks.
"""

import re
import sys
from pathlib import Path

CLIENT = Path(__file__).parents[1] / "src" / "libmsg" / "client"
FILES = (
    "_access", "_base", "_client", "_conversations", "_messages", "_receipts",
    "_transport", "_users",
)  # fmt: skip
NOTE = "# Made by tools/make_sync.py from ../aio/{name}: change that one.\n"

# In this order.
WORDS = (
    (r"from \._live import", "from .._bridge import"),
    (r"\bimport asyncio\n", "import threading\n"),
    (r"\basyncio\.Semaphore\b", "threading.Semaphore"),
    (r"\bawait asyncio\.sleep\b", "time.sleep"),
    (r"\basync (def|for|with)\b", r"\1"),
    (r"\bawait ", ""),
    (r"\bAwaitable\[([^\[\]]+(?:\[[^\[\]]*\])?)\]", r"\1"),
    (r", Awaitable\b", ""),
    (r"\bAsync(Client|Listing)\b", r"\1"),
    (r"\b__a(enter|exit|iter|next)__\b", r"__\1__"),
    (r"\baclose\b", "close"),
    (r"client\.aio\b", "client"),
)


def made_of(text: str, name: str) -> str:
    for pattern, instead in WORDS:
        text = re.sub(pattern, instead, text)
    licence, rest = text.split("\n", 1)
    return f"{licence}\n{NOTE.format(name=name)}{rest}"


def main() -> int:
    check = "--check" in sys.argv[1:]
    stale = 0
    for stem in FILES:
        name = f"{stem}.py"
        made = made_of((CLIENT / "aio" / name).read_text(), name)
        path = CLIENT / "_sync" / name
        if path.exists() and path.read_text() == made:
            continue
        stale += 1
        print(f"{path.relative_to(CLIENT)}: {'is not current' if check else 'made'}")
        if not check:
            path.write_text(made)
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
