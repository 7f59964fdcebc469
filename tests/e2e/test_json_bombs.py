# SPDX-License-Identifier: Apache-2.0
"""JSON that is none, too deep, too long or too clever (RFC 8259): over HTTP and as a frame, each with its exact answer,
and a server that is none the worse for it."""

import json

import pytest

from api import World
from conftest import Peer, WebSocket, ws_frame

# What is wrong with the value of a member that is otherwise good.
BAD_VALUES = {
    # strings
    **{f"control {c:#04x}": b'"' + bytes([c]) + b'"' for c in range(0x20)},
    **{f"escape {c}": b'"\\' + c.encode() + b'"' for c in "acdeghijklmopqsvwxyzAU0189'&-_ "},
    "escape at the end": b'"\\"',
    "u without digits": b'"\\u"',
    "u with 1 digit": b'"\\u1"',
    "u with 3 digits": b'"\\u123"',
    "u with bad digits": b'"\\u12G4"',
    "u with a sign": b'"\\u+123"',
    "u in capitals": b'"\\U0041"',
    "lone high surrogate": b'"\\ud800"',
    "lone low surrogate": b'"\\udc00"',
    "high, then text": b'"\\ud800x"',
    "high, then high": b'"\\ud800\\ud800"',
    "low, then high": b'"\\udc00\\ud800"',
    "high, then a broken escape": b'"\\ud800\\u12"',
    "NUL escaped": b'"\\u0000"',
    "single quotes": b"'a'",
    "no quotes": b"a",
    "not closed": b'"a',
    # UTF-8 (RFC 3629)
    **{
        f"bytes {raw.hex()}": b'"' + raw + b'"'
        for raw in [
            b"\x80", b"\xbf", b"\xc0\x80", b"\xc0\xaf", b"\xc1\xbf", b"\xc2", b"\xc2\x20", b"\xe0\x80\x80",
            b"\xe0\x9f\xbf", b"\xe2\x82", b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xf0\x80\x80\x80", b"\xf0\x8f\xbf\xbf",
            b"\xf0\x9f\x98", b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xfc\x84\x80\x80\x80\x80",
            b"\xfe", b"\xff", b"\xff\xfe", b"a\x80b", b"\xe9", b"\xed\xa0\xbd\xed\xb8\x80",
        ]
    },
    # numbers
    **{
        f"number {text}": text.encode()
        for text in [
            "+1", "01", "-01", "00", "1.", ".1", "-.1", "1.e1", "1e", "1e+", "1e-", "1E", "-", "--1", "1-", "1+1",
            "0x1", "0b1", "0o7", "1_000", "1,5", "NaN", "nan", "Infinity", "-Infinity", "inf", "1e400", "-1e400",
            "18446744073709551616", "-9223372036854775809", "99999999999999999999999999", "1.5.5", "1 2", "１",
        ]
    },
    # literals
    **{f"literal {text}": text.encode() for text in ["True", "TRUE", "tru", "truee", "nul", "None", "undefined", "fals"]},
    # arrays and objects
    **{
        f"structure {text}": text.encode()
        for text in [
            "[", "]", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1 2]", "[1:2]", "[1}", "[1;2]", "{", "}", '{"a"', '{"a":', '{"a":}',
            '{"a":1', '{"a":1,', '{"a":1,}', '{,"a":1}', '{"a" 1}', '{"a"::1}', '{"a":1:2}', '{"a":1 "b":2}', "{a:1}", "{'a':1}",
            "{1:1}", "{null:1}", '{"a":1]', "{:1}", "[1,,2]", "/**/1", "1/**/", "// x\n1", "1 // x", "# x\n1", "(1)", "<1>",
            '{"a":1,"a":2}', '{"a":1,"\\u0061":2}', '{"":1,"":2}', '{"b":{"a":1,"a":1}}', '[{"a":1,"a":1}]',
        ]
    },
    "nothing": b"",
    "form feed": b"\x0c1",
    "no-break space": "\u00a01".encode(),
    "depth of arrays": b"[" * 16 + b"]" * 16,
    "depth of objects": b'{"a":' * 16 + b"1" + b"}" * 16,
    "depth of both": b'[{"a":' * 8 + b"1" + b"}]" * 8,
    "10,000 brackets": b"[" * 10_000,
    "10,000 objects": b'{"a":' * 10_000,
}

# Not the value of a member, but the whole.
BAD_TEXTS = {
    "empty array": b"[]",
    "text": b'"text"',
    "number": b"1",
    "null": b"null",
    "true": b"true",
    "two": b"{} {}",
    "comma behind": b"{},",
    "text behind": b"{} x",
    "NUL behind": b"{}\0",
    "byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": "{}".encode("utf-16"),
    "UTF-16 without a mark": "{}".encode("utf-16-le"),
    "UTF-32": "{}".encode("utf-32-be"),
    "only spaces": b"   ",
    "only a line": b"\r\n",
    "vertical tab": b"\x0b{}",
    "unclosed": b"{",
    "closed twice": b"{}}",
    "closed only": b"}",
    "form": b"a=1&b=2",
    "XML": b"<a/>",
    "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
    "NULs": b"\0" * 100,
    "high bytes": b"\xff" * 100,
}


