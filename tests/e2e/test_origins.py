# SPDX-License-Identifier: Apache-2.0
"""Web pages of other origins, and what every answer tells a browser."""

import pytest

from conftest import upgrade_request

LISTED = "https://chat.example"
LIST = (f"--origin={LISTED}", "--origin=http://localhost:5173")


@pytest.fixture(scope="module")
def pages_msgd():
    from conftest import Msgd, binary
    server = Msgd(binary("MSGD"), LIST)
    yield server
    server.stop()


def ask(server, method="GET", path="/healthz", **headers):
    lines = [f"{method} {path} HTTP/1.1", "Host: t", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    with server.connect() as peer:
        peer.send(("\r\n".join(lines) + "\r\n\r\n").encode())
        return peer.read_response(head_only=method == "HEAD")


def preflight(server, path, method, origin=LISTED, **more):
    return ask(server, "OPTIONS", path, Origin=origin, Access_Control_Request_Method=method, **more)


EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}

ANSWERS = [
    ("healthz", "GET", "/healthz", {}, 200),
    ("HEAD", "HEAD", "/healthz", {}, 200),
    ("not found", "GET", "/none", {}, 404),
    ("no token", "GET", "/api/v1/me", {}, 401),
    ("wrong method", "POST", "/healthz", {}, 405),
    ("OPTIONS", "OPTIONS", "/api/v1/me", {}, 204),
    ("guard", "GET", "/%zz", {}, 400),
    ("upgrade wanted", "GET", "/api/v1/ws", {}, 426),
    ("strange origin", "GET", "/api/v1/ws", {"Upgrade": "websocket", "Origin": "https://evil.example"}, 400),
    ("metrics", "GET", "/metrics", {}, 200),
]


@pytest.mark.parametrize("method,path,headers,status", [a[1:] for a in ANSWERS], ids=[a[0] for a in ANSWERS])
def test_every_answer_has_the_security_headers(msgd, method, path, headers, status):
    answer = ask(msgd, method, path, **headers)
    assert answer.status == status
    assert {name: answer.header(name) for name in EVERYWHERE} == EVERYWHERE
    assert answer.header("strict-transport-security") is None, "there is no TLS here"
    assert answer.header("server") is None


def test_authenticated_answers_are_not_stored(msgd):
    token = msgd.dev_tokens()["users"]["alice"]["token"]
    answer = ask(msgd, path="/api/v1/me", Authorization=f"Bearer {token}")
    assert (answer.status, answer.header("cache-control")) == (200, "no-store")


# CORS.


def test_without_a_list_no_page_reads_anything(msgd):
    for origin in (LISTED, "null", "http://t"):
        answer = ask(msgd, Origin=origin)
        assert answer.status == 200
        assert not [n for n, _ in answer.headers if n.startswith("access-control")]
        refused = preflight(msgd, "/api/v1/me", "GET", origin)
        assert (refused.status, refused.json()["code"]) == (403, "permission_denied")
        assert not [n for n, _ in refused.headers if n.startswith("access-control")]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", "https://chat.example.evil", "http://chat.example",
                                    "https://chat.example:8443", "https://chat.example/", "*"])
def test_pages_that_are_not_listed_read_nothing(pages_msgd, origin):
    answer = ask(pages_msgd, Origin=origin)
    assert answer.header("access-control-allow-origin") is None
    assert answer.header("vary") == "Origin"
    assert preflight(pages_msgd, "/api/v1/me", "GET", origin).status == 403
    with pages_msgd.connect() as peer:
        peer.send(upgrade_request(Origin=origin))
        assert peer.read_response().status == 403


def test_two_origins_are_none(pages_msgd):
    with pages_msgd.connect() as peer:
        peer.send(f"GET /healthz HTTP/1.1\r\nHost: t\r\nOrigin: {LISTED}\r\nOrigin: {LISTED}\r\n\r\n".encode())
        assert peer.read_response().header("access-control-allow-origin") is None


@pytest.mark.parametrize("path,status", [("/healthz", 200), ("/api/v1/me", 401), ("/none", 404), ("/%zz", 400)])
def test_listed_page_reads_all_answers(pages_msgd, path, status):
    """Refusals too: a page is to see why."""
    answer = ask(pages_msgd, path=path, Origin=LISTED)
    assert answer.status == status
    assert answer.header("access-control-allow-origin") == LISTED
    assert answer.header("vary") == "Origin"
    assert "RateLimit" in answer.header("access-control-expose-headers")
    assert answer.header("access-control-allow-credentials") is None, "tokens are no cookies"
    assert answer.header("access-control-allow-methods") is None, "said to preflights only"


def test_answers_vary_by_origin_as_soon_as_there_is_a_list(pages_msgd, msgd):
    assert ask(pages_msgd).header("vary") == "Origin"
    assert ask(msgd).header("vary") is None


def test_preflight_is_answered_exactly(pages_msgd):
    answer = preflight(pages_msgd, "/api/v1/messages", "POST", Access_Control_Request_Headers="authorization,content-type")
    assert answer.status == 204 and answer.body == b""
    assert answer.header("access-control-allow-origin") == LISTED
    assert answer.header("access-control-allow-methods") == "GET, HEAD, OPTIONS, POST"
    assert answer.header("access-control-allow-headers") == (
        "Authorization, Content-Type, Idempotency-Key, Last-Event-ID, SessionToken, traceparent, X-Request-Id, X-User-Id")
    assert answer.header("access-control-max-age") == "600"
    assert answer.header("vary") == "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
    assert answer.header("access-control-allow-credentials") is None
    assert preflight(pages_msgd, "/api/v1/conversations/1/members/2", "DELETE").header(
        "access-control-allow-methods") == "DELETE, OPTIONS, PATCH"
    missing = preflight(pages_msgd, "/none", "GET")
    assert missing.status == 404 and missing.header("access-control-allow-methods") is None


def test_options_of_a_program_is_no_preflight(pages_msgd):
    answer = ask(pages_msgd, "OPTIONS", "/api/v1/me")
    assert (answer.status, answer.header("allow")) == (204, "GET, HEAD, OPTIONS")
    assert answer.header("access-control-allow-origin") is None


def test_program_without_origin_may_open_a_websocket(pages_msgd):
    with pages_msgd.connect() as peer:
        peer.send(upgrade_request())
        assert peer.read_response(head_only=True).status == 101
