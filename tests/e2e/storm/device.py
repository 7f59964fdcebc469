# SPDX-License-Identifier: Apache-2.0
"""A device as a real client is: keeps its cursor, sends again until answered, logs what it sees."""

import asyncio
import collections
import contextlib
import itertools
import json
import random

import websockets

from storm.records import Journal, digest

SILENCE_S = 4  # without a frame the connection is taken for dead
PING_S = 1
OUTBOX_MAX = 5  # messages of one conversation that wait for their answer


class Chat:
    """What a device shows of one conversation."""

    def __init__(self):
        self.messages = {}  # seq -> (sender, digest)
        self.marks = {}  # user -> [delivered, read]
        self.gaps = []  # [from, to], not read yet
        self.top = 0

    def add(self, message):
        self.messages[message["seq"]] = (message["sender_id"], digest(message["content"]))
        self.top = max(self.top, message["seq"])

    def raise_mark(self, member):
        mark = self.marks.setdefault(member["user_id"], [0, 0])
        mark[0] = max(mark[0], member["delivered"])
        mark[1] = max(mark[1], member["read"])

    def unread(self, user):
        read = self.marks.get(user, [0, 0])[1]
        return sum(seq > read and sender != user for seq, (sender, _) in self.messages.items())


class Device:
    """One login of a user. run() ends when `finish` was called and all was answered."""

    def __init__(self, name, user, token, conversations, port, folder, seed, pause_s):
        self.name = name
        self.user = user
        self.token = token
        self.conversations = conversations
        self.url = f"ws://127.0.0.1:{port}/api/v1/ws"
        self.dice = random.Random(f"{seed}/{name}")
        self.pause_s = pause_s
        self.journal = Journal(folder / f"{name}.jsonl")
        self.cursor = ""
        self.chats = collections.defaultdict(Chat)
        self.outbox = {c: collections.deque() for c in conversations}  # of (client_id, content)
        self.keys = itertools.count(1)
        self.wants_messages = True  # goes on writing
        self.wants_marks = True
        self.is_over = False
        self.socket = None
        self.failures = []

    # One life -------------------------------------------------------------------------------------

    async def run(self):
        writer = asyncio.create_task(self.write_messages())
        try:
            while not self.is_over:
                await self.connect_once()
                if not self.is_over:
                    await asyncio.sleep(self.absence_s())
        finally:
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)

    def absence_s(self):
        if self.wants_messages and self.dice.random() < 0.04:
            return self.dice.uniform(3, 12)  # long enough for a gap
        return self.dice.uniform(0.02, 0.4)

    async def connect_once(self):
        if self.wants_messages and self.dice.random() < 0.01:
            self.journal.note("reinstall")
            self.cursor = ""
            self.chats.clear()
        why = "closed"
        try:
            async with asyncio.timeout(SILENCE_S):
                socket = await websockets.connect(
                    self.url, max_size=None, ping_interval=None, open_timeout=None, close_timeout=0.1
                )
        except (OSError, asyncio.TimeoutError, websockets.WebSocketException):
            return
        self.socket = Connection(self, socket)
        self.journal.note("connect", cursor=self.cursor)
        try:
            await self.socket.run()
        except websockets.ConnectionClosed as closed:
            why = f"closed {closed.code}"
        except (OSError, asyncio.TimeoutError) as error:
            why = type(error).__name__
        finally:
            self.journal.note("lost", why=why)
            self.socket = None
            socket.transport.abort()

    def close(self):
        self.journal.close()

    # What its user does ---------------------------------------------------------------------------

    async def write_messages(self):
        """Into the outbox, connected or not."""
        while self.wants_messages:
            await asyncio.sleep(self.dice.expovariate(1 / self.pause_s))
            conversation = self.dice.choice(self.conversations)
            waiting = self.outbox[conversation]
            if len(waiting) >= OUTBOX_MAX or not self.wants_messages:
                continue
            key = f"{self.name}-{next(self.keys)}"
            padding = "x" * self.dice.choice([0, 10, 100, 100, 1000, 8000])
            waiting.append((key, f"{key} {padding}"))
            if self.socket:
                await self.socket.send_message(conversation, *waiting[-1])

    def next_mark(self):
        """(conversation, what, seq) of a receipt to give, or None. Old ones are given again."""
        for conversation in self.dice.sample(self.conversations, len(self.conversations)):
            chat = self.chats[conversation]
            mine = chat.marks.get(self.user, [0, 0])
            if chat.top > mine[0] or (chat.top > mine[1] and self.dice.random() < 0.5):
                what = self.dice.choice(["delivered", "delivered", "read"])
                seq = chat.top if self.dice.random() < 0.7 else self.dice.randint(1, chat.top)
                return conversation, what, seq
        return None

    def is_idle(self):
        return not any(self.outbox.values())

    # What the server says -------------------------------------------------------------------------

    def take(self, frame):
        """An event; afterwards its cursor is this device's."""
        kind = frame["event"]
        if kind == "message":
            self.take_message(frame)
        elif kind == "receipt":
            self.take_receipt(frame)
        elif kind == "sync":
            self.take_sync(frame)
        elif kind == "live":
            self.journal.note("live", cursor=frame["cursor"])
        elif frame.get("cursor"):
            self.journal.note(
                "other", event=kind, version=frame["version"], cursor=frame["cursor"]
            )
        if frame.get("cursor"):
            self.cursor = frame["cursor"]

    def take_message(self, frame):
        message = frame["message"]
        self.journal.note(
            "message",
            conversation=frame["conversation_id"],
            seq=message["seq"],
            sender=message["sender_id"],
            body=digest(message["content"]),
            version=frame["version"],
            cursor=frame["cursor"],
        )
        self.chats[frame["conversation_id"]].add(message)

    def take_receipt(self, frame):
        member = frame["member"]
        self.journal.note(
            "receipt",
            conversation=frame["conversation_id"],
            user=member["user_id"],
            delivered=member["delivered"],
            read=member["read"],
            version=frame["version"],
            cursor=frame["cursor"],
        )
        self.chats[frame["conversation_id"]].raise_mark(member)

    def take_sync(self, frame):
        delta = frame["conversation"]
        view = delta["view"]
        conversation = view["conversation"]
        missing = delta["missing"]
        self.journal.note(
            "sync",
            conversation=conversation["id"],
            version=conversation["version"],
            last_seq=conversation["last_seq"],
            read=view["self"]["read"],
            unread=view["unread_count"],
            messages=listed(delta["messages"]),
            missing=missing and [missing["from"], missing["to"]],
            members=[[m["user_id"], m["delivered"], m["read"]] for m in delta["members"]],
            cursor=frame["cursor"],
        )
        chat = self.chats[conversation["id"]]
        for message in delta["messages"]:
            chat.add(message)
        for member in delta["members"]:
            chat.raise_mark(member)
        if missing:
            chat.gaps.append([missing["from"], missing["to"]])

    def note_final(self):
        conversations = {
            conversation: {
                "messages": dict(sorted(chat.messages.items())),
                "marks": chat.marks,
                "unread": chat.unread(self.user),
            }
            for conversation, chat in self.chats.items()
        }
        self.journal.note("final", conversations=conversations)


