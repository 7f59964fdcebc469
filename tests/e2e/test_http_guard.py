# SPDX-License-Identifier: Apache-2.0
"""What the network layer answers to requests that are not as they should be, byte by byte."""

import random
import socket
import time

import pytest

import document

GET = b"GET /healthz HTTP/1.1\r\n"
POST = b"POST /api/v1/users HTTP/1.1\r\nHost: t\r\n"
NEXT = b"GET /healthz HTTP/1.1\r\nHost: next\r\n\r\n"  # must never be answered after a refusal


def head(*lines, start=GET):
    return start + b"".join(line + b"\r\n" for line in lines) + b"\r\n"


HOST = b"Host: t"

# name, bytes, status, code
REFUSED = [
    # Transfer-Encoding and Content-Length
    ("chunked", head(b"Transfer-Encoding: chunked", start=POST) + b"0\r\n\r\n", 411, "length_required"),
    ("chunk extension without an end", head(b"Transfer-Encoding: chunked", start=POST) + b"1;" + b"x" * 4000, 411, None),
    ("Chunked in capitals", head(b"TRANSFER-ENCODING: CHUNKED", start=POST), 411, "length_required"),
    ("chunked on GET", head(HOST, b"Transfer-Encoding: chunked"), 411, "length_required"),
    ("gzip", head(b"Transfer-Encoding: gzip", start=POST), 400, None),
    ("identity", head(b"Transfer-Encoding: identity", start=POST), 400, None),
    ("empty coding", head(b"Transfer-Encoding:", start=POST), 400, None),
    ("chunked, identity", head(b"Transfer-Encoding: chunked, identity", start=POST), 400, None),
    ("gzip, chunked", head(b"Transfer-Encoding: gzip, chunked", start=POST), 400, None),
    ("xchunked", head(b"Transfer-Encoding: xchunked", start=POST), 400, None),
    ("chunked with parameter", head(b"Transfer-Encoding: chunked;a=b", start=POST), 400, None),
    ("vertical tab before chunked", head(b"Transfer-Encoding: \x0bchunked", start=POST), 400, None),
    ("CL then TE", head(b"Content-Length: 5", b"Transfer-Encoding: chunked", start=POST), 400, None),
    ("TE then CL", head(b"Transfer-Encoding: chunked", b"Content-Length: 5", start=POST), 400, None),
    ("TE on 1.0", b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400, None),
    ("two different CL", head(b"Content-Length: 5", b"Content-Length: 6", start=POST), 400, None),
    ("two equal CL", head(b"Content-Length: 0", b"Content-Length: 0", start=POST), 400, None),
    ("CL list", head(b"Content-Length: 5, 5", start=POST), 400, None),
    ("CL +5", head(b"Content-Length: +5", start=POST), 400, None),
    ("CL -1", head(b"Content-Length: -1", start=POST), 400, None),
    ("CL 0x5", head(b"Content-Length: 0x5", start=POST), 400, None),
    ("CL 5.0", head(b"Content-Length: 5.0", start=POST), 400, None),
    ("CL 5 5", head(b"Content-Length: 5 5", start=POST), 400, None),
    ("CL empty", head(b"Content-Length:", start=POST), 400, None),
    ("CL text", head(b"Content-Length: five", start=POST), 400, None),
    ("CL 2^64", head(b"Content-Length: 18446744073709551616", start=POST), 400, None),
    ("CL 2^64-1", head(b"Content-Length: 18446744073709551615", start=POST), 413, "content_too_large"),
    ("CL over the limit", head(b"Content-Length: 262145", start=POST), 413, "content_too_large"),
    ("CL over, 100-continue", head(b"Content-Length: 262145", b"Expect: 100-continue", start=POST), 413, None),
    # lines
    ("bare LF", b"GET /healthz HTTP/1.1\nHost: t\n\n", 400, "malformed_request"),
    ("bare LF in the fields", GET + b"Host: t\nA: b\r\n\r\n", 400, None),
    ("bare CR in a value", head(HOST, b"A: b\rc"), 400, None),
    ("CR CR LF", GET + b"Host: t\r\r\n\r\n", 400, None),
    ("NUL in a value", head(HOST, b"A: b\0c"), 400, None),
    ("NUL in a name", head(HOST, b"A\0: b"), 400, None),
    ("NUL in the target", b"GET /\0 HTTP/1.1\r\nHost: t\r\n\r\n", 400, None),
    ("DEL in a value", head(HOST, b"A: \x7f"), 400, None),
    ("ESC in a value", head(HOST, b"A: \x1b[31m"), 400, None),
    ("space before the colon", head(b"Host : t"), 400, None),
    ("tab before the colon", head(HOST, b"A\t: b"), 400, None),
    ("no colon", head(HOST, b"Header"), 400, None),
    ("empty name", head(HOST, b": b"), 400, None),
    ("space in a name", head(HOST, b"A b: c"), 400, None),
    ("name with a parenthesis", head(HOST, b"A(b): c"), 400, None),
    ("name not ASCII", head(HOST, b"\xc3\xa4: c"), 400, None),
    ("folded with a space", head(HOST, b"A: b", b" c"), 400, None),
    ("folded with a tab", head(HOST, b"A: b", b"\tc"), 400, None),
    ("folded first line", head(b" Host: t"), 400, None),
    # Host
    ("no Host", head(), 400, None),
    ("two Hosts", head(HOST, HOST), 400, None),
    ("two Hosts on 1.0", b"GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400, None),
    ("empty Host", head(b"Host:"), 400, None),
    ("Host with user", head(b"Host: a@b"), 400, None),
    ("Host with path", head(b"Host: a/b"), 400, None),
    ("Host with space", head(b"Host: a b"), 400, None),
    ("Host with bad port", head(b"Host: a:8o"), 400, None),
    ("Host with two ports", head(b"Host: a:1:2"), 400, None),
    ("Host with open bracket", head(b"Host: [::1"), 400, None),
    ("Host with text behind the bracket", head(b"Host: [::1]x"), 400, None),
    # sizes
    ("65 fields", head(HOST, *[b"A: b"] * 64), 431, "header_too_large"),
    ("2,000 tiny fields", head(HOST, *[b"A:"] * 2000), 431, None),
    ("field line over 4 KiB", head(HOST, b"A: " + b"b" * 4096), 431, None),
    ("field line over 4 KiB without an end", GET + b"A: " + b"b" * 5000, 431, None),
    ("head over 8 KiB", head(HOST, *[b"A: " + b"b" * 1000] * 9), 431, None),
    ("target over 2 KiB", b"GET /" + b"a" * 2048 + b" HTTP/1.1\r\nHost: t\r\n\r\n", 414, "uri_too_long"),
    ("target without an end", b"GET /" + b"a" * 8000, 414, None),
    # request line
    ("unknown method", b"BREW /pot HTTP/1.1\r\nHost: t\r\n\r\n", 501, "not_implemented"),
    ("lower-case method", b"get / HTTP/1.1\r\nHost: t\r\n\r\n", 501, None),
    ("TRACE", b"TRACE / HTTP/1.1\r\nHost: t\r\n\r\n", 501, None),
    ("CONNECT", b"CONNECT a:1 HTTP/1.1\r\nHost: t\r\n\r\n", 501, None),
    ("HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "http_version_not_supported"),
    ("HTTP/1.2", b"GET / HTTP/1.2\r\nHost: t\r\n\r\n", 505, None),
    ("HTTP/0.9", b"GET /\r\n\r\n", 400, None),
    ("http/1.1", b"GET / http/1.1\r\nHost: t\r\n\r\n", 400, None),
    ("HTTP/1.10", b"GET / HTTP/1.10\r\nHost: t\r\n\r\n", 400, None),
    ("HTTP/11", b"GET / HTTP/11\r\nHost: t\r\n\r\n", 400, None),
    ("two spaces", b"GET  / HTTP/1.1\r\nHost: t\r\n\r\n", 400, None),
    ("space in the target", b"GET /a b HTTP/1.1\r\nHost: t\r\n\r\n", 400, None),
    ("space first", b" GET / HTTP/1.1\r\nHost: t\r\n\r\n", 400, None),
    ("tab instead of space", b"GET\t/\tHTTP/1.1\r\nHost: t\r\n\r\n", 400, None),
    ("bad method character", b"G@T / HTTP/1.1\r\nHost: t\r\n\r\n", 400, None),
    ("target not a path", b"GET healthz HTTP/1.1\r\nHost: t\r\n\r\n", 400, None),
    ("target of another scheme", b"GET ftp://t/ HTTP/1.1\r\nHost: t\r\n\r\n", 400, None),
    ("asterisk with GET", b"GET * HTTP/1.1\r\nHost: t\r\n\r\n", 400, None),
    ("fragment", b"GET /a#b HTTP/1.1\r\nHost: t\r\n\r\n", 400, None),
    ("target not ASCII", b"GET /\xc3\xa4 HTTP/1.1\r\nHost: t\r\n\r\n", 400, None),
    ("two empty lines first", b"\r\n\r\n" + GET + b"Host: t\r\n\r\n", 400, None),
    ("TLS greeting", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, None),
    ("NUL bytes", b"\0" * 20, 400, None),
    # percent-encoding
    ("broken escape", b"GET /%zz HTTP/1.1\r\nHost: t\r\n\r\n", 400, None),
    ("escape cut short", b"GET /%2 HTTP/1.1\r\nHost: t\r\n\r\n", 400, None),
    ("escape at the end", b"GET /% HTTP/1.1\r\nHost: t\r\n\r\n", 400, None),
    ("escaped NUL", b"GET /a%00b HTTP/1.1\r\nHost: t\r\n\r\n", 400, None),
    ("escaped line feed", b"GET /a%0ab HTTP/1.1\r\nHost: t\r\n\r\n", 400, None),
    ("escaped DEL", b"GET /a%7Fb HTTP/1.1\r\nHost: t\r\n\r\n", 400, None),
    ("escaped bytes not UTF-8", b"GET /%ff HTTP/1.1\r\nHost: t\r\n\r\n", 400, None),
    ("escaped surrogate", b"GET /%ed%a0%80 HTTP/1.1\r\nHost: t\r\n\r\n", 400, None),
    ("broken escape in the query", b"GET /?a=%g1 HTTP/1.1\r\nHost: t\r\n\r\n", 400, None),
    ("escaped NUL in a query name", b"GET /?a%00=1 HTTP/1.1\r\nHost: t\r\n\r\n", 400, None),
    # upgrade
    ("upgrade with a body", head(HOST, b"Upgrade: websocket", b"Content-Length: 3") + b"abc", 400, None),
    ("upgrade with TE", head(HOST, b"Upgrade: websocket", b"Transfer-Encoding: chunked"), 400, None),
]


@pytest.mark.parametrize("data,status,code", [c[1:] for c in REFUSED], ids=[c[0] for c in REFUSED])
def test_refuses_and_closes(msgd, data, status, code):
    with msgd.connect() as peer:
        peer.send(data + NEXT)
        response = peer.read_response()
        assert response.status == status
        assert response.header("connection") == "close"
        assert response.header("content-type") == "application/problem+json"
        problem = response.json()
        assert problem["status"] == status
        assert problem["code"] == (code or problem["code"])
        assert problem["code"] in document.CODES
        assert problem["request_id"] == response.header("x-request-id")
        peer.expect_end()


@pytest.mark.parametrize("data,status", [c[1:3] for c in REFUSED], ids=[c[0] for c in REFUSED])
def test_refuses_the_same_byte_by_byte(msgd, data, status):
    with msgd.connect() as peer:
        try:
            for i in range(0, len(data), 1 if len(data) < 300 else 97):
                peer.send(data[i : i + (1 if len(data) < 300 else 97)])
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused before the end: that is the point
        assert peer.read_response().status == status


def test_lives_on_after_all_that(msgd):
    msgd.assert_alive()


ACCEPTED = [
    ("plain", head(HOST)),
    ("one empty line first", b"\r\n" + head(HOST)),
    ("HTTP/1.0 without Host", b"GET /healthz HTTP/1.0\r\n\r\n"),
    ("no space after the colon", head(b"Host:t")),
    ("spaces around a value", head(b"Host: \t t \t ")),
    ("port in Host", head(b"Host: example.com:8080")),
    ("IPv6 Host", head(b"Host: [::1]:3000")),
    ("64 fields", head(HOST, *[b"A: b"] * 63)),
    ("empty value", head(HOST, b"A:")),
    ("value in Latin-1", head(HOST, b"A: \xe4")),
    ("escaped path", b"GET /%68ealthz HTTP/1.1\r\nHost: t\r\n\r\n"),
    ("absolute target", b"GET http://t/healthz HTTP/1.1\r\nHost: t\r\n\r\n"),
    ("body with GET", head(HOST, b"Content-Length: 2") + b"{}"),
    ("other upgrade", head(HOST, b"Upgrade: h2c", b"Connection: Upgrade")),
]


@pytest.mark.parametrize("data", [c[1] for c in ACCEPTED], ids=[c[0] for c in ACCEPTED])
def test_accepts(msgd, data):
    with msgd.connect() as peer:
        peer.send(data)
        assert peer.read_response().status == 200


def test_every_answer_carries_the_security_headers(msgd):
    for data in (head(HOST), b"GET /nothing HTTP/1.1\r\nHost: t\r\n\r\n", b"BAD\r\n\r\n"):
        with msgd.connect() as peer:
            peer.send(data)
            response = peer.read_response()
            assert response.header("x-content-type-options") == "nosniff"
            assert response.header("cache-control") == "no-store"
            assert response.header("referrer-policy") == "no-referrer"
            assert response.header("server") in (None, "msgd")
            assert response.header("date").endswith("GMT")


def test_request_id_is_taken_over_or_made(msgd):
    with msgd.connect() as peer:
        made = set()
        for given, taken in [(b"abc.DEF_1-2", True), (b"x" * 64, True), (b"x" * 65, False),
                             (b"a b", False), (b"", False), (b'a"b', False)]:
            peer.send(head(HOST, b"X-Request-Id: " + given))
            answered = peer.read_response().header("x-request-id").encode()
            assert (answered == given) == taken
            made.add(answered)
        assert len(made) == 6


def test_traceparent_goes_into_the_log_but_no_query_and_no_phone(msgd):
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    with msgd.connect() as peer:
        peer.send(head(HOST, b"X-Request-Id: traced-1", b"traceparent: " + trace.encode(),
                       start=b"GET /api/v1/users/by-phone/%2B15550001111?secret=canary HTTP/1.1\r\n"))
        peer.read_response()
    entry = msgd.wait_for_log("http.request", request_id="traced-1")
    assert entry["traceparent"] == trace
    assert entry["path"] == "/api/v1/users/by-phone/*"
    assert not any("canary" in str(e) or "5550001111" in str(e) for e in msgd.log)


def test_pipelined_requests_are_answered_in_order(msgd):
    with msgd.connect() as peer:
        peer.send(b"".join(head(HOST, b"X-Request-Id: n%d" % i) for i in range(200)))
        for i in range(200):
            assert peer.read_response().header("x-request-id") == f"n{i}"


def test_head_is_get_without_the_body(msgd):
    with msgd.connect() as peer:
        peer.send(b"HEAD /healthz HTTP/1.1\r\nHost: t\r\n\r\n" + head(HOST))
        first = peer.read_response(head_only=True)
        second = peer.read_response()
        assert first.status == 200
        assert first.header("content-length") == second.header("content-length")


def test_connection_ends_when_asked(msgd):
    for data in (head(HOST, b"Connection: close"), head(HOST, b"Connection: foo, Close"),
                 b"GET /healthz HTTP/1.0\r\n\r\n"):
        with msgd.connect() as peer:
            peer.send(data + NEXT)
            assert peer.read_response().status == 200
            peer.expect_end()
    with msgd.connect() as peer:
        peer.send(b"GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        assert peer.read_response().header("connection") == "keep-alive"
        peer.send(head(HOST))
        assert peer.read_response().status == 200


def test_expect_continue_is_answered_before_the_body(msgd):
    with msgd.connect() as peer:
        peer.send(head(b"Content-Length: 2", b"Expect: 100-continue", start=POST))
        assert peer.read_until(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        peer.send(b"{}")
        assert peer.read_response().status in range(200, 500)


def test_half_closed_client_gets_its_answer(msgd):
    with msgd.connect() as peer:
        peer.send(head(HOST))
        peer.socket.shutdown(socket.SHUT_WR)
        assert peer.read_response().status == 200
        peer.expect_end()


def test_a_body_in_pieces_is_one_body(msgd):
    body = b'{"phone":"' + b"x" * 100_000 + b'"}'
    with msgd.connect() as peer:
        peer.send(head(b"Content-Length: %d" % len(body), b"Content-Type: application/json", start=POST))
        for i in range(0, len(body), 7919):
            peer.send(body[i : i + 7919])
        assert peer.read_response().status in (200, 401, 403, 422)
        peer.send(NEXT)
        assert peer.read_response().status == 200


# Deadlines, on a server that has short ones.


def within(start, low, high):
    took = time.monotonic() - start
    assert low <= took <= high, f"took {took:.2f} s"


SLACK_S = 8.0  # a loaded machine and a sanitizer


def test_slow_head_is_408(quick_msgd):
    with quick_msgd.connect() as peer:
        start = time.monotonic()
        peer.send(GET)
        response = peer.read_response()
        assert (response.status, response.json()["code"]) == (408, "request_timeout")
        within(start, 0.7, SLACK_S)
        peer.expect_end()


def test_silent_connection_is_closed_without_a_word(quick_msgd):
    with quick_msgd.connect() as peer:
        start = time.monotonic()
        peer.expect_end()
        within(start, 0.7, SLACK_S)


def test_dripping_head_is_408_all_the_same(quick_msgd):
    with quick_msgd.connect() as peer:
        peer.socket.settimeout(0.05)
        got = b""
        for _ in range(200):
            try:
                peer.send(b"A")
                got = peer.socket.recv(1000)
                break
            except (TimeoutError, socket.timeout):
                continue
        assert b" 408 " in got or b" 501 " in got or b" 400 " in got


def test_body_that_comes_slower_than_1_kb_per_second_is_408_after_the_grace(quick_msgd):
    with quick_msgd.connect() as peer:
        start = time.monotonic()
        peer.send(head(b"Content-Length: 100000", start=POST) + b"x" * 100)
        assert peer.read_response().status == 408
        within(start, 0.8, SLACK_S)
        peer.expect_end()


def test_body_must_be_there_in_time_even_at_a_good_rate(quick_msgd):
    with quick_msgd.connect() as peer:
        start = time.monotonic()
        peer.send(head(b"Content-Length: 200000", start=POST) + b"x" * 100_000)
        assert peer.read_response().status == 408
        within(start, 2.0, SLACK_S)


def test_idle_keep_alive_is_closed(quick_msgd):
    with quick_msgd.connect() as peer:
        peer.send(head(HOST))
        peer.read_response()
        start = time.monotonic()
        peer.expect_end()
        within(start, 1.2, SLACK_S)


def test_connection_has_a_bounded_number_of_requests(quick_msgd):
    with quick_msgd.connect() as peer:
        peer.send(head(HOST) * 7)
        connections = [peer.read_response().header("connection") for _ in range(5)]
        assert connections == [None] * 4 + ["close"]
        peer.expect_end()


def test_peer_that_does_not_read_is_dropped(start_msgd):
    """Pipelined requests whose answers fill every buffer between us."""
    server = start_msgd("--write-timeout-ms=700", "--requests-per-connection-max=1000000")
    with server.connect(receive_buffer=4096) as peer:
        peer.socket.settimeout(1.0)
        start = time.monotonic()
        sent = 0
        while time.monotonic() - start < 60:
            try:
                # Until the server has stopped reading, and a while longer.
                sent += peer.socket.send(b"GET /openapi.json HTTP/1.1\r\nHost: t\r\n\r\n" * 5)
            except (TimeoutError, socket.timeout):
                continue
            except (BrokenPipeError, ConnectionResetError):
                break
        else:
            pytest.fail(f"still connected after {sent} bytes of requests")
    server.assert_alive()


# A server in trouble.


def test_full_server_says_503_and_recovers(start_msgd):
    server = start_msgd("--connections-max=3")
    held = [server.connect() for _ in range(3)]
    for peer in held:
        peer.send(head(HOST))
        assert peer.read_response().status == 200
    with server.connect() as peer:
        response = peer.read_response()
        assert (response.status, response.json()["code"]) == (503, "overloaded")
        assert response.header("retry-after")
        peer.expect_end()
    for peer in held:
        peer.socket.close()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with server.connect() as peer:
            try:
                peer.send(head(HOST))
                if peer.read_response().status == 200:
                    return
            except (ConnectionError, EOFError):
                pass
        time.sleep(0.02)
    pytest.fail("no connection after others had left")


def test_drain_ends_idle_connections_and_the_process(start_msgd):
    server = start_msgd()
    with server.connect() as peer:
        peer.send(head(HOST))
        peer.read_response()
        server.process.terminate()
        peer.expect_end()
        assert server.process.wait(20) == 0


def test_taken_port_is_a_sentence(start_msgd, msgd):
    with pytest.raises(AssertionError, match="Address already in use"):
        start_msgd("--listen", f"127.0.0.1:{msgd.port}")


def test_random_bytes_never_end_it(msgd):
    seed = random.randrange(2**32)
    print("seed", seed)
    source = random.Random(seed)
    pieces = [GET, POST, HOST, b"\r\n", b"\n", b"\r", b": ", b"Content-Length: ", b"5", b"\0",
              b"Transfer-Encoding: chunked\r\n", b"\r\n\r\n", b"Upgrade: websocket\r\n", b"%", b" ",
              b"Expect: 100-continue\r\n", b"\xff" * 50, b"a" * 5000]
    for _ in range(400):
        data = b"".join(source.choice(pieces) for _ in range(source.randrange(1, 12)))
        if source.random() < 0.3:
            data = source.randbytes(source.randrange(1, 3000))
        with msgd.connect() as peer:
            try:
                peer.send(data)
                peer.socket.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            assert b" 500 " not in peer.read_to_end()
    msgd.assert_alive()
