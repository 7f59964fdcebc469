# SPDX-License-Identifier: Apache-2.0
"""Chapter 1, RFC 6455 section 4: who is let in, and what the others are told."""

from .case import Chapter, End, Http, play
from .words import FIELDS, accepted, bytewise, ping, pong_of, closed, close, request, text

chapter = Chapter("opening handshake")
upgrades, refuses = chapter.upgrades, chapter.refuses

BAD = Http(400, "malformed_request", (("connection", "close"),))
BAD_VERSION = Http(426, "upgrade_required", (
    ("connection", "close"), ("upgrade", "websocket"), ("sec-websocket-version", "13")))
BAD_ORIGIN = Http(403, "permission_denied", (("connection", "close"),))
OURS = "docs/websocket-api.md"

# The request line.

GET = "RFC 6455 §4.1: the method MUST be GET, the version at least 1.1"
for path in ("/", "/api/v1/ws?a=b", "/?", "/api/v1/%77s", "http://t/api/v1/ws"):
    upgrades(f"target {path}", "RFC 6455 §4.2.1, 1", request(f"GET {path} HTTP/1.1"))
for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
    refuses(method, GET, request(f"{method} /api/v1/ws HTTP/1.1"), BAD)
refuses("HEAD", GET, request("HEAD /api/v1/ws HTTP/1.1"), Http(400, body=False))
for method in ("get", "CONNECT", "WEBSOCKET"):
    refuses(f"method {method}", GET, request(f"{method} /api/v1/ws HTTP/1.1"),
            Http(501, "not_implemented"))
refuses("HTTP/1.0", GET, request("GET /api/v1/ws HTTP/1.0"), BAD)
for version in ("HTTP/1.2", "HTTP/2.0"):
    refuses(version, GET, request(f"GET /api/v1/ws {version}"),
            Http(505, "http_version_not_supported"))
for version in ("", "HTTP/1", "http/1.1", "HTTP/1.1 "):
    refuses(f"'{version}' for HTTP/1.1", GET, request(f"GET /api/v1/ws {version}"), BAD)
for path in ("/api/v1/ws/", "/api/v1/WS", "/chat"):
    refuses(f"nothing at {path}", "RFC 6455 §4.2.2, 4: 404 for a resource that is not there",
            request(f"GET {path} HTTP/1.1"), Http(404, "not_found"), End.HTTP)
refuses("fragment in the target", "RFC 6455 §3: no fragments",
        request("GET /api/v1/ws#a HTTP/1.1"), BAD)
for name in ("token", "access_token", "TOKEN", "%74oken"):
    refuses(f"{name} in the query", f"{OURS}, hello: never in the URL",
            request(f"GET /api/v1/ws?{name}=mss_x HTTP/1.1"), BAD)

# Each required header: left out, empty, wrong, twice, in other cases.

HOST = "RFC 6455 §4.2.1, 2"
for name, value in (("none", None), ("empty", ""), ("twice", ["t", "t"]), ("not a host", "a b")):
    refuses(f"Host {name}", HOST, request(Host=value), BAD)

UPGRADE = "RFC 6455 §4.2.1, 3: Upgrade has websocket, in any case"
for value in ("WebSocket", "WEBSOCKET", "h2c, websocket", "websocket, h2c", " websocket\t",
              ", websocket", ["h2c", "websocket"], ["websocket", "websocket"]):
    upgrades(f"Upgrade: {value!r}", UPGRADE, request(Upgrade=value))
for value in (None, "", "h2c", "websockets", "web socket", "websocket/13", "websocket;q=1",
              '"websocket"'):
    refuses(f"Upgrade: {value!r}", UPGRADE, request(Upgrade=value), BAD_VERSION)

CONNECTION = "RFC 6455 §4.2.1, 4: Connection has Upgrade, in any case"
for value in ("upgrade", "UPGRADE", "keep-alive, Upgrade", "Upgrade, keep-alive", ",Upgrade,",
              ["keep-alive", "Upgrade"], "close, Upgrade"):
    upgrades(f"Connection: {value!r}", CONNECTION, request(Connection=value))
for value in (None, "", "keep-alive", "close", "Upgraded", "Up grade", "Upgrade;a", "websocket"):
    refuses(f"Connection: {value!r}", CONNECTION, request(Connection=value), BAD)

