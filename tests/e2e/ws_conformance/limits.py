# SPDX-License-Identifier: Apache-2.0
"""Chapter 7, RFC 6455 section 10.4: what is too much, and is refused before it is there.

The server here allows 2,000 frames a second, so that a message can have 1,025 of them."""

from .case import Chapter, End, play
from .words import (ask, binary, claim, closed, first, last, more, not_json, ping, pong, pong_of,
                    refusal, text)

chapter = Chapter("limits")
takes, fails = chapter.takes, chapter.fails

MOST = 64 * 1024
SIZE = "RFC 6455 §10.4, docs/websocket-api.md: a message has at most 64 KiB, or 1009"
TOO_BIG = 1009, "message too big"
half = ask(3, MOST)[: MOST // 2]
other = ask(3, MOST)[MOST // 2 :]

takes("64 KiB in two fragments", SIZE, first(half) + last(other), refusal(3))
takes("64 KiB in 16 fragments", SIZE,
      first(half) + b"".join(more(other[i : i + 2048]) for i in range(0, len(other), 2048)) + last(),
      refusal(3))
takes("64 KiB twice", SIZE, text(ask(1, MOST)) + text(ask(2, MOST)), [refusal(1), refusal(2)])
takes("64 KiB and a ping in between", SIZE, first(half) + ping(b"p" * 125) + last(other),
      [pong_of(b"p" * 125), refusal(3)])
takes("64 KiB, not a request", SIZE, text(b" " * MOST), not_json())
fails("one byte more", SIZE, text(b"x" * (MOST + 1)), *TOO_BIG)
fails("one byte more in two fragments", SIZE, first(b"x" * MOST) + last(b"x"), *TOO_BIG)
fails("one byte more in three fragments", SIZE, first(half) + more(other) + more(b"x"), *TOO_BIG)
fails("one byte more after a good message", SIZE, text(ask(1)) + claim(1, MOST + 1), *TOO_BIG,
      before=refusal(1))

CLAIM = "RFC 6455 §10.4: refused by what the header claims, before the payload is sent"
for name, size in (("64 KiB and 1", MOST + 1), ("128 KiB", 2 * MOST), ("1 MiB", 1 << 20),
                   ("16 MiB", 1 << 24), ("2^31-1", 2**31 - 1), ("2^31", 1 << 31), ("2^32-1", 2**32 - 1),
                   ("2^32", 1 << 32), ("2^32+5", 2**32 + 5), ("2^48", 1 << 48), ("2^62", 1 << 62),
                   ("2^63-1", 2**63 - 1)):
    fails(f"{name} bytes claimed", CLAIM, claim(1, size), *TOO_BIG)
    fails(f"{name} bytes claimed by a fragment", CLAIM, first(b"a") + claim(0, size, fin=0), *TOO_BIG)
fails("header by itself, no mask key", CLAIM, claim(1, MOST + 1)[:10], *TOO_BIG)
fails("the sum is claimed, 64 KiB and 1", CLAIM, first(half) + claim(0, MOST // 2 + 1), *TOO_BIG)
fails("too long and not masked", CLAIM, b"\x81\x7f" + b"\0" * 5 + b"\x01\0\1", 1002,
      "frame is not masked")
fails("too long and binary", CLAIM, claim(2, MOST + 1), 1003, "text only")

COUNT = "RFC 6455 §10.4, docs/websocket-api.md: a message has at most 1,024 frames, or 1008"
takes("1,024 frames", COUNT, first() + more() * 1022 + last(ask(4)), refusal(4))
takes("1,024 frames, with pongs in between", COUNT,
      first() + (more() + pong()) * 500 + more() * 522 + last(ask(4)), refusal(4))
fails("1,025 frames", COUNT, first() + more() * 1023 + last(ask(4)), 1008, "too many fragments")
fails("1,025 frames, none the last", COUNT, first() + more() * 1024, 1008, "too many fragments")
fails("1,025 frames of a byte", COUNT, first(b"x") + more(b"x") * 1024, 1008, "too many fragments")

RATE = "docs/websocket-api.md: so many frames and pings a second, or 1008"
takes("19 pings at once, and one more", RATE, ping(b"p") * 18 + ping(b"19"), pong_of(b"19"))
fails("21 pings at once", RATE, ping(b"p") * 19 + ping(b"20") + ping(b"21"), 1008, "too many pings",
      before=pong_of(b"20"))
takes("1,900 pongs at once", RATE, pong() * 1900)
fails("2,001 pongs at once", RATE, pong() * 2001, 1008, "too many frames")
fails("2,001 frames of three kinds", RATE, pong() + first() + last() + pong() * 1998, 1008,
      "too many frames", before=not_json())

THREE = "docs/websocket-api.md: three malformed frames in a row close with 1008"
takes("two malformed frames", THREE, text(b"x") * 2, [not_json()] * 2)
takes("two, a good one, two more", THREE, text(b"x") * 2 + text(ask(1)) + text(b"x") * 2,
      [not_json(), not_json(), refusal(1), not_json(), not_json()])
chapter.add("three malformed frames", THREE, [
    play(text(b"{") * 3, [*[not_json()] * 3, closed(1008, "malformed frames")])], End.OURS)
chapter.add("four malformed frames", THREE, [
    play(text(b"{") * 4, [*[not_json()] * 3, closed(1008, "malformed frames")])], End.OURS)
fails("too long and a reserved bit", CLAIM, bytes([0xC1]) + claim(1, MOST + 1)[1:], 1002,
      "reserved bits are set")
fails("binary of the largest size", SIZE, binary(b"x" * MOST), 1003, "text only")
