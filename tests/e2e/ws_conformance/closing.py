# SPDX-License-Identifier: Apache-2.0
"""Chapter 5, RFC 6455 sections 5.5.1 and 7: the close frame and the end of the connection."""

import struct

from .case import Chapter, End, play
from .words import (ask, binary, bytewise, close, closed, first, frame, not_json, ping, pong, pong_of,
                    refusal, text)

chapter = Chapter("close")
takes, fails, ends = chapter.takes, chapter.fails, chapter.ends

ECHO = "RFC 6455 §5.5.1: a close is answered with a close, typically of the same code"
for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011):
    ends(f"close {code}", f"{ECHO}; §7.4.1", close(code), code)
for code in (1012, 1013, 1014):
    ends(f"close {code}", f"{ECHO}; the registry of §11.7", close(code), code)
for code in (3000, 3001, 3999, 4000, 4008, 4401, 4408, 4503, 4999):
    ends(f"close {code}", f"{ECHO}; §7.4.2", close(code), code)
ends("close without a code", "RFC 6455 §7.1.5: no code is 1005, which is never sent", close(), None)

REASON = "RFC 6455 §5.5.1: a reason may follow; docs/websocket-api.md: it is not echoed"
for name, reason in (("of one byte", b"x"), ("in words", b"going home"), ("of 122 bytes", b"r" * 122),
                     ("of 123 bytes", b"r" * 123), ("not ASCII", "tschüß €".encode()),
                     ("of four-byte characters", "\U0001f600".encode() * 30),
                     ("with a NUL", b"a\0b"), ("at the last code point", b"\xf4\x8f\xbf\xbf")):
    ends(f"reason {name}", REASON, close(1000, reason), 1000)
    ends(f"reason {name}, of 4000", REASON, close(4000, reason), 4000)

RANGE = "RFC 6455 §7.4: a code that must not be on the wire"
for code, rule in (
        *[(n, "§7.4.2: 0-999 are not used") for n in (0, 1, 100, 500, 999)],
        (1004, "§7.4.1: reserved"),
        *[(n, "§7.4.1: MUST NOT be set in a close frame") for n in (1005, 1006, 1015)],
        *[(n, "§7.4.2: not assigned yet") for n in (1016, 1017, 1099, 1100, 1500, 1999, 2000,
                                                     2500, 2999)],
        *[(n, "§7.4.2: there are none from 5000") for n in (5000, 5001, 10000, 32768, 65535)]):
    fails(f"close {code}", f"RFC 6455 {rule}", close(code), 1002, "bad close code")
fails("close 1005 with a reason", RANGE, close(1005, b"none"), 1002, "bad close code")
fails("close 999, the reason bad as well", RANGE, close(999, b"\xff"), 1002, "bad close code")

ONE = "RFC 6455 §5.5.1: the payload is empty or begins with a code of two bytes"
for byte in (b"\x03", b"\x00", b"\xff", b"x"):
    fails(f"payload of one byte, {byte.hex()}", ONE, frame(0x88, byte), 1002,
          "close payload of one byte")

UTF8 = "RFC 6455 §5.5.1 and §8.1: the reason is UTF-8"
for name, reason in (("a continuation byte alone", b"\x80"), ("FF", b"\xff"), ("FE", b"\xfe"),
                     ("overlong slash", b"\xc0\xaf"), ("overlong, 3 bytes", b"\xe0\x80\xaf"),
                     ("overlong, 4 bytes", b"\xf0\x80\x80\xaf"), ("a surrogate", b"\xed\xa0\x80"),
                     ("above U+10FFFF", b"\xf4\x90\x80\x80"), ("cut after 1 of 2", b"bye\xc3"),
                     ("cut after 2 of 3", b"bye\xe2\x82"), ("cut after 3 of 4", b"bye\xf0\x9f\x98"),
                     ("at the end of 123 bytes", b"r" * 122 + b"\xc3"),
                     ("in the middle", b"good\xffgood")):
    fails(f"reason, {name}", UTF8, close(1000, reason), 1007, "close reason is not UTF-8")

AFTER = "RFC 6455 §5.5.1: nothing is processed after a close"
for name, data in (("a text", text(ask())), ("a ping", ping(b"late")), ("a pong", pong()),
                   ("another close", close(1001)), ("a frame without a mask", text(b"x", mask=None)),
                   ("a reserved opcode", frame(0x83, b"x")), ("a text that is not UTF-8", text(b"\xff")),
                   ("a binary", binary(b"x")), ("half a frame", text(ask())[:5]),
                   ("no frame at all", b"GET / HTTP/1.1\r\n\r\n"), ("a byte", b"\x00"),
                   ("a kilobyte of FF", b"\xff" * 1024)):
    ends(f"{name} after the close", AFTER, close(1000) + data, 1000)
TRAILING = "RFC 6455 §7.1.1: trailing bytes are discarded, so that the end is clean"
ends("100 KiB after the close, in one segment", TRAILING, close(1000) + b"\x81" * 100_000, 1000)
ends("100 KiB after the close, by themselves", TRAILING, [close(1000), b"\x81" * 100_000], 1000)
fails("100 KiB after a bad frame", TRAILING, frame(0x83) + b"\x81" * 100_000, 1002, "unknown opcode")

BEFORE = "RFC 6455 §5.5.1: what came before the close is answered before it"
ends("a text before the close", BEFORE, text(ask(1)) + close(1000), 1000, before=refusal(1))
ends("two texts before the close", BEFORE, text(ask(1)) + text(ask(2)) + close(3000), 3000,
     before=[refusal(1), refusal(2)])
ends("a ping before the close", BEFORE, ping(b"p") + close(1000), 1000, before=pong_of(b"p"))
ends("a close in the middle of a message", BEFORE, first(ask(1)) + close(1000), 1000)
ends("a close in two segments", ECHO, [close(1000, b"bye")[:7], close(1000, b"bye")[7:]], 1000)
ends("a close without a code, byte by byte", ECHO, bytewise(close()), None)
fails("a bad close, byte by byte", RANGE, bytewise(close(1006)), 1002, "bad close code")

FIRST = "RFC 6455 §7.1.2: msgd begins the closing handshake and waits for the answer"
LAST_ONE = [not_json(), not_json(), not_json(), closed(1008, "malformed frames")]
for name, data in (("the same code", close(1008)), ("another code", close(1000)), ("no code", close()),
                   ("a text before it", text(ask()) + close(1008)),
                   ("a ping before it", ping(b"late") + close(1008)),
                   ("the end of a message before it", first(b"x") + close(1008)),
                   ("a broken rule", frame(0x83, b"x")), ("a bad close", close(1006))):
    chapter.add(f"msgd closes first, answer: {name}", FIRST, [
        play(text(b"x") * 3, LAST_ONE), play(data, ())], End.CLOSED)
chapter.add("msgd closes first and nobody answers",
            "docs/websocket-api.md: it waits ws-close-timeout-ms, here 3 s",
            [play(text(b"y") * 3, LAST_ONE)], End.CLOSED)
chapter.add("both close at the same time", "RFC 6455 §7.1.3: either may begin",
            [play(text(b"x") * 3 + close(1000), LAST_ONE)], End.CLOSED)
takes("a code of two bytes is big-endian", "RFC 6455 §5.5.1", ping(struct.pack("<H", 1000)),
      pong_of(b"\xe8\x03"))
fails("a code in the other order", "RFC 6455 §5.5.1: in network byte order",
      frame(0x88, struct.pack("<H", 1000)), 1002, "bad close code")