KEY = "RFC 6455 §4.2.1, 5: a key that is 16 bytes in base64"
for value in ("AAAAAAAAAAAAAAAAAAAAAA==", "/////////////////////w==", "x3JJHMbDL1EzLkh9GBhXDw==",
              "AAAAAAAAAAAAAAAAAAAAAB=="):
    upgrades(f"key {value}", "RFC 6455 §4.2.2, 5.4: the accept value", request(
        Sec_WebSocket_Key=value), accepted(value))
upgrades("key in spaces", "RFC 6455 §4.2.2, 5.4: without the white space around it",
         request(Sec_WebSocket_Key=f" \t{FIELDS['Sec-WebSocket-Key']} "))
for name, value in (
        ("none", None), ("empty", ""), ("of 15 bytes", "dGhlIHNhbXBsZSBub25j"),
        ("of 17 bytes", "dGhlIHNhbXBsZSBub25jZTE="), ("of 18 bytes", "dGhlIHNhbXBsZSBub25jZTEy"),
        ("of 1 byte", "YQ=="), ("without padding", "dGhlIHNhbXBsZSBub25jZQ"),
        ("with half the padding", "dGhlIHNhbXBsZSBub25jZQ="),
        ("with too much padding", "dGhlIHNhbXBsZSBub25jZ==="),
        ("padded in the middle", "dGhlIHNhbXB=ZSBub25jZQ=="), ("with a dash", "-GhlIHNhbXBsZSBub25jZQ=="),
        ("with an underscore", "_GhlIHNhbXBsZSBub25jZQ=="), ("with a mark", "!GhlIHNhbXBsZSBub25jZQ=="),
        ("with a space inside", "dGhlIHNhb BsZSBub25jZQ=="), ("not ASCII", "äGhlIHNhbXBsZSBub25jZQ=="),
        ("in hex", "000102030405060708090a0b0c0d0e0f"), ("listed twice", "YQ==, YQ=="),
        ("twice", [FIELDS["Sec-WebSocket-Key"]] * 2),
        ("and another one", [FIELDS["Sec-WebSocket-Key"], "AAAAAAAAAAAAAAAAAAAAAA=="])):
    refuses(f"key {name}", KEY, request(Sec_WebSocket_Key=value), BAD)

VERSION = "RFC 6455 §4.4: another version is answered with 426 and those that are known"
for value in (None, "", "0", "7", "8", "12", "14", "255", "256", "-1", "13.0", "013", "+13", "0x0d",
              "thirteen", "13, 8", "8, 13", ["13", "13"], ["8", "13"]):
    refuses(f"version {value!r}", VERSION, request(Sec_WebSocket_Version=value), BAD_VERSION)
upgrades("version in spaces", VERSION, request(Sec_WebSocket_Version=" 13 "))

# Header names and lines.

NAMES = "RFC 9110 §5.1: names of headers in any case"
upgrades("names in lower case", NAMES, request(Host=None, **{
    name.lower(): value for name, value in FIELDS.items()}))
HEAD = request()
for name, turn in (("lower", bytes.lower), ("upper", bytes.upper)):
    lines = HEAD.split(b"\r\n")
    turned = [turn(n) + b":" + v for n, v in (line.split(b":", 1) for line in lines[1:-2])]
    upgrades(f"every name in {name} case", NAMES, b"\r\n".join([lines[0], *turned, b"", b""]))
    upgrades(f"names in {name} case, the last first", "RFC 6455 §4.1: headers in any order",
             b"\r\n".join([lines[0], *reversed(turned), b"", b""]))
upgrades("byte by byte", "RFC 6455 §4.2", bytewise(HEAD))
upgrades("unknown headers", "RFC 6455 §4.2.1: others are ignored",
         request(Cookie="a=b", User_Agent="x", Pragma="no-cache", Sec_WebSocket_Origin="evil"))
