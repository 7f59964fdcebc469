# SPDX-License-Identifier: Apache-2.0
"""Each msgd behind HAProxy is restarted in turn under load. Nobody sees an error: no request fails,
WebSockets are only ever told to come back (1012), and what they sent is there once."""

import asyncio
import http.client
import json
import threading

import websockets

SENDERS = 3
SESSIONS = 8
DEADLINE_S = 60


class Requests:
    """Sends and reads on one connection to HAProxy, and takes no failure at all."""

    def __init__(self, port, token, peer):
        self.port, self.token, self.peer = port, token, peer
        self.sent = []
        self.failure = None
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_S)
            while not self.is_over.is_set():
                content = f"{id(self)} {len(self.sent)}"
                made = self.call(connection, "POST", "/messages",
                                 {"receiver_id": self.peer, "content": content})
                self.sent.append(content)
                page = self.call(connection, "GET",
                                 f"/conversations/{made['conversation_id']}/messages?limit=50")
                assert content in [m["content"] for m in page["items"]], "not read back"
            connection.close()
        except BaseException as failure:  # told to whoever waits
            self.failure = failure

    def call(self, connection, method, path, body=None):
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        connection.request(method, "/api/v1" + path, body and json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status in (200, 201), (method, path, answer.status, text)
        return json.loads(text)


class Session:
    """A WebSocket that sends one message after the other, and comes back when it is told to."""

    def __init__(self, url, token, conversation, name):
        self.url, self.token, self.conversation, self.name = url, token, conversation, name
        self.acknowledged = {}  # client_id -> seq
        self.lives = 0
        self.is_over = False

    async def run(self):
        while not self.is_over:
            async with websockets.connect(self.url, close_timeout=2) as socket:
                await self.ask(socket, {"id": 0, "op": "hello", "token": self.token})
                self.lives += 1
                try:
                    while not self.is_over:
                        await self.send(socket)
                except websockets.ConnectionClosed as closed:
                    assert closed.rcvd and closed.rcvd.code == 1012, closed

    async def send(self, socket):
        number = len(self.acknowledged) + 1
        client_id = f"{self.name}-{number}"
        answer = await self.ask(socket, {
            "id": number, "op": "send", "conversation_id": self.conversation,
            "content": client_id, "client_id": client_id})
        if answer["ok"]:
            self.acknowledged[client_id] = answer["result"]["seq"]
        else:  # its turn to go has come; it sends that again elsewhere
            assert answer["error"]["code"] == "unavailable", answer
            await socket.wait_closed()
        await asyncio.sleep(0.005)

    async def ask(self, socket, frame):
        await socket.send(json.dumps(frame))
        async for text in socket:
            answer = json.loads(text)
            if "ok" in answer and answer["id"] == frame["id"]:
                return answer
        raise websockets.ConnectionClosedOK(None, None)


def everything_in(front, conversation, token):
    reader, found, after = Requests(front.port, token, None), [], 0
    connection = http.client.HTTPConnection("127.0.0.1", front.port, timeout=DEADLINE_S)
    while True:
        page = reader.call(connection, "GET", f"/conversations/{conversation}/messages"
                           f"?order=asc&limit=200&after={after}")
        found += page["items"]
        if not page["page"]["has_more"]:
            return found
        after = found[-1]["seq"]


def test_no_client_sees_an_error(cluster, front):
    people = cluster.tokens()["users"]
    alice, carol = people["alice"], people["carol"]
    senders = [Requests(front.port, carol["token"], alice["id"]) for _ in range(SENDERS)]
    connection = http.client.HTTPConnection("127.0.0.1", front.port, timeout=DEADLINE_S)
    direct = Requests(front.port, alice["token"], None).call(
        connection, "POST", "/conversations", {"kind": "direct", "user_id": carol["id"]})["id"]
    url = f"ws://127.0.0.1:{front.port}/api/v1/ws"
    sessions = [Session(url, alice["token"], direct, f"s{n}") for n in range(SESSIONS)]

    async def play():
        tasks = [asyncio.create_task(session.run()) for session in sessions]

        async def all_send_more():
            goals = [len(session.acknowledged) + 5 for session in sessions]
            sent = [len(sender.sent) + 5 for sender in senders]
            while (any(len(s.acknowledged) < g for s, g in zip(sessions, goals))
                   or any(len(s.sent) < g for s, g in zip(senders, sent))):
                for task in tasks:
                    if task.done():
                        task.result()
                for sender in senders:
                    if sender.failure:
                        raise sender.failure
                await asyncio.sleep(0.02)

        for sender in senders:
            sender.thread.start()
        await asyncio.wait_for(all_send_more(), DEADLINE_S)
        for number in (1, 2, 3):
            await asyncio.to_thread(cluster.restart_node, f"msgd{number}")
            log = cluster.log(f"msgd{number}")
            assert '"event":"stopped"' in log and "drain.timeout" not in log, log[-2000:]
            await asyncio.wait_for(all_send_more(), DEADLINE_S)
        for session in sessions:
            session.is_over = True
        await asyncio.wait_for(asyncio.gather(*tasks), DEADLINE_S)

    try:
        asyncio.run(play())
    finally:
        for sender in senders:
            sender.is_over.set()
    for sender in senders:
        sender.thread.join(DEADLINE_S)
        assert not sender.thread.is_alive() and sender.failure is None, sender.failure
    assert all(session.lives >= 2 for session in sessions), "nobody had to move"

    # What was acknowledged is there, once, at its place.
    found = everything_in(front, direct, alice["token"])
    assert len({m["content"] for m in found}) == len(found), "a message is there twice"
    at = {m["content"]: m["seq"] for m in found}
    told = {k: v for session in sessions for k, v in session.acknowledged.items()}
    assert told == {content: at[content] for content in told}
    assert set(at) == set(told) | {content for sender in senders for content in sender.sent}
