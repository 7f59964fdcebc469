# SPDX-License-Identifier: Apache-2.0
"""What the network layer does with WebSocket upgrades and frames, byte by byte."""

import random
import socket
import struct
import time

import pytest

from conftest import WS_ACCEPT, WebSocket, upgrade_request, ws_frame

TEXT, PING, PONG, CLOSE = 0x81, 0x89, 0x8A, 0x88


def close_payload(code, reason=b""):
    return struct.pack(">H", code) + reason


# The upgrade.

REFUSED_UPGRADES = [
    ("no version", upgrade_request(drop=["Sec-WebSocket-Version"]), 426),
    ("version 8", upgrade_request(Sec_WebSocket_Version="8"), 426),
    ("version 14", upgrade_request(Sec_WebSocket_Version="14"), 426),
    ("version 13, 8", upgrade_request(Sec_WebSocket_Version="13, 8"), 426),
    ("no upgrade at all", upgrade_request(drop=["Upgrade"]), 426),
    ("no Connection", upgrade_request(drop=["Connection"]), 400),
    ("Connection: keep-alive", upgrade_request(Connection="keep-alive"), 400),
    ("no key", upgrade_request(drop=["Sec-WebSocket-Key"]), 400),
    ("short key", upgrade_request(Sec_WebSocket_Key="c2hvcnQ="), 400),
    ("long key", upgrade_request(Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQAA"), 400),
    ("key not base64", upgrade_request(Sec_WebSocket_Key="dGhlIHNhb!BsZSBub25jZQ=="), 400),
    ("two keys", upgrade_request().replace(b"\r\n\r\n", b"\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"), 400),
    ("POST", upgrade_request().replace(b"GET", b"POST", 1), 400),
    ("HTTP/1.0", upgrade_request().replace(b"HTTP/1.1", b"HTTP/1.0", 1), 400),
    ("unknown subprotocol", upgrade_request(Sec_WebSocket_Protocol="chat"), 400),
    ("subprotocol in capitals apart", upgrade_request(Sec_WebSocket_Protocol="msg.v2.json, chat"), 400),
    ("token in the URL", upgrade_request(path="/api/v1/ws?token=mss_x"), 400),
    ("access_token in the URL", upgrade_request(path="/?access_token=mss_x"), 400),
    ("Token in the URL, escaped", upgrade_request(path="/?%54oken=mss_x"), 400),
    ("strange origin", upgrade_request(Origin="https://evil.example"), 403),
    ("null origin", upgrade_request(Origin="null"), 403),
    ("empty origin", upgrade_request(Origin=""), 403),
    ("body", upgrade_request(Content_Length="3") + b"abc", 400),
    ("transfer coding", upgrade_request(Transfer_Encoding="chunked"), 400),
    ("unknown path", upgrade_request(path="/api/v1/other"), 404),
]


@pytest.mark.parametrize("data,status", [c[1:] for c in REFUSED_UPGRADES],
                         ids=[c[0] for c in REFUSED_UPGRADES])
def test_refuses_upgrade(msgd, data, status):
    with msgd.connect() as peer:
        peer.send(data)
        response = peer.read_response()
        assert response.status == status
        assert response.json()["status"] == status
        if status == 426:
            assert response.header("sec-websocket-version") == "13"
            assert response.header("upgrade") == "websocket"
        if status != 404:
            peer.expect_end()


@pytest.mark.parametrize("path", ["/", "/api/v1/ws", "/api/v1/ws?a=b"])
def test_accepts_upgrade(msgd, path):
    with msgd.connect() as peer:
        peer.send(upgrade_request(path=path))
        response = peer.read_response(head_only=True)
        assert response.status == 101
        assert response.header("sec-websocket-accept") == WS_ACCEPT
        assert response.header("sec-websocket-protocol") is None
        assert response.header("sec-websocket-extensions") is None


def test_accepts_the_spellings_of_browsers(msgd):
    with msgd.connect() as peer:
        peer.send(upgrade_request(
            Connection="keep-alive, UPGRADE", Upgrade="WebSocket",
            Sec_WebSocket_Protocol="chat, msg.v1.json",
            Sec_WebSocket_Extensions="permessage-deflate; client_max_window_bits"))
        response = peer.read_response(head_only=True)
        assert response.status == 101
        assert response.header("sec-websocket-protocol") == "msg.v1.json"
        assert response.header("sec-websocket-extensions") is None


def test_listed_origin_may_enter_and_null_never(start_msgd):
    server = start_msgd("--origin=https://chat.example", "--origin=http://localhost:5173")
    for origin, status in [("https://chat.example", 101), ("http://localhost:5173", 101),
                           ("https://chat.example.evil", 403), ("http://chat.example", 403),
                           ("null", 403)]:
        with server.connect() as peer:
            peer.send(upgrade_request(Origin=origin))
            assert peer.read_response(head_only=True).status == status, origin


# Frames.

BIG = b"p" * 126

VIOLATIONS = [
    ("unmasked", ws_frame(TEXT, b"hello", mask=None), 1002),
    ("rsv1", ws_frame(0xC1, b"x"), 1002),
    ("rsv2", ws_frame(0xA1, b"x"), 1002),
    ("rsv3", ws_frame(0x91, b"x"), 1002),
    *[(f"opcode {n}", ws_frame(0x80 | n, b"x"), 1002) for n in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)],
    ("binary", ws_frame(0x82, b"x"), 1003),
    ("empty binary", ws_frame(0x82), 1003),
    ("binary in fragments", ws_frame(0x02, b"x"), 1003),
    ("fragmented ping", ws_frame(0x09, b"x"), 1002),
    ("fragmented pong", ws_frame(0x0A, b"x"), 1002),
    ("fragmented close", ws_frame(0x08), 1002),
    ("long ping", ws_frame(PING, BIG), 1002),
    ("long pong", ws_frame(PONG, BIG), 1002),
    ("long close", ws_frame(CLOSE, BIG), 1002),
    ("continuation of nothing", ws_frame(0x80, b"x"), 1002),
    ("continuation of nothing, not final", ws_frame(0x00, b"x"), 1002),
    ("text inside a text", ws_frame(0x01, b"a") + ws_frame(TEXT, b"b"), 1002),
    ("125 in 16 bits", ws_frame(TEXT, b"x" * 125, length=b"\x7e\x00\x7d"), 1002),
    ("5 in 64 bits", ws_frame(TEXT, b"hello", length=b"\x7f" + struct.pack(">Q", 5)), 1002),
    ("65535 in 64 bits", ws_frame(TEXT, b"", length=b"\x7f" + struct.pack(">Q", 65535)), 1002),
    ("high bit of 64", ws_frame(TEXT, b"", length=b"\x7f" + struct.pack(">Q", 1 << 63)), 1002),
    ("all bits of 64", ws_frame(TEXT, b"", length=b"\x7f" + b"\xff" * 8), 1002),
    ("2^62 bytes", ws_frame(TEXT, b"", length=b"\x7f" + struct.pack(">Q", 1 << 62)), 1009),
    ("65537 bytes", ws_frame(TEXT, b"x" * 65537), 1009),
    ("65537 bytes declared only", ws_frame(TEXT, b"", length=b"\x7f" + struct.pack(">Q", 65537)), 1009),
    ("65537 bytes in two", ws_frame(0x01, b"x" * 65536) + ws_frame(0x80, b"x"), 1009),
    ("not UTF-8", ws_frame(TEXT, b"\xff"), 1007),
    ("overlong", ws_frame(TEXT, b"\xc0\xaf"), 1007),
    ("surrogate", ws_frame(TEXT, b"\xed\xa0\x80"), 1007),
    ("above U+10FFFF", ws_frame(TEXT, b"\xf4\x90\x80\x80"), 1007),
    ("character cut at the end", ws_frame(TEXT, b"abc\xe2\x82"), 1007),
    ("character cut by fragments, wrong", ws_frame(0x01, b"\xe2") + ws_frame(0x80, b"\x28"), 1007),
    ("bad byte in a message not complete", ws_frame(0x01, b"\xff"), 1007),
    ("close of one byte", ws_frame(CLOSE, b"\x03"), 1002),
    *[(f"close {n}", ws_frame(CLOSE, close_payload(n)), 1002)
      for n in (0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535)],
    ("close reason not UTF-8", ws_frame(CLOSE, close_payload(1000, b"\xce\xba\xe1\xbd\xb9\xcf\x83\xed\xa0\x80")), 1007),
    ("101 frames in a second", ws_frame(PONG) * 102, 1008),
    ("21 pings in a second", ws_frame(PING) * 42, 1008),
]


@pytest.mark.parametrize("data,code", [c[1:] for c in VIOLATIONS], ids=[c[0] for c in VIOLATIONS])
def test_violation_is_closed_with_its_code(msgd, data, code):
    with WebSocket(msgd.address) as ws:
        ws.send(data)
        assert ws.read_close()[0] == code
        ws.send(ws_frame(CLOSE, close_payload(code)))
        ws.expect_end()


@pytest.mark.parametrize("data,code", [c[1:] for c in VIOLATIONS if len(c[1]) < 300],
                         ids=[c[0] for c in VIOLATIONS if len(c[1]) < 300])
def test_violation_arriving_byte_by_byte_is_the_same(msgd, data, code):
    with WebSocket(msgd.address) as ws:
        try:
            for byte in data:
                ws.send(bytes([byte]))
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert ws.read_close()[0] == code


def test_1025_fragments_are_too_many(start_msgd):
    server = start_msgd("--ws-frames-per-second-max=1000000")
    with WebSocket(server.address) as ws:
        ws.send(ws_frame(0x01) + ws_frame(0x00) * 1024)
        assert ws.read_close() == (1008, "too many fragments")
    with WebSocket(server.address) as ws:
        ws.send(ws_frame(0x01) + ws_frame(0x00) * 1023 + ws_frame(PING, b"still here"))
        assert ws.read_frame() == (PONG, b"still here")


@pytest.mark.parametrize("code", [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013,
                                  1014, 3000, 3999, 4000, 4999, None])
def test_close_is_answered_with_the_same_code(msgd, code):
    with WebSocket(msgd.address) as ws:
        ws.send(ws_frame(CLOSE, b"" if code is None else close_payload(code, b"bye")))
        assert ws.read_close()[0] == code
        ws.expect_end()


def test_ping_is_answered_in_the_middle_of_a_message(msgd):
    with WebSocket(msgd.address) as ws:
        ws.send(ws_frame(0x01, b'{"id":1,'))
        for payload in (b"", b"x", b"y" * 125):
            ws.send(ws_frame(PING, payload))
            assert ws.read_frame() == (PONG, payload)


def test_frames_behind_the_upgrade_request_are_read(msgd):
    with WebSocket(msgd.address, behind=ws_frame(PING, b"early")) as ws:
        assert ws.read_frame() == (PONG, b"early")
    with WebSocket(msgd.address, behind=ws_frame(TEXT, b"\xff")) as ws:
        assert ws.read_close()[0] == 1007


def test_largest_message_is_taken(msgd):
    with WebSocket(msgd.address) as ws:
        ws.send(ws_frame(TEXT, b"x" * 65536) + ws_frame(PING, b"after"))
        while True:
            first, payload = ws.read_frame()
            assert first in (TEXT, PONG)
            if first == PONG:
                assert payload == b"after"
                return


def test_server_pings_and_drops_who_is_silent(quick_msgd):
    start = time.monotonic()  # before the server's own time begins
    with WebSocket(quick_msgd.address) as ws:
        assert ws.read_frame() == (PING, b"")
        ws.read_to_end()
        assert 1.5 <= time.monotonic() - start < 10
    quick_msgd.wait_for_log("ws.drop", why="silence")


def test_who_answers_pings_stays(quick_msgd):
    with WebSocket(quick_msgd.address) as ws:
        start = time.monotonic()
        while time.monotonic() - start < 3:
            assert ws.read_frame() == (PING, b"")
            ws.send(ws_frame(PONG))


def test_closing_handshake_is_bounded(quick_msgd):
    """The peer never answers the close frame, and goes on sending."""
    with WebSocket(quick_msgd.address) as ws:
        ws.send(ws_frame(0x82, b"x"))
        assert ws.read_close()[0] == 1003
        start = time.monotonic()
        ended = False
        while not ended and time.monotonic() - start < 15:
            try:
                ws.send(ws_frame(PONG))
                time.sleep(0.05)
            except (BrokenPipeError, ConnectionResetError):
                ended = True
        assert ended


def test_drain_closes_with_1012_and_a_delay(start_msgd):
    server = start_msgd()
    sockets = [WebSocket(server.address) for _ in range(20)]
    server.process.terminate()
    delays = set()
    for ws in sockets:
        code, reason = ws.read_close()
        assert code == 1012
        name, _, value = reason.partition("=")
        assert name == "retry_after_ms"
        delays.add(int(value))
        ws.send(ws_frame(CLOSE, close_payload(1012)))
        ws.expect_end()
    assert all(0 <= d <= 10_000 for d in delays)
    assert len(delays) > 10  # spread, not a herd
    assert server.process.wait(20) == 0


def test_drain_does_not_wait_for_who_never_answers(start_msgd):
    server = start_msgd("--drain-timeout-ms=1000")
    with WebSocket(server.address) as ws:
        server.process.terminate()
        assert ws.read_close()[0] == 1012
        assert server.process.wait(20) == 0


def test_random_frames_never_end_it(msgd):
    seed = random.randrange(2**32)
    print("seed", seed)
    source = random.Random(seed)
    for _ in range(300):
        data = b""
        for _ in range(source.randrange(1, 8)):
            data += ws_frame(
                source.choice([0x01, 0x81, 0x00, 0x80, 0x82, PING, PONG, CLOSE, source.randrange(256)]),
                source.randbytes(source.choice([0, 1, 2, 5, 125, 126, 1000])),
                mask=source.choice([b"abcd", b"\0\0\0\0", None]))
        if source.random() < 0.3:
            data = source.randbytes(source.randrange(1, 200))
        with WebSocket(msgd.address) as ws:
            try:
                ws.send(data)
                ws.socket.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            ws.read_to_end()
    msgd.assert_alive()
