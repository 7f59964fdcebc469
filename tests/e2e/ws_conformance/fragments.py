# SPDX-License-Identifier: Apache-2.0
"""Chapter 3, RFC 6455 section 5.4: messages in several frames."""

from .case import Chapter, End, play
from .words import (ask, binary, bytewise, claim, close, first, frame, last, more, not_json, ping,
                    pong, pong_of, refusal, text)

chapter = Chapter("fragmentation")
takes, fails = chapter.takes, chapter.fails

WHOLE = "RFC 6455 §5.4: fragments make one message, in their order"
ORDER = "fragments out of order"


def cut(data, count):
    """The text in so many fragments of about the same size."""
    ends = [len(data) * i // count for i in range(count + 1)]
    parts = [data[a:b] for a, b in zip(ends, ends[1:])]
    return [first(parts[0]), *[more(p) for p in parts[1:-1]], last(parts[-1])]


for count in (2, 3, 4, 5, 8, 16, 31):
    takes(f"{count} fragments in one segment", WHOLE, b"".join(cut(ask(3), count)), refusal(3))
    takes(f"{count} fragments, each by itself", WHOLE, cut(ask(3), count), refusal(3))
takes("a fragment for each byte", WHOLE, b"".join(cut(ask(3), len(ask(3)))), refusal(3))
takes("fragments, byte by byte", WHOLE, bytewise(b"".join(cut(ask(3), 3))), refusal(3))
takes("two messages of fragments", WHOLE, b"".join(cut(ask(1), 3) + cut(ask(2), 2)),
      [refusal(1), refusal(2)])
takes("a message of fragments between whole ones", WHOLE,
      text(ask(1)) + b"".join(cut(ask(2), 3)) + text(ask(3)), [refusal(1), refusal(2), refusal(3)])
for size in (125, 126, 127, 65534):
    takes(f"a first fragment of {size} bytes", WHOLE,
          first(ask(4, 65536)[:size]) + last(ask(4, 65536)[size:]), refusal(4))

EMPTY = "RFC 6455 §5.4: a fragment may be empty"
takes("two empty fragments", EMPTY, first() + last(), not_json())
takes("three empty fragments", EMPTY, first() + more() + last(), not_json())
takes("empty, all, empty", EMPTY, first() + more(ask(5)) + last(), refusal(5))
takes("all, empty", EMPTY, first(ask(5)) + last(), refusal(5))
takes("empty, all", EMPTY, first() + last(ask(5)), refusal(5))
takes("empty ones between the others", EMPTY,
      first(ask(5)[:9]) + more() + more() + more(ask(5)[9:12]) + more() + last(ask(5)[12:]), refusal(5))
takes("100 empty ones", EMPTY, first() + more() * 100 + last(ask(5)), refusal(5))
takes("an unfinished message is no message", WHOLE, first(ask(5)))
takes("an unfinished message, two fragments", WHOLE, first(ask(5)[:9]) + more(ask(5)[9:]))

BETWEEN = "RFC 6455 §5.4: control frames may stand between fragments"
start, rest = first(ask(6)[:10]), last(ask(6)[10:])
for name, control, answer in (("a ping", ping(b"now"), [pong_of(b"now")]),
                              ("an empty ping", ping(), [pong_of()]),
                              ("a ping of 125 bytes", ping(b"n" * 125), [pong_of(b"n" * 125)]),
                              ("a pong", pong(b"now"), []),
                              ("an empty pong", pong(), [])):
    chapter.add(f"{name} between", BETWEEN, [play(start + control, answer), play(rest, refusal(6))],
                End.OPEN)
    takes(f"{name} between, in one segment", BETWEEN, start + control + rest, [*answer, refusal(6)])
chapter.add("a ping after each of five fragments", BETWEEN, [
    *[play(piece + ping(b"%d" % i), pong_of(b"%d" % i))
      for i, piece in enumerate(cut(ask(6), 5)[:-1])],
    play(cut(ask(6), 5)[-1], refusal(6)), play(ping(b"end"), pong_of(b"end"))], End.OPEN)
chapter.add("a ping within a frame is payload", "RFC 6455 §5.4: frames do not interleave", [
    play(text(ask(6))[:20], ()), play(text(ask(6))[20:] + ping(b"p"), [pong_of(b"p"), refusal(6)])],
    End.OPEN)
chapter.ends("a close between", "RFC 6455 §5.5.1: nothing is processed after a close",
             start + close(1000) + rest, 1000)
chapter.ends("a close after a ping between", BETWEEN, start + ping(b"p") + close(1001), 1001,
             before=pong_of(b"p"))

NOTHING = "RFC 6455 §5.4: a continuation continues something"
fails("a final continuation first", NOTHING, last(ask()), 1002, ORDER)
fails("an empty final continuation first", NOTHING, last(), 1002, ORDER)
fails("a continuation first", NOTHING, more(ask()), 1002, ORDER)
fails("a continuation after a whole message", NOTHING, text(ask(1)) + last(b"x"), 1002, ORDER,
      before=refusal(1))
fails("a continuation after the last fragment", NOTHING, first(ask(1)) + last() + last(), 1002,
      ORDER, before=refusal(1))
fails("a middle one after the last fragment", NOTHING, first(ask(1)) + last() + more(), 1002, ORDER,
      before=refusal(1))
fails("a continuation after a ping", NOTHING, ping(b"p") + last(b"x"), 1002, ORDER,
      before=pong_of(b"p"))
fails("a continuation first, the header alone", NOTHING, claim(0, 1000), 1002, ORDER)

INSIDE = "RFC 6455 §5.4: fragments of messages do not interleave"
fails("a text within a message", INSIDE, first(b"a") + text(ask()), 1002, ORDER)
fails("a text after the second fragment", INSIDE, first(b"a") + more(b"b") + text(ask()), 1002, ORDER)
fails("an empty text within a message", INSIDE, first() + text(), 1002, ORDER)
fails("a first fragment within a message", INSIDE, first(b"a") + first(b"b"), 1002, ORDER)
fails("a binary within a message", INSIDE, first(b"a") + binary(b"b"), 1002, ORDER)
fails("a first binary fragment within a message", INSIDE, first(b"a") + frame(0x02, b"b"), 1002, ORDER)
fails("a text within a message, after a ping", INSIDE, first(b"a") + ping(b"p") + text(ask()), 1002,
      ORDER, before=pong_of(b"p"))
fails("a text within a message, the header alone", INSIDE, first(b"a") + claim(1, 500), 1002, ORDER)
