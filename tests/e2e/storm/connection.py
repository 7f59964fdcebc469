# SPDX-License-Identifier: Apache-2.0
"""One WebSocket of a device: what it asks for, and where the answers go."""

import asyncio
import contextlib
import itertools
import json

import websockets

from storm.chat import listed
from storm.records import digest

SILENCE_S = 4  # without a frame the connection is taken for dead, while it may be
CALM_SILENCE_S = 30
PING_S = 1


class Connection:
    """One connection of a device: requests by id, frames as they come."""

    def __init__(self, device, socket):
        self.device = device
        self.socket = socket
        self.ids = itertools.count(1)
        self.replies = {}  # id -> what takes the reply
        self.is_live = asyncio.Event()
        self.sent = set()  # client_ids
        self.is_caught_up = False

    async def run(self):
        """Until it breaks, or the device is done."""
        tasks = [asyncio.create_task(t) for t in (self.receive(), self.write(), self.ping())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def is_waiting(self):
        """For an answer that matters."""
        return any(take is not ignore for take in self.replies.values())

    async def request(self, take, op, **fields):
        number = next(self.ids)
        self.replies[number] = take
        await self.socket.send(json.dumps({"id": number, "op": op, **fields}))

    async def receive(self):
        await self.request(
            self.take_hello, "hello", token=self.device.token, cursor=self.device.screen.cursor
        )
        while not self.device.is_over:
            text = await asyncio.wait_for(self.socket.recv(), patience_of(self.device))
            frame = json.loads(text)
            if "event" in frame:
                self.device.screen.take(frame)
                if frame["event"] == "live":
                    self.is_live.set()
            else:
                self.replies.pop(frame["id"])(frame)

    async def ping(self):
        while True:
            await asyncio.sleep(PING_S)
            await self.request(ignore, "ping")

    async def write(self):
        """What was not answered goes out again, in its order; then receipts and gaps."""
        await self.is_live.wait()
        while unsent := self.unsent():
            for message in unsent:
                await self.send_message(*message)
        self.is_caught_up = True
        while True:
            await asyncio.sleep(self.device.dice.uniform(0.05, 0.4))
            await self.read_gaps()
            if self.device.dice.random() < 0.05:
                self.device.screen.save()
            if self.device.leaves:
                await self.device.leave()
            if self.device.wants_messages and self.device.dice.random() < 0.2:
                await self.type()
            if self.device.wants_messages and (change := self.device.next_change()):
                await self.change(*change)
            if self.device.wants_marks and (mark := self.device.next_mark()):
                await self.give_mark(*mark)

    def unsent(self):
        """What waits and did not go out on this connection."""
        return [
            (conversation, key, content)
            for conversation, waiting in self.device.outbox.items()
            for key, content in waiting
            if key not in self.sent
        ]

    async def send_new(self, conversation, key, content):
        """At once, but never ahead of what waits."""
        if self.is_caught_up:
            await self.send_message(conversation, key, content)

    async def send_message(self, conversation, key, content):
        self.sent.add(key)
        self.device.note_send(conversation, key, content)
        with contextlib.suppress(websockets.ConnectionClosed):
            await self.request(
                lambda frame: self.take_sent(conversation, key, content, frame),
                "send",
                conversation_id=conversation,
                content=content,
                client_id=key,
            )

    async def type(self):
        """Never stored, and the first to be dropped: it must cost nothing else its place."""
        conversation = self.device.dice.choice(self.device.screen.conversations)
        await self.request(ignore, "typing", conversation_id=conversation)

    async def change(self, op, conversation, seq, fields):
        """Whether it was done, the store says in the end."""
        if op in ("edit", "delete"):
            body = digest(fields.get("content", ""))
            self.device.journal.note("change", conversation=conversation, seq=seq, body=body)
        await self.request(ignore, op, message_id=f"{conversation}-{seq}", **fields)

    async def give_mark(self, conversation, what, seq):
        self.device.journal.note("mark", conversation=conversation, what=what, seq=seq)
        await self.request(
            lambda frame: self.take_marked(conversation, frame),
            what,
            conversation_id=conversation,
            seq=seq,
        )

    async def read_gaps(self):
        """One page of the first gap there is; the rest next time."""
        for conversation, chat in self.device.screen.chats.items():
            if chat.gaps:
                first, _ = chat.gaps[0]
                answer = asyncio.get_running_loop().create_future()
                await self.request(
                    answer.set_result,
                    "history",
                    conversation_id=conversation,
                    after=first - 1,
                    order="asc",
                    limit=200,
                )
                return self.take_page(conversation, await answer)

    # Replies --------------------------------------------------------------------------------------

    def take_hello(self, frame):
        if not frame["ok"]:
            self.fail("hello", frame, None)

    def take_sent(self, conversation, key, content, frame):
        if frame["ok"]:
            self.device.take_sent(conversation, key, content, frame["result"]["seq"])
        else:
            self.fail("send", frame, conversation, key)

    def take_marked(self, conversation, frame):
        if not frame["ok"]:
            return self.fail("mark", frame, conversation)
        member = frame["result"]
        self.device.journal.note(
            "marked",
            conversation=conversation,
            delivered=member["delivered"],
            read=member["read"],
        )
        if conversation in self.device.screen.chats:
            self.device.screen.chats[conversation].raise_mark(member)

    def take_page(self, conversation, frame):
        if not frame["ok"]:
            return self.fail("history", frame, conversation)
        chat = self.device.screen.chats.get(conversation)
        if not chat:  # it has been left
            return
        first, last = chat.gaps.pop(0)
        items = [m for m in frame["result"]["items"] if m["seq"] <= last]
        self.device.journal.note("filled", conversation=conversation, messages=listed(items))
        for message in items:
            chat.add(message)
        reached = items[-1]["seq"] if items else last
        if reached < last:
            chat.gaps.insert(0, [reached + 1, last])

    def fail(self, op, frame, *of):
        """The connection is given up."""
        self.device.take_refusal(op, frame["error"], *of)
        self.socket.transport.abort()


def patience_of(device):
    return SILENCE_S if device.wants_messages else CALM_SILENCE_S


def ignore(_):
    """Takes the answer to what may fail."""
