# SPDX-License-Identifier: Apache-2.0
"""Each msgd behind HAProxy is restarted in turn under load. Nobody sees an error: no request fails,
WebSockets and event streams are only ever told to come back (1012), a poll that waits is answered;
what was sent is there once, and whoever reads is told of it once."""

import asyncio
import functools
import http.client
import json
import threading

import websockets
from news_readers import EventReader, PollReader

SENDERS = 3
SESSIONS = 8
READERS = 3  # of each kind and conversation
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


class Spoken:
    """A conversation of alice's, who says something in it, and its readers, who know of everything
    before."""

    def __init__(self, front, alice, reader):
        self.ask = functools.partial(
            Requests(front.port, alice["token"], None).call,
            http.client.HTTPConnection("127.0.0.1", front.port, timeout=DEADLINE_S))
        self.id = self.ask(
            "POST", "/conversations", {"kind": "direct", "user_id": reader["id"]})["id"]
        self.sent = []
        asking = Requests(front.port, reader["token"], None)
        connection = http.client.HTTPConnection("127.0.0.1", front.port, timeout=DEADLINE_S)
        page = {"cursor": "", "has_more": True}
        while page["has_more"]:
            page = asking.call(connection, "GET", f"/sync?cursor={page['cursor']}")
        self.last = f"last {id(self)}"
        self.readers = [
            kind(front.port, reader["token"], self.id, page["cursor"], self.last)
            for kind in (EventReader, PollReader) for _ in range(READERS)]

    def say(self, content):
        self.ask("POST", f"/conversations/{self.id}/messages", {"content": content})
        self.sent.append(content)


def check_threads(threads):
    for one in threads:
        if one.failure:
            raise one.failure


def test_no_client_sees_an_error(cluster, front):
    people = cluster.tokens()["users"]
    alice, bob, carol = people["alice"], people["bob"], people["carol"]
    senders = [Requests(front.port, carol["token"], alice["id"]) for _ in range(SENDERS)]
    busy = Spoken(front, alice, carol)
    quiet = Spoken(front, alice, bob)  # its readers wait nearly all the time
    url = f"ws://127.0.0.1:{front.port}/api/v1/ws"
    sessions = [Session(url, alice["token"], busy.id, f"s{n}") for n in range(SESSIONS)]
    readers = busy.readers + quiet.readers

    async def until(condition):
        while not condition():
            check_threads(senders + readers)
            await asyncio.sleep(0.02)

    async def play():
        tasks = [asyncio.create_task(session.run()) for session in sessions]

        async def all_go_on():
            """Everybody sends more, and who waits for news in the quiet conversation gets one."""
            goals = [len(session.acknowledged) + 5 for session in sessions]
            sent = [len(sender.sent) + 5 for sender in senders]
            said = f"{quiet.id} {len(quiet.sent)}"
            await asyncio.to_thread(quiet.say, said)
            await until(lambda: any(task.done() for task in tasks) or (
                all(len(s.acknowledged) >= g for s, g in zip(sessions, goals))
                and all(len(s.sent) >= g for s, g in zip(senders, sent))
                and all(r.read and r.read[-1][1] == said for r in quiet.readers)))
            for task in tasks:
                if task.done():
                    task.result()

        for one in senders + readers:
            one.thread.start()
        await asyncio.wait_for(all_go_on(), DEADLINE_S)
        for number in (1, 2, 3):
            await asyncio.to_thread(cluster.restart_node, f"msgd{number}")
            log = cluster.log(f"msgd{number}")
            assert '"event":"stopped"' in log and "drain.timeout" not in log, log[-2000:]
            await asyncio.wait_for(all_go_on(), DEADLINE_S)
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
        assert not sender.thread.is_alive()
    for spoken in (busy, quiet):
        spoken.say(spoken.last)
    for reader in readers:
        reader.thread.join(DEADLINE_S)
        assert not reader.thread.is_alive(), (reader, reader.read[-3:])
    check_threads(senders + readers)
    assert all(session.lives >= 2 for session in sessions), "nobody had to move"
    assert all(reader.moves for reader in readers if isinstance(reader, EventReader))
    assert any(reader.moves for reader in quiet.readers if isinstance(reader, PollReader))

    # What was acknowledged is there, once, at its place.
    found = everything_in(front, busy.id, alice["token"])
    assert len({m["content"] for m in found}) == len(found), "a message is there twice"
    at = {m["content"]: m["seq"] for m in found}
    told = {k: v for session in sessions for k, v in session.acknowledged.items()}
    assert told == {content: at[content] for content in told}
    busy.sent += [*told, *(content for sender in senders for content in sender.sent)]
    assert set(at) == set(busy.sent)
    # Readers were told of all of it, once and in order.
    quiet_found = everything_in(front, quiet.id, alice["token"])
    for spoken, all_found in ((busy, found), (quiet, quiet_found)):
        sent = set(spoken.sent)
        expected = [(m["seq"], m["content"]) for m in all_found if m["content"] in sent]
        assert len(expected) == len(sent)
        for reader in spoken.readers:
            assert reader.read == expected, type(reader)
