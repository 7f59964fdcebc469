# SPDX-License-Identifier: Apache-2.0
"""Chapter 6, RFC 6455 sections 5.6 and 8.1: text is UTF-8 as RFC 3629 defines it."""

from .case import Chapter, End, play
from .words import (ask, bytewise, claim, first, frame, last, more, not_json, ping, pong_of, refusal,
                    text)

chapter = Chapter("UTF-8")
takes, fails = chapter.takes, chapter.fails

GOOD = {
    "U+007F": b"\x7f",
    "U+0080, the first of 2 bytes": b"\xc2\x80",
    "U+07FF, the last of 2 bytes": b"\xdf\xbf",
    "U+0800, the first of 3 bytes": b"\xe0\xa0\x80",
    "U+20AC": b"\xe2\x82\xac",
    "U+CFFF": b"\xec\xbf\xbf",
    "U+D7FF, before the surrogates": b"\xed\x9f\xbf",
    "U+E000, behind the surrogates": b"\xee\x80\x80",
    "U+FEFF, not at the beginning": b"\xef\xbb\xbf",
    "U+FFFD": b"\xef\xbf\xbd",
    "U+FFFE, no character": b"\xef\xbf\xbe",
    "U+FFFF, no character": b"\xef\xbf\xbf",
    "U+10000, the first of 4 bytes": b"\xf0\x90\x80\x80",
    "U+1F600": b"\xf0\x9f\x98\x80",
    "U+3FFFF": b"\xf0\xbf\xbf\xbf",
    "U+40000": b"\xf1\x80\x80\x80",
    "U+FFFFF": b"\xf3\xbf\xbf\xbf",
    "U+10FFFF, the last": b"\xf4\x8f\xbf\xbf",
}
MIXED = "aé€\U0001f600 κόσμε \u202e\u0301z"

BAD = {
    "80, a continuation alone": b"\x80",
    "BF, a continuation alone": b"\xbf",
    "two continuations": b"\x80\xbf",
    "C0 80, U+0000 in 2 bytes": b"\xc0\x80",
    "C0 AF, overlong": b"\xc0\xaf",
    "C1 BF, overlong": b"\xc1\xbf",
    "E0 80 80, U+0000 in 3 bytes": b"\xe0\x80\x80",
    "E0 80 AF, overlong": b"\xe0\x80\xaf",
    "E0 9F BF, overlong": b"\xe0\x9f\xbf",
    "F0 80 80 80, U+0000 in 4 bytes": b"\xf0\x80\x80\x80",
    "F0 80 80 AF, overlong": b"\xf0\x80\x80\xaf",
    "F0 8F BF BF, overlong": b"\xf0\x8f\xbf\xbf",
    "ED A0 80, the first surrogate": b"\xed\xa0\x80",
    "ED AF BF, a high surrogate": b"\xed\xaf\xbf",
    "ED B0 80, a low surrogate": b"\xed\xb0\x80",
    "ED BF BF, the last surrogate": b"\xed\xbf\xbf",
    "a pair of surrogates": b"\xed\xa0\xbd\xed\xb8\x80",
    "F4 90 80 80, U+110000": b"\xf4\x90\x80\x80",
    "F5 80 80 80": b"\xf5\x80\x80\x80",
    "F7 BF BF BF": b"\xf7\xbf\xbf\xbf",
    "5 bytes": b"\xf8\x88\x80\x80\x80",
    "6 bytes": b"\xfc\x84\x80\x80\x80\x80",
    "FE": b"\xfe",
    "FF": b"\xff",
    "C3, then ASCII": b"\xc3(",
    "E2 82, then ASCII": b"\xe2\x82(",
    "F0 9F 98, then ASCII": b"\xf0\x9f\x98(",
    "E2, then a lead byte": b"\xe2\xc3\xa4",
    "one continuation too many": b"\xc3\xa4\xa4",
    "ISO 8859-1": b"gr\xfc\xdfe",
}
CUT_OFF = {
    "1 of 2": b"\xc3",
    "1 of 3": b"\xe2",
    "2 of 3": b"\xe2\x82",
    "1 of 4": b"\xf0",
    "2 of 4": b"\xf0\x9f",
    "3 of 4": b"\xf0\x9f\x98",
}

