# SPDX-License-Identifier: Apache-2.0
"""Chapter 8, RFC 6455 sections 5.6 and 9: text is spoken, binary is not; no extension is in use."""

from .case import Chapter, End, Http, play
from .words import (accepted, ask, binary, claim, closed, first, frame, last, not_json, ping, pong_of,
                    refusal, request, text)

chapter = Chapter("text, binary, extensions")
takes, fails = chapter.takes, chapter.fails

BINARY = "RFC 6455 §7.4.1, docs/websocket-api.md: binary is closed with 1003"
TEXT_ONLY = 1003, "text only"
for name, data in (("binary", binary(b"x")), ("empty binary", binary()),
                   ("a request in binary", binary(ask())),
                   ("binary that is not UTF-8", binary(b"\xff\xfe")),
                   ("a first fragment of binary", frame(0x02, b"x")),
                   ("an empty first fragment of binary", frame(0x02)),
                   ("binary in two fragments", frame(0x02, b"x") + last(b"y")),
                   ("two binaries", binary(b"x") + binary(b"y")),
                   ("binary, then a text", binary(b"x") + text(ask())),
                   ("binary of 126 bytes", binary(b"x" * 126)),
                   ("binary of 65535 bytes", binary(b"x" * 65535)),
                   ("the header of a binary", claim(2, 1000)),
                   ("two bytes of a binary", binary(b"x")[:2])):
    fails(name, BINARY, data, *TEXT_ONLY)
fails("a text, then binary", BINARY, text(ask(1)) + binary(b"x"), *TEXT_ONLY, before=refusal(1))
fails("a ping, then binary", BINARY, ping(b"p") + binary(b"x"), *TEXT_ONLY, before=pong_of(b"p"))
fails("fragments, then binary", BINARY, first(ask(1)) + last() + binary(b"x"), *TEXT_ONLY,
      before=refusal(1))

JSON = "docs/websocket-api.md: a frame that is no request is answered, and the session goes on"
for name, data, detail in (
        ("white space", b" \r\n\t", None), ("a word", b"hello", None),
        ("half an object", b'{"id":1', None),
        ("two objects", ask(1) + ask(2), "There is something behind the JSON value."),
        ("a line feed in a string", b'{"id":1,"op":"a\nb"}', None),
        ("a list", b"[]", "The body must be a JSON object."),
        ("a number", b"1", "The body must be a JSON object."),
        ("null", b"null", "The body must be a JSON object."),
        ("no id", b'{"op":"ping"}', "A frame needs an id from 0 to 2^53-1."),
        ("an id of 2^53", b'{"id":9007199254740992,"op":"ping"}',
         "A frame needs an id from 0 to 2^53-1."),
        ("a key twice", b'{"id":1,"id":1,"op":"ping"}', "An object has the same key twice.")):
    answer = not_json() if detail is None else not_json(detail)
    takes(f"{name} in one frame", JSON, text(data), answer)
    takes(f"{name} in fragments", JSON, first(data[:1]) + last(data[1:]), answer)
for number in (0, 1, 2**31, 2**53 - 1):
    takes(f"id {number}", "docs/websocket-api.md: 0 … 2^53-1, it comes back", text(ask(number)),
          refusal(number))

# Extensions: offered ones are declined by silence, so nobody may use one.

OFFER = "RFC 6455 §9.1: the server takes what it likes of what is offered: nothing"
OFFERS = (
    "permessage-deflate", "permessage-deflate; client_max_window_bits",
    "permessage-deflate; server_no_context_takeover; client_max_window_bits=10",
    'permessage-deflate; client_max_window_bits="10"', "x-webkit-deflate-frame",
    "permessage-deflate, permessage-deflate; server_max_window_bits=9", "a;b=c;d, e", "a;b , c",
    "a , , b", ["permessage-deflate", "permessage-bzip2; a=1"], 'a;b="c\\d"')
for value in OFFERS:
    chapter.upgrades(f"offer {value!r}", OFFER, request(Sec_WebSocket_Extensions=value))
MALFORMED = "RFC 6455 §9.1: what is not as the grammar says fails the handshake"
for value in ("", " ", ",", ";", "permessage-deflate;", "; a", "a b", "a; b c", "a;b=", "a;=b", "a=b",
              "a;b==c", 'a;b="c', 'a;b="c d"', 'a;b=""', 'a;b="c"d', "a/b", "a;;b", 'a;b="c\\"',
              ["permessage-deflate", "a;"]):
    chapter.refuses(f"malformed offer {value!r}", MALFORMED, request(Sec_WebSocket_Extensions=value),
                    Http(400, "malformed_request", (("connection", "close"),)))

COMPRESSED = "RFC 7692 §6, RFC 6455 §5.2: RSV1 without a negotiated extension fails"
HELLO = bytes.fromhex("f248cdc9c90700")  # "Hello" as RFC 7692 §7.2.3.1 compresses it
for name, data in (("a compressed text", frame(0xC1, HELLO)),
                   ("a compressed first fragment", frame(0x41, HELLO[:3]) + last(HELLO[3:])),
                   ("a compressed binary", frame(0xC2, HELLO))):
    chapter.add(f"{name} after an offer", COMPRESSED, [
        play(request(Sec_WebSocket_Extensions="permessage-deflate"), accepted()),
        play(data, closed(1002, "reserved bits are set"))], End.CLOSED, upgraded=False)
chapter.add("a plain text after an offer", OFFER, [
    play(request(Sec_WebSocket_Extensions="permessage-deflate"), accepted()),
    play(text(ask(1)), refusal(1))], End.OPEN, upgraded=False)