def wholes():
    for name, value in BAD_VALUES.items():
        yield name, b'{"id":7,"op":"ping","content":' + value + b"}"
    yield from BAD_TEXTS.items()


CASES = list(wholes())


@pytest.fixture(scope="module")
def world(msgd):
    return World(msgd)


@pytest.fixture(scope="module")
def alice(world):
    return world.person()


@pytest.fixture(scope="module", autouse=True)
def nothing_went_wrong(world, alice):
    """No answer was a 500, and the one process answers to the end."""
    before = world.nobody.call("GET", "/metrics").body
    yield
    after = world.nobody.call("GET", "/metrics").body

    def faults(text):
        return sum(
            float(line.rsplit(" ", 1)[1])
            for line in text.splitlines()
            if line.startswith("msgd_http_requests_total") and 'status="5' in line
        )

    assert "msgd_http_requests_total" in after
    assert faults(after) == faults(before)
    assert alice.get("/me").status == 200


@pytest.mark.parametrize("raw", [c[1] for c in CASES], ids=[c[0] for c in CASES])
def test_a_body(alice, raw):
    answer = alice.call("POST", "/api/v1/messages", raw=raw)
    assert (answer.status, answer.code) == (400, "malformed_request"), answer
    shown = answer.json["detail"]
    assert len(shown) < 120 and shown.isascii() and shown.isprintable(), "nothing is echoed"


@pytest.mark.parametrize("raw", [c[1] for c in CASES], ids=[c[0] for c in CASES])
def test_a_frame(msgd, alice, raw):
    with WebSocket(msgd.address) as ws:
        ws.send_json({"id": 1, "op": "hello", "token": alice.token})
        while "ok" not in ws.read_json():
            pass
        ws.send(ws_frame(0x81, raw))
        try:
            raw.decode()
        except UnicodeDecodeError:
            assert ws.read_close()[0] == 1007
            return
        frame = ws.read_json()
        while "event" in frame:
            frame = ws.read_json()
        assert not frame["ok"] and frame["error"]["code"] == "malformed_request", frame
        ws.send_json({"id": 2, "op": "ping"})
        assert ws.read_json() == {"id": 2, "ok": True, "result": None}


# Bodies that are good JSON, and still too much.


def post(peer, body, **fields):
    lines = [
        b"POST /api/v1/messages HTTP/1.1",
        b"Host: t",
        b"Content-Type: application/json",
        b"Content-Length: %d" % len(body),
        *(f"{k}: {v}".encode() for k, v in fields.items()),
        b"",
        b"",
    ]
    peer.send(b"\r\n".join(lines) + body)
    return peer.read_response()


@pytest.mark.parametrize(
    "name, body, status",
    [
        ("content over its limit", {"receiver_id": "1", "content": "x" * 70_000}, 422),
        ("content of 4-byte characters", {"receiver_id": "1", "content": "😀" * 20_000}, 422),
        ("100,000 unknown members", {str(i): 0 for i in range(20_000)}, 422),
        ("50,000 mentions", {"receiver_id": "1", "content": "x", "mentions": ["1"] * 40_000}, 422),
        ("an array of 100,000", {"receiver_id": "1", "content": "x", "x": [0] * 80_000}, 404),
        ("a name of 200,000", {"x" * 200_000: 0}, 422),
        ("numbers with 100,000 digits", {"receiver_id": "9" * 100_000, "content": "x"}, 422),
        ("empty", {}, 422),
        ("wrong types", {"receiver_id": [], "content": {}}, 422),
    ],
)
def test_a_good_body_that_is_too_much(msgd, alice, name, body, status):
    raw = json.dumps(body, ensure_ascii=False).encode()
    assert len(raw) <= 262_144, name
    with Peer(msgd.address) as peer:
        answer = post(peer, raw, Authorization=f"Bearer {alice.token}")
        assert answer.status == status, (name, answer.body[:300])
        assert post(peer, b"{}", Authorization=f"Bearer {alice.token}").status == 422, "goes on"


def test_a_body_over_the_limit_is_refused_by_its_length(msgd, alice):
    with Peer(msgd.address) as peer:
        body = b'{"content":"' + b"x" * 262_140 + b'"}'
        assert post(peer, body, Authorization=f"Bearer {alice.token}").status == 413
        peer.expect_end()


def test_a_number_of_good_digits_is_taken(alice):
    """The neighbours of what is refused."""
    for raw in [b'{"x":9223372036854775807}', b'{"x":-9223372036854775808}', b'{"x":1e308}', b'{"x":-0.0}',
                b'{"x":"\\ud83d\\ude00"}', '{"x":"\u2028\ufeff\U0010ffff"}'.encode(), b'{"x":"\\/\\b\\f"}',
                b'{"x":' + b"[" * 14 + b"]" * 14 + b"}", b' \t\r\n{ "x" : [ ] } \n']:
        answer = alice.call("POST", "/api/v1/messages", raw=raw)
        assert answer.status == 422, (raw, answer)