VALID = "RFC 6455 §5.6 and RFC 3629 §4"
for name, data in GOOD.items():
    takes(name, VALID, text(ask(2, pad=data)), refusal(2))
takes("U+FEFF at the beginning", VALID, text(b"\xef\xbb\xbf" + ask(2)), not_json())
takes("U+0000", f"{VALID}; valid as UTF-8, not as JSON", text(ask(2, pad=b"\0")), not_json())

SPLIT = "RFC 6455 §5.6: fragments may end within a character"
for name, data in GOOD.items():
    whole = ask(2, pad=data)
    begin = whole.index(data)
    for i in range(begin + 1, begin + len(data)):
        takes(f"{name}, in fragments after byte {i - begin}", SPLIT,
              first(whole[:i]) + last(whole[i:]), refusal(2))
mixed = ask(2, pad=MIXED.encode())
takes("a fragment for each byte of a text", SPLIT,
      first(mixed[:1]) + b"".join(more(b) for b in bytewise(mixed[1:-1])) + last(mixed[-1:]), refusal(2))
takes("a text, byte by byte", SPLIT, bytewise(text(mixed)), refusal(2))
takes("a ping within a character", SPLIT,
      first(b'{"pad":"\xe2') + ping(b"p") + last(b'\x82\xac","op":"ping","id":2}'),
      [pong_of(b"p"), refusal(2)])
takes("empty fragments within a character", SPLIT,
      first(b'{"pad":"\xf0') + more() + more(b"\x9f") + more() + last(b'\x98\x80","op":"ping","id":2}'),
      refusal(2))

NOT_UTF8 = 1007, "text is not UTF-8"
INVALID = "RFC 6455 §8.1: text that is not UTF-8 fails the connection"
AT_ONCE = "RFC 6455 §8.1, docs/websocket-api.md: at the first byte that cannot be right"
for name, data in BAD.items():
    fails(name, INVALID, text(data), *NOT_UTF8)
    fails(f"{name}, behind good text", INVALID, text(MIXED.encode() + data + b" and more"), *NOT_UTF8)
    fails(f"{name}, in a message without an end", AT_ONCE, first(b"good so far ") + more(data), *NOT_UTF8)
for name, data in CUT_OFF.items():
    fails(f"{name} bytes at the end", INVALID, text(b"good so far " + data), *NOT_UTF8)
    fails(f"{name} bytes at the end of the last fragment", INVALID, first(data) + more() + last(),
          *NOT_UTF8)
    takes(f"{name} bytes at the end of a fragment are fine yet", SPLIT, first(b"good so far " + data))

# The byte that decides is the last that is sent; frame and message would go on.
for name, sent in (("80", b"\x80"), ("C0", b"\xc0"), ("C1", b"\xc1"), ("F5", b"\xf5"), ("FF", b"\xff"),
                   ("E0 9F", b"\xe0\x9f"), ("ED A0", b"\xed\xa0"), ("F0 8F", b"\xf0\x8f"),
                   ("F4 90", b"\xf4\x90"), ("C3 28", b"\xc3("), ("E2 82 28", b"\xe2\x82("),
                   ("F0 9F 98 28", b"\xf0\x9f\x98(")):
    beginning = frame(0x81, b"good " + sent + b"x" * (500 - len(sent) - 5))
    header = len(claim(1, 500))
    fails(f"{name}, the rest of the frame never comes", AT_ONCE,
          beginning[: header + 5 + len(sent)], *NOT_UTF8)
fails("a bad byte across two fragments", AT_ONCE, first(b"\xed") + more(b"\xa0"), *NOT_UTF8)
fails("a bad byte after a ping within a character", AT_ONCE,
      first(b"\xe2") + ping(b"p") + more(b"("), *NOT_UTF8, before=pong_of(b"p"))
fails("a character does not go on in the next message", INVALID,
      text(b"\xe2") + text(b"\x82\xac"), *NOT_UTF8)
chapter.add("the next message begins anew", VALID, [
    play(text(ask(1, pad=b"\xe2\x82\xac")), refusal(1)), play(text(ask(2)), refusal(2))], End.OPEN)
