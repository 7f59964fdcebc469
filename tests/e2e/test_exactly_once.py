# SPDX-License-Identifier: Apache-2.0
"""Two people chat over real sockets while the server is killed under them, and racers race."""

import asyncio
import json
import os
import random
import signal
import subprocess
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import websockets
from conftest import Msgd, binary

MESSAGES_EACH = 1000
KILLS = 6
BURST = ("--ws-frames-per-second-max=100000",)  # people type slower than this test


class Phoenix(Msgd):
    """A msgd that can be killed and comes back in the same folder on the same port."""

    def rise(self):
        self.kill()
        self._reader.join(30)
        self.log.clear()
        self.process = subprocess.Popen(
            [
                binary("MSGD"), "--dev", "--log-format", "json",
                "--listen", f"127.0.0.1:{self.port}", "--no-rate-limits", *BURST,
            ],
            cwd=self.folder,
            env={k: v for k, v in os.environ.items() if not k.startswith("MSG_") and k != "PORT"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        self._reader = type(self._reader)(target=self._read_log, daemon=True)
        self._reader.start()
        self.wait_for_log("listening")


def call(server, token, method, path, body=None, headers=None):
    """(status, parsed answer) of one request."""
    request = urllib.request.Request(
        server.url + "/api/v1" + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            **(headers or {}),
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


class Device:
    """A client as one would write it: keeps a cursor, resends what was not answered, resumes."""

    def __init__(self, server, name, peer_id, token):
        self.url = f"ws://127.0.0.1:{server.port}/api/v1/ws"
        self.name, self.peer_id, self.token = name, peer_id, token
        self.cursor = ""
        self.messages = {}  # seq -> message
        self.acknowledged = {}  # client_id -> seq
        self.unanswered = [f"{name}-{i}" for i in range(MESSAGES_EACH)]
        self.connections = 0
        self.done = asyncio.Event()

    async def run(self, total):
        while not self.done.is_set():
            try:
                async with websockets.connect(
                    self.url, subprotocols=["msg.v1.json"], open_timeout=10, max_size=None
                ) as socket:
                    self.connections += 1
                    await self.talk(socket, total)
            except (OSError, websockets.exceptions.WebSocketException, asyncio.TimeoutError):
                await asyncio.sleep(0.05)  # a client's backoff

    async def talk(self, socket, total):
        pending = {}
        await socket.send(
            json.dumps({"id": 0, "op": "hello", "token": self.token, "cursor": self.cursor})
        )
        window = asyncio.Semaphore(16)
        ids = iter(range(1, 10**9))

        async def request(**fields):
            number = next(ids)
            pending[number] = asyncio.get_running_loop().create_future()
            await socket.send(json.dumps({"id": number, **fields}))
            return await pending[number]

        async def send_one(client_id):
            async with window:
                reply = await request(
                    op="send", receiver_id=self.peer_id, content=client_id, client_id=client_id
                )
            if not reply["ok"]:
                assert reply["error"]["code"] in ("overloaded", "unavailable"), reply
                return
            seq = reply["result"]["seq"]
            assert self.acknowledged.setdefault(client_id, seq) == seq
            self.unanswered.remove(client_id)

        async def send_all():
            await asyncio.gather(*[send_one(c) for c in list(self.unanswered)])

        async def mark_read(conversation, seq):
            reply = await request(op="read", conversation_id=conversation, seq=seq)
            assert reply["ok"], reply

        async def fetch(conversation, missing):
            after = missing["from"] - 1
            while after < missing["to"]:
                reply = await request(
                    op="history", conversation_id=conversation, after=after, order="asc", limit=200
                )
                for message in reply["result"]["items"]:
                    if message["seq"] <= missing["to"]:
                        self.take(message)
                    after = message["seq"]

        tasks = [asyncio.ensure_future(send_all())]
        try:
            async for text in socket:
                frame = json.loads(text)
                if "event" not in frame:
                    if frame["id"] in pending:
                        pending.pop(frame["id"]).set_result(frame)
                    continue
                if frame["event"] == "message":
                    self.take(frame["message"])
                    last = frame["message"]
                    if last["sender_id"] == self.peer_id and last["seq"] % 20 == 0:
                        tasks.append(
                            asyncio.ensure_future(mark_read(last["conversation_id"], last["seq"]))
                        )
                elif frame["event"] == "sync":
                    delta = frame["conversation"]
                    for message in delta["messages"]:
                        self.take(message)
                    if delta["missing"]:
                        where = delta["view"]["conversation"]["id"]
                        tasks.append(asyncio.ensure_future(fetch(where, delta["missing"])))
                if frame.get("cursor"):
                    self.cursor = frame["cursor"]
                if len(self.messages) == total and not self.unanswered:
                    last = self.messages[total]
                    await socket.send(
                        json.dumps({"id": 10**9, "op": "read", "seq": total,
                                    "conversation_id": last["conversation_id"]})
                    )
                    async for text in socket:
                        if json.loads(text).get("id") == 10**9:
                            break
                    self.done.set()
                    return
        finally:
            for task in tasks:
                task.cancel()
            for result in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(result, AssertionError):
                    raise result

    def take(self, message):
        known = self.messages.get(message["seq"])
        if known is None:
            self.messages[message["seq"]] = message
        else:  # state may be offered again after a resume, but never another one
            assert known["content"] == message["content"]


def test_two_users_exchange_messages_while_the_server_is_killed():
    server = Phoenix(binary("MSGD"), BURST)
    try:
        tokens = server.dev_tokens()["users"]
        total = 2 * MESSAGES_EACH

        async def play():
            alice = Device(server, "alice", tokens["bob"]["id"], tokens["alice"]["token"])
            bob = Device(server, "bob", tokens["alice"]["id"], tokens["bob"]["token"])
            runs = [asyncio.ensure_future(d.run(total)) for d in (alice, bob)]
            for kill in range(1, KILLS + 1):
                # In the middle of the traffic, by progress, not by the clock.
                goal = total * kill // (KILLS + 1)
                while min(len(alice.messages), len(bob.messages)) < goal - random.randint(0, 50):
                    await asyncio.sleep(0.01)
                    for run in runs:
                        if run.done():
                            run.result()
                await asyncio.get_running_loop().run_in_executor(None, server.rise)
            await asyncio.wait_for(asyncio.gather(*runs), 240)
            return alice, bob

        alice, bob = asyncio.run(play())
        for device in (alice, bob):  # only the kills cut a connection
            assert KILLS < device.connections <= 2 * (KILLS + 1)
        for device in (alice, bob):
            assert sorted(device.messages) == list(range(1, total + 1))
            assert len(device.acknowledged) == MESSAGES_EACH
            for client_id, seq in device.acknowledged.items():
                assert device.messages[seq]["content"] == client_id
        texts = [alice.messages[s]["content"] for s in range(1, total + 1)]
        assert texts == [bob.messages[s]["content"] for s in range(1, total + 1)]
        assert len(set(texts)) == total

        last = {d.name: max(d.acknowledged.values()) for d in (alice, bob)}
        conversation = alice.messages[1]["conversation_id"]
        for name, seq in last.items():
            status, answer = call(
                server, tokens[name]["token"], "GET", f"/messages/{conversation}-{seq}/status"
            )
            assert (status, answer["status"]) == (200, "read")
        assert server.process.poll() is None
        assert server.terminate() == 0
    finally:
        server.stop()


def test_two_hundred_racing_creators_of_a_direct_conversation_get_one_id(msgd):
    users = msgd.dev_tokens()["users"]
    pairs = [(users["alice"]["token"], users["carol"]["id"]),
             (users["carol"]["token"], users["alice"]["id"])]

    def create(number):
        token, peer = pairs[number % 2]
        return call(msgd, token, "POST", "/conversations", {"kind": "direct", "user_id": peer})

    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(create, range(200)))
    assert {status for status, _ in answers} == {200}
    assert len({answer["id"] for _, answer in answers}) == 1


def test_sixteen_racing_senders_with_one_key_create_one_message_over_both_protocols(msgd):
    users = msgd.dev_tokens()["users"]
    token, peer = users["alice"]["token"], users["bob"]["id"]
    body = {"receiver_id": peer, "content": "race", "client_id": "one-key"}

    async def over_websocket():
        async with websockets.connect(f"ws://127.0.0.1:{msgd.port}/") as socket:
            await socket.send(json.dumps({"id": 1, "op": "hello", "token": token}))
            await socket.send(json.dumps({"id": 2, "op": "send", **body}))
            async for text in socket:
                frame = json.loads(text)
                if frame.get("id") == 2:
                    assert frame["ok"], frame
                    return frame["result"]["id"]

    def send(number):
        if number % 2:
            return asyncio.run(over_websocket())
        status, answer = call(msgd, token, "POST", "/messages", body)
        assert status == 201, answer
        return answer["id"]

    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(send, range(16)))) == 1
    status, page = call(msgd, token, "GET", f"/messages?peer_id={peer}")
    assert [m["content"] for m in page["items"]].count("race") == 1


def test_a_graceful_stop_says_so_and_keeps_what_it_answered(start_msgd):
    server = start_msgd()
    users = server.dev_tokens()["users"]

    async def play():
        async with websockets.connect(f"ws://127.0.0.1:{server.port}/") as socket:
            await socket.send(json.dumps({"id": 1, "op": "hello", "token": users["bob"]["token"]}))
            await socket.recv()
            server.process.send_signal(signal.SIGTERM)
            try:
                while True:
                    await socket.recv()
            except websockets.exceptions.ConnectionClosed as closed:
                return closed.rcvd

    closed = asyncio.run(play())
    assert closed.code == 1012
    assert closed.reason.startswith("retry_after_ms=")
    assert server.process.wait(30) == 0