class Connection:
    """One connection of a device: requests by id, frames as they come."""

    def __init__(self, device, socket):
        self.device = device
        self.socket = socket
        self.ids = itertools.count(1)
        self.replies = {}  # id -> what takes the reply
        self.is_live = asyncio.Event()

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

    async def request(self, take, op, **fields):
        number = next(self.ids)
        self.replies[number] = take
        await self.socket.send(json.dumps({"id": number, "op": op, **fields}))

    async def receive(self):
        await self.request(
            self.take_hello, "hello", token=self.device.token, cursor=self.device.cursor
        )
        while not self.device.is_over:
            text = await asyncio.wait_for(self.socket.recv(), SILENCE_S)
            frame = json.loads(text)
            if "event" in frame:
                self.device.take(frame)
                if frame["event"] == "live":
                    self.is_live.set()
            else:
                self.replies.pop(frame["id"])(frame)

    async def ping(self):
        while True:
            await asyncio.sleep(PING_S)
            await self.request(lambda frame: None, "ping")

    async def write(self):
        """What was not answered goes out again, in its order; then receipts and gaps."""
        await self.is_live.wait()
        for conversation, waiting in self.device.outbox.items():
            for message in list(waiting):
                await self.send_message(conversation, *message)
        while True:
            await asyncio.sleep(self.device.dice.uniform(0.05, 0.4))
            await self.read_gaps()
            if self.device.wants_marks and (mark := self.device.next_mark()):
                await self.give_mark(*mark)

    async def send_message(self, conversation, key, content):
        if not self.is_live.is_set():
            return  # goes out with the others
        self.device.journal.note(
            "send", conversation=conversation, client_id=key, body=digest(content)
        )
        with contextlib.suppress(websockets.ConnectionClosed):
            await self.request(
                lambda frame: self.take_sent(conversation, key, content, frame),
                "send",
                conversation_id=conversation,
                content=content,
                client_id=key,
            )

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
        for conversation, chat in self.device.chats.items():
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
            self.fail("hello", frame)

    def take_sent(self, conversation, key, content, frame):
        device = self.device
        if frame["ok"]:
            device.journal.note(
                "sent", conversation=conversation, client_id=key, seq=frame["result"]["seq"]
            )
            waiting = device.outbox[conversation]
            with contextlib.suppress(ValueError):  # answered twice, over two connections
                waiting.remove((key, content))
            return
        device.journal.note(
            "refused", conversation=conversation, client_id=key, code=frame["error"]["code"]
        )
        self.fail("send", frame)

    def take_marked(self, conversation, frame):
        if not frame["ok"]:
            return self.fail("mark", frame)
        member = frame["result"]
        self.device.journal.note(
            "marked",
            conversation=conversation,
            delivered=member["delivered"],
            read=member["read"],
        )
        self.device.chats[conversation].raise_mark(member)

    def take_page(self, conversation, frame):
        if not frame["ok"]:
            return self.fail("history", frame)
        chat = self.device.chats[conversation]
        first, last = chat.gaps.pop(0)
        items = [m for m in frame["result"]["items"] if m["seq"] <= last]
        self.device.journal.note("filled", conversation=conversation, messages=listed(items))
        for message in items:
            chat.add(message)
        reached = items[-1]["seq"] if items else last
        if reached < last:
            chat.gaps.insert(0, [reached + 1, last])

    def fail(self, op, frame):
        """A refusal: the connection is given up, and all is asked again on the next one."""
        code = frame["error"]["code"]
        if code not in ("overloaded", "unavailable"):
            self.device.failures.append(f"{self.device.name}: {op}: {frame['error']}")
        self.socket.transport.abort()


def listed(messages):
    return [
        [m["seq"], m["sender_id"], digest(m["content"]), bool(m["edited_at"] or m["deleted"])]
        for m in messages
    ]
