# SPDX-License-Identifier: Apache-2.0
"""Who may do what: every operation of openapi.json and every request of asyncapi.json, by every kind of principal,
on every relevant state of what it is done to. The answers stand in authorisation_table.py and _rules.py; an operation without
rows there fails. Everything that anybody receives is searched for what is not for them."""

import json
import os
import re
import socket
import sqlite3
import time

import pytest

import authorisation_rules  # further rows of the table  # noqa: F401
import document
import protocol
from authorisation_table import HTTP, OPEN, WEBSOCKET
from cast import Cast, Scene, everything_of
from conftest import Msgd, WebSocket, binary

PRINCIPALS = ["owner", "admin", "member", "newcomer", "former", "stranger", "key"]
SHOW = os.environ.get("LIBMSG_SHOW_AUTHORISATION")  # prints the answers as they are, for the table
TWO_HUNDRED_DAYS_MS = 200 * 86_400_000


@pytest.fixture(scope="module")
def cast():
    """Begins with a session that has expired: of a store in which all sessions are old."""
    first = Msgd(binary("MSGD"))
    tokens = first.dev_tokens()
    made = Cast(first.url, tokens["key"])
    expired = made.log_in(made.member.id)
    first.terminate()
    with sqlite3.connect(first.folder / "msg-data" / "msg.db") as db:
        changed = db.execute(
            "UPDATE session SET created_at = created_at - ? WHERE id = ?",
            (TWO_HUNDRED_DAYS_MS, int(expired.session_id)),
        )
        assert changed.rowcount == 1
    db.close()
    server = Msgd(binary("MSGD"), [f"--store=sqlite:{first.folder}/msg-data/msg.db"])
    for api in [made.key, made.member_key, *made.everybody, *made.tokens.values()]:
        api.url = server.url
    made.url = server.url
    made.address = server.address
    expired.url, expired.id = server.url, None
    made.tokens["expired"] = expired
    yield made
    server.stop()
    first.stop()


# Over HTTP ------------------------------------------------------------------------------------

OPERATIONS = {o["operationId"]: (m, p, o) for m, p, o in document.operations()}
READS = {"GET", "HEAD"}


def fill(pattern, values):
    return re.sub(r"{(\w+)}", lambda found: str(values[found[1]]), pattern)


def call(cast, scene, principal, operation_id, state):
    """The answer to an operation on what the state names, and everything else it needs."""
    method, pattern, operation = OPERATIONS[operation_id]
    request = HTTP[operation_id].request(scene, state, principal)
    query = dict(request.get("query", {}))
    body = request.get("body", {} if "requestBody" in operation else None)
    path = fill(pattern, request.get("path", {}))
    if operation_id == "streamEvents":
        return stream_answer(principal, path)
    headers = request.get("headers")
    return principal.call(method, path, body, query=query, headers=headers)


class Streamed:
    """What an event stream begins with."""

    def __init__(self, status, text):
        self.status, self.headers, self.body = status, {}, text


def stream_answer(principal, path):
    host, port = principal.url.removeprefix("http://").split(":")
    fields = [f"GET {path}?cursor= HTTP/1.1", "Host: t"]
    if principal.token:
        fields.append(f"Authorization: Bearer {principal.token}")
    if principal.user_id:
        fields.append(f"X-User-Id: {principal.user_id}")
    text = b""
    with socket.create_connection((host, int(port)), timeout=20) as peer:
        peer.sendall("\r\n".join([*fields, "", ""]).encode())
        while b"event: live" not in text:
            received = peer.recv(65536)
            text += received
            if not received or b"problem+json" in text and b"}" in text:
                break
    return Streamed(int(text.split(b" ", 2)[1]), text.decode())


def cells():
    for operation_id, row in HTTP.items():
        for state, wanted in row.wanted.items():
            yield operation_id, state, wanted


def test_every_operation_has_rows():
    assert set(HTTP) == set(OPERATIONS)


@pytest.fixture(scope="module")
def still(cast):
    """A scene for those who change nothing."""
    return Scene(cast)


