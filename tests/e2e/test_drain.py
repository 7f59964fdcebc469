# SPDX-License-Identifier: Apache-2.0
"""SIGTERM under load: what was begun is answered, nothing acknowledged is lost, clients come back."""

import asyncio
import json

import websockets

from api import World
from conftest import Msgd, binary

PEOPLE = 12
SENDS = 400
IN_FLIGHT = 40  # fewer than the replies that a server keeps for a slow reader
ROOMY = {"max_size": None, "max_queue": None, "close_timeout": 2}


class Sender:
    """Sends with a client_id each, so many ahead of the answers, and remembers all it was told."""

    def __init__(self, world, receiver):
        self.person = world.person()
        direct = self.person.post("/conversations", {"kind": "direct", "user_id": receiver.id})
        self.conversation = direct.json["id"]
        self.acknowledged = {}  # client_id -> seq
        self.refused = set()
        self.sent = set()
        self.close = None
        self.under_way = asyncio.Event()
        self.room = asyncio.Semaphore(IN_FLIGHT)

    async def talk(self, url):
        async with websockets.connect(url, **ROOMY) as socket:
            hello = {"id": 0, "op": "hello", "token": self.person.token}
            await socket.send(json.dumps(hello))
            await asyncio.gather(self._send(socket), self._read(socket))

    async def _send(self, socket):
        try:
            for i in range(1, SENDS + 1):
                await self.room.acquire()
                await socket.send(json.dumps({
                    "id": i, "op": "send", "conversation_id": self.conversation,
                    "content": f"message {i}", "client_id": f"c{i}"}))
                self.sent.add(f"c{i}")
                if i == IN_FLIGHT:
                    self.under_way.set()
                if i % 8 == 0:
                    await asyncio.sleep(0)
        except websockets.ConnectionClosed:
            pass

    async def _read(self, socket):
        try:
            async for text in socket:
                frame = json.loads(text)
                if "ok" not in frame or frame["id"] == 0:
                    continue
                self.room.release()
                if frame["ok"]:
                    self.acknowledged[f"c{frame['id']}"] = frame["result"]["seq"]
                else:
                    assert frame["error"]["code"] in ("unavailable", "overloaded"), frame
                    self.refused.add(f"c{frame['id']}")
        except websockets.ConnectionClosed:
            pass
        finally:
            self.close = socket.close_code, socket.close_reason
            for _ in range(IN_FLIGHT):  # what sends, sees the end
                self.room.release()

    def settle(self):
        """Sends again whatever was not acknowledged, over HTTP."""
        for client_id in self.sent - set(self.acknowledged):
            answer = self.person.post(
                f"/conversations/{self.conversation}/messages",
                {"content": "message " + client_id[1:], "client_id": client_id})
            assert answer.status == 201, answer
            self.acknowledged[client_id] = answer.json["seq"]


def all_messages(person, peer):
    items, cursor = [], None
    while True:
        query = {"peer_id": peer.id, "order": "asc", "limit": 200}
        if cursor:
            query["cursor"] = cursor
        page = person.get("/messages", **query).json
        items += page["items"]
        if not page["page"]["has_more"]:
            return items
        cursor = page["page"]["next"]


def test_sends_in_flight_are_answered_and_nothing_is_lost(start_msgd):
    server = start_msgd("--ws-frames-per-second-max=100000", "--drain-window-ms=800")
    world = World(server)
    receiver = world.person()
    url = server.url.replace("http", "ws", 1) + "/api/v1/ws"

    async def play():
        senders = [Sender(world, receiver) for _ in range(PEOPLE)]
        tasks = [asyncio.create_task(s.talk(url)) for s in senders]
        await asyncio.wait_for(asyncio.gather(*(s.under_way.wait() for s in senders)), 60)
        server.process.terminate()
        await asyncio.wait_for(asyncio.gather(*tasks), 60)
        return senders

    senders = asyncio.run(play())
    assert server.process.wait(20) == 0
    assert not [e for e in server.log if e["event"] == "drain.timeout"]
    for sender in senders:
        code, reason = sender.close
        assert code == 1012, sender.close
        assert 0 <= int(reason.removeprefix("retry_after_ms=")) <= 800
        # Answers come in the order of the sends, so there is no hole in what was answered.
        answered = {int(c[1:]) for c in sender.acknowledged.keys() | sender.refused}
        assert answered == set(range(1, len(answered) + 1))

    again = Msgd(binary("MSGD"), environment={"MSG_STORE": f"sqlite:{server.folder}/msg-data/msg.db"})
    try:
        for sender in senders:
            sender.person.url = receiver.url = again.url
            before = {m["client_id"]: m["seq"] for m in all_messages(sender.person, receiver)}
            for client_id, seq in sender.acknowledged.items():
                assert before[client_id] == seq, "acknowledged and lost"
            # All that reached the store was acknowledged: none was cut off while it waited.
            assert before == sender.acknowledged
            sender.settle()
            after = all_messages(sender.person, receiver)
            assert [m["seq"] for m in after] == list(range(1, len(sender.sent) + 1))
            assert {m["client_id"] for m in after} == sender.sent
    finally:
        again.stop()


def test_a_session_works_on_until_its_turn(start_msgd):
    """With many sessions the turns are spread; who has not been told yet is served as before."""
    server = start_msgd("--drain-spread-ms=2500", "--unproven-max=1000")
    world = World(server)
    people = world.people(4)
    url = server.url.replace("http", "ws", 1) + "/api/v1/ws"

    async def session(person, sockets):
        socket = await websockets.connect(url, **ROOMY)
        await socket.send(json.dumps({"id": 0, "op": "hello", "token": person.token}))
        assert json.loads(await socket.recv())["ok"]
        sockets.append(socket)

    async def until_closed(socket, start):
        loop, number, served = asyncio.get_running_loop(), 0, 0
        try:
            while True:
                number += 1
                await socket.send(json.dumps({"id": number, "op": "ping"}))
                while True:
                    frame = json.loads(await socket.recv())
                    if "ok" in frame:
                        served += frame["ok"]
                        break
                await asyncio.sleep(0.05)
        except websockets.ConnectionClosed as closed:
            assert closed.rcvd.code == 1012
            return loop.time() - start, served

    async def play():
        sockets = []
        for person in people:
            for _ in range(16):
                await session(person, sockets)
        # The rest only make the server see a crowd.
        crowd = [await websockets.connect(url, **ROOMY) for _ in range(300)]
        start = asyncio.get_running_loop().time()
        server.process.terminate()
        ends = await asyncio.gather(*(until_closed(s, start) for s in sockets))
        await asyncio.gather(*(s.wait_closed() for s in crowd))
        return ends

    ends = asyncio.run(asyncio.wait_for(play(), 60))
    times = sorted(t for t, _ in ends)
    assert times[-1] - times[0] > 0.6, times
    assert max(served for _, served in ends) >= 5
    assert server.process.wait(20) == 0
