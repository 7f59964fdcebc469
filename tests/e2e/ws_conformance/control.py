# SPDX-License-Identifier: Apache-2.0
"""Chapter 4, RFC 6455 section 5.5: pings and pongs."""

from .case import Chapter, End, play
from .words import (CLOSE, PING, PONG, ask, bytewise, claim, frame, in_16_bits, in_64_bits, ping,
                    pong, pong_of, refusal, text)

chapter = Chapter("control frames")
takes, fails = chapter.takes, chapter.fails

SAME = "RFC 6455 §5.5.3: a pong has the very payload of the ping"
for size in (*range(0, 10), 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 123, 124, 125):
    payload = bytes(range(size))
    takes(f"ping of {size} bytes", SAME, ping(payload), pong_of(payload))
for name, payload in (("zeros", b"\0" * 8), ("ones", b"\xff" * 125),
                      ("no UTF-8", b"\xc0\xaf\xed\xa0\x80"),
                      ("the high half", bytes(range(131, 256))), ("a frame", ping(b"in"))):
    takes(f"ping of {name}", SAME, ping(payload), pong_of(payload))
takes("ping with a mask of zeros", SAME, ping(b"plain", mask=b"\0\0\0\0"), pong_of(b"plain"))
takes("ping in two segments", SAME, [ping(b"in two")[:8], ping(b"in two")[8:]], pong_of(b"in two"))

LATEST = "RFC 6455 §5.5.3: only the latest of several pings need be answered"
chapter.add("ten pings, one after the other", SAME, [
    play(ping(b"%d" % i), pong_of(b"%d" % i)) for i in range(10)], End.OPEN)
for count in (2, 3, 10):
    takes(f"{count} pings in one segment", LATEST, b"".join(ping(b"%d" % i) for i in range(count)),
          pong_of(b"%d" % (count - 1)))
takes("a ping and a text", "RFC 6455 §5.5.2: as soon as is practical", text(ask(2)) + ping(b"first"),
      [pong_of(b"first"), refusal(2)])
takes("ping, text, ping", LATEST, ping(b"1") + text(ask(2)) + ping(b"2"), [pong_of(b"2"), refusal(2)])

UNASKED = "RFC 6455 §5.5.3: a pong may come unasked, and is not answered"
for name, payload in (("empty pong", b""), ("pong", b"x"), ("pong of 125 bytes", b"x" * 125),
                      ("pong that is not UTF-8", b"\xff")):
    takes(name, UNASKED, pong(payload))
takes("20 pongs", UNASKED, pong(b"x") * 20)
takes("pong, byte by byte", UNASKED, bytewise(pong(b"slow")))
takes("pong, ping, pong", UNASKED, pong(b"1") + ping(b"2") + pong(b"3"), pong_of(b"2"))

SHORT = "RFC 6455 §5.5: at most 125 bytes"
WHOLE = "RFC 6455 §5.5: control frames MUST NOT be fragmented"
for name, opcode in (("ping", PING), ("pong", PONG), ("close", CLOSE)):
    final = 0x80 | opcode
    fails(f"{name} of 126 bytes", SHORT, frame(final, b"x" * 126), 1002, "long control frame")
    fails(f"{name} of 65536 bytes, the header alone", SHORT, claim(opcode, 65536), 1002,
          "long control frame")
    fails(f"{name}, 5 in 16 bits", SHORT, frame(final, b"12345", length=in_16_bits(5)), 1002,
          "long control frame")
    fails(f"{name}, 5 in 64 bits", SHORT, frame(final, b"12345", length=in_64_bits(5)), 1002,
          "long control frame")
    fails(f"{name}, two bytes of the header", SHORT, bytes([final, 0xFE]), 1002, "long control frame")
    fails(f"{name}, not final", WHOLE, frame(opcode, b"x"), 1002, "fragmented control frame")
    fails(f"{name}, empty and not final", WHOLE, frame(opcode), 1002, "fragmented control frame")
    fails(f"{name}, not final, and continued", WHOLE, frame(opcode, b"x") + frame(0x80, b"y"), 1002,
          "fragmented control frame")
    fails(f"{name}, not final, within a message", WHOLE, frame(0x01, b"a") + frame(opcode, b"x"), 1002,
          "fragmented control frame")
fails("a long ping after a good one", SHORT, ping(b"good") + ping(b"x" * 126), 1002,
      "long control frame", before=pong_of(b"good"))