@pytest.mark.parametrize("operation_id, state, wanted", list(cells()))
def test_http(cast, still, operation_id, state, wanted):
    changes = OPERATIONS[operation_id][0] not in READS
    given = []
    for name in PRINCIPALS:
        scene = Scene(cast) if changes else still
        principal = cast.principal(name)
        answer = call(cast, scene, principal, operation_id, state)
        cast.canaries.scan(everything_of(answer), principal.id, f"{operation_id} to {name}")
        given.append(answer.status)
    if SHOW:
        print(f'        {state!r}: "{" ".join(map(str, given))}",')
        return
    assert dict(zip(PRINCIPALS, given)) == dict(zip(PRINCIPALS, map(int, wanted.split())))


@pytest.mark.parametrize("operation_id", HTTP)
def test_http_without_a_good_token(cast, still, operation_id):
    is_open = operation_id in OPEN
    needs = OPERATIONS[operation_id][2].get("security")
    assert is_open == (needs == [] or (needs is not None and {} in needs))
    for name, principal in cast.tokens.items():
        for state in HTTP[operation_id].wanted:
            answer = call(cast, still, principal, operation_id, state)
            cast.canaries.scan(everything_of(answer), None, f"{operation_id} to {name}")
            if not is_open:
                assert answer.status == 401, (name, state, answer)
            elif answer.status == 401:
                # Whoever shows a token where none is needed must show a good one.
                assert name != "nobody" and operation_id in {"registerForm", "getMetrics"}, answer


# Over WebSocket -------------------------------------------------------------------------------

REQUESTS = [name for name in protocol.DOCUMENT["operations"] if not name.endswith("Event")]


class Connection:
    def __init__(self, cast, principal):
        self.cast, self.principal, self.number = cast, principal, 1
        self.socket = WebSocket(cast.address)
        hello = {"id": 1, "op": "hello", "token": principal.token, "cursor": ""}
        if principal.user_id:
            hello["user_id"] = principal.user_id
        self.socket.send_json(hello)
        assert self.reply(1)["ok"]

    def read(self):
        frame = self.socket.read_json()
        self.cast.canaries.scan(json.dumps(frame), self.principal.id, "a frame")
        return frame

    def reply(self, number):
        while True:
            frame = self.read()
            if frame.get("id") == number and "ok" in frame:
                return frame

    def request(self, op, fields):
        self.number += 1
        self.socket.send_json({"id": self.number, "op": op, **fields})
        return self.reply(self.number)


@pytest.fixture(scope="module")
def connections(cast):
    """One of everybody, from the beginning to the end: all events of all scenes reach who is to have them."""
    made = {name: Connection(cast, cast.principal(name)) for name in PRINCIPALS}
    yield made
    for connection in made.values():
        # What the tests have led to lies before the answer.
        assert connection.request("ping", {})["ok"]
        connection.socket.socket.close()


def test_every_request_has_rows():
    assert set(WEBSOCKET) | {"hello"} == set(REQUESTS)


@pytest.mark.parametrize(
    "op, state, wanted",
    [(op, state, wanted) for op, row in WEBSOCKET.items() for state, wanted in row.wanted.items()],
)
def test_websocket(cast, connections, op, state, wanted):
    given = []
    for name in PRINCIPALS:
        scene = Scene(cast)
        connection = connections[name]
        reply = connection.request(op, WEBSOCKET[op].request(scene, state, connection.principal))
        given.append("ok" if reply["ok"] else reply["error"]["code"])
    if SHOW:
        print(f'        {state!r}: "{" ".join(given)}",')
        return
    assert dict(zip(PRINCIPALS, given)) == dict(zip(PRINCIPALS, wanted.split()))


@pytest.mark.parametrize("name", ["nobody", "bad", "revoked", "expired"])
def test_hello_without_a_good_token(cast, name):
    with WebSocket(cast.address) as ws:
        token = {"token": cast.tokens[name].token} if cast.tokens[name].token else {}
        ws.send_json({"id": 1, "op": "hello", "cursor": "", **token})
        code, _ = ws.read_close()
        assert code == 4401


@pytest.mark.parametrize("op", [name for name in REQUESTS if name != "hello"])
def test_nothing_is_done_before_hello(cast, still, op):
    row = WEBSOCKET[op]
    with WebSocket(cast.address) as ws:
        ws.send_json({"id": 1, "op": op, **row.request(still, next(iter(row.wanted)), cast.member)})
        frame = ws.read_json()
        assert not frame["ok"] and frame["error"]["code"] == "unauthenticated", frame