upgrades("Content-Length: 0", "RFC 9110 §8.6", request(Content_Length="0"))
upgrades("an empty line before", "RFC 9112 §2.2", b"\r\n" + HEAD)
LINES = "RFC 6455 §4.2.1: as in RFC 9112"
refuses("bare line feeds", LINES, HEAD.replace(b"\r\n", b"\n"), BAD)
refuses("folded header", LINES, HEAD.replace(b"Upgrade: ", b"Upgrade:\r\n ", 1), BAD)
refuses("space before the colon", LINES, HEAD.replace(b"Upgrade:", b"Upgrade :", 1), BAD)
refuses("NUL in a header", LINES, request(Cookie="a\0b"), BAD)
refuses("body", "RFC 6455 §4.1: no body", request(Content_Length="5") + b"hello", BAD)
refuses("chunked body", "RFC 6455 §4.1: no body",
        request(Transfer_Encoding="chunked") + b"0\r\n\r\n", BAD)

# Subprotocols and origins. The server here lists https://chat.example and http://localhost:5173.

PROTOCOL = f"RFC 6455 §4.2.2, 5: one of those offered; {OURS}: msg.v1.json"
for value in ("msg.v1.json", "chat, msg.v1.json", "msg.v1.json, chat", "chat,msg.v1.json",
              ["chat", "msg.v1.json"], "msg.v1.json, msg.v1.json"):
    upgrades(f"subprotocol {value!r}", PROTOCOL, request(Sec_WebSocket_Protocol=value),
             accepted(protocol="msg.v1.json"))
for value in ("", "chat", "msg.v2.json", "msg.v1", "xmsg.v1.json", "msg.v1.json.gz", "msg v1 json",
              '"msg.v1.json"', ["chat", "soap"]):
    refuses(f"subprotocol {value!r}", PROTOCOL, request(Sec_WebSocket_Protocol=value), BAD)
for value in ("MSG.V1.JSON", "Msg.v1.json"):
    refuses(f"subprotocol {value}, not the one it is",
            "RFC 6455 §4.1: a client fails on one that it did not offer, and compares exactly",
            request(Sec_WebSocket_Protocol=value), BAD)

ORIGIN = f"RFC 6455 §10.2; {OURS}: an Origin is on the list, or 403"
for value in ("https://chat.example", "http://localhost:5173", "HTTPS://Chat.Example"):
    upgrades(f"origin {value}", ORIGIN, request(Origin=value))
for value in ("", "null", "http://t.example", "https://evil.example", "http://chat.example",
              "https://chat.example:444", "https://chat.example/", "https://chat.example.evil",
              "https://evil-chat.example", "https://a@chat.example", "chat.example", "*",
              "https://chat.example https://evil.example", ["https://chat.example"] * 2,
              ["https://chat.example", "https://evil.example"]):
    refuses(f"origin {value!r}", ORIGIN, request(Origin=value), BAD_ORIGIN)

# What stands behind the request in the same segment.

BEHIND = "RFC 6455 §4.1: once the request has gone, frames may follow it"
upgrades("a ping behind", BEHIND, HEAD + ping(b"early"), then=pong_of(b"early"))
upgrades("half a ping behind", BEHIND, [HEAD + ping(b"early")[:4], ping(b"early")[4:]],
         then=pong_of(b"early"))
refuses("a close behind", BEHIND, HEAD + close(1000), [accepted(), closed(1000)])
refuses("a bad text behind", BEHIND, HEAD + text(b"\xff"),
        [accepted(), closed(1007, "text is not UTF-8")])
refuses("an HTTP request behind", "RFC 6455 §4.2.2: from the 101 on there are frames only",
        HEAD + b"GET / HTTP/1.1\r\nHost: t\r\n\r\n", [accepted(), closed(1002, "reserved bits are set")])
refuses("frames behind a bad request", "RFC 6455 §4.2.1: stop processing the handshake",
        request(Sec_WebSocket_Key=None) + ping(b"early"), BAD)
refuses("a good request behind a bad one", "RFC 6455 §4.2.1: stop processing the handshake",
        request(Sec_WebSocket_Version="8") + HEAD, BAD_VERSION)
upgrades("behind an HTTP request", "RFC 9110 §7.8: any request may ask for an upgrade",
         b"GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n" + HEAD, Http(200), then=accepted())
chapter.add("frames before the 101", BEHIND, [
    play([HEAD, ping(b"1")], [accepted(), pong_of(b"1")]), play(ping(b"2"), pong_of(b"2"))],
    End.OPEN, upgraded=False)
