# SPDX-License-Identifier: Apache-2.0
"""Chapter 9: what was taken is what is passed on. A session sends messages and is shown them."""

from .case import Chapter, Echo, End, Say, play
from .utf8 import GOOD, MIXED

chapter = Chapter("text passed on")
SAME = "RFC 6455 §5.6 and §6.2: the message is the data of its frames, unmasked, in their order"


def add(name, *requests):
    rounds = [play(say, Echo(say.number, say.content)) for say in requests]
    chapter.add(name, SAME, rounds, End.OPEN, greeted=True)


for name, data in GOOD.items():
    content = "a" + data.decode() + "z"
    cuts = [Say(3 + i, content, (1 + i,)) for i in range(len(data) + 1)]
    add(f"{name}, whole and cut at each byte", Say(2, content), *cuts)
size = len(MIXED.encode())
add("every kind of character, whole", Say(2, MIXED))
add("every kind of character, a fragment for each byte", Say(2, MIXED, tuple(range(size))))
add("every kind of character, cut at each byte", *[Say(2 + i, MIXED, (i,)) for i in range(1, size)])
LONG = "".join(chr(0x100 + i % 5000) for i in range(3000))  # no period that a mask could have
add("6,000 bytes", Say(2, LONG))
add("6,000 bytes in uneven fragments", Say(2, LONG, tuple(range(7, 6000, 97))))
