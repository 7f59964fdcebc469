# SPDX-License-Identifier: Apache-2.0
"""A device as a real client is: keeps its cursor, sends again until answered, logs what it sees."""

import asyncio
import collections
import contextlib
import itertools
import random
import time

import websockets

from storm.connection import Connection, patience_of
from storm.http import Broken, ask
from storm.records import Journal, digest
from storm.screen import Screen

LEFT = ("not_found", "permission_denied", "conflict")  # what is said of a conversation then
OUTBOX_MAX = 5  # messages of one conversation that wait for their answer


class Device:
    """One login of a user. run() ends once `is_over` is set."""

    def __init__(self, name, user, token, conversations, leaving, port, folder, seed, pause_s):
        self.name = name
        self.user = user
        self.token = token
        self.leaving = leaving  # of the user: what was left, or perhaps
        self.port = port
        self.dice = random.Random(f"{seed}/{name}")
        self.pause_s = pause_s
        self.journal = Journal(folder / f"{name}.jsonl")
        self.screen = Screen(user, conversations, self.journal, self.drop)
        self.outbox = collections.defaultdict(collections.deque)  # of (client_id, content)
        self.keys = itertools.count(1)
        self.wants_messages = True  # goes on writing
        self.wants_marks = True
        self.is_over = False
        self.leaves = None  # (conversation, monotonic time)
        self.socket = None
        self.failures = []

    # One life -------------------------------------------------------------------------------------

    async def run(self):
        writer = asyncio.create_task(self.write_messages())
        try:
            while not self.is_over:
                await self.connect_once()
                if self.is_over:
                    break
                await asyncio.sleep(self.absence_s())
                if self.dice.random() < 0.2:
                    await self.send_over_http()
        finally:
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)

    def absence_s(self):
        if self.wants_messages and self.dice.random() < 0.04:
            return self.dice.uniform(3, 12)  # long enough for a gap
        return self.dice.uniform(0.02, 0.4)

    async def connect_once(self):
        if self.wants_messages:
            self.have_an_accident(self.dice.random())
        why = "closed"
        try:
            async with asyncio.timeout(patience_of(self)):
                socket = await websockets.connect(
                    f"ws://127.0.0.1:{self.port}/api/v1/ws",
                    max_size=None,
                    ping_interval=None,
                    open_timeout=None,
                    close_timeout=0.1,
                )
        except (OSError, asyncio.TimeoutError, websockets.WebSocketException):
            return
        self.socket = Connection(self, socket)
        self.journal.note("connect", cursor=self.screen.cursor)
        try:
            await self.socket.run()
        except websockets.ConnectionClosed as closed:
            why = f"closed {closed.code}"
        except ValueError as error:  # what comes is not JSON
            self.failures.append(f"{self.name}: {error}")
        except (OSError, asyncio.TimeoutError) as error:
            why = type(error).__name__
        finally:
            self.journal.note("lost", why=why)
            self.socket = None
            socket.transport.abort()

    def close(self):
        self.journal.close()

    def have_an_accident(self, die):
        """Seldom: everything is forgotten, or all since it was saved; the outbox is on paper."""
        if die < 0.01:
            self.screen.reinstall()
        elif die < 0.05:
            self.screen.restore()

    def drop(self, conversation):
        """What waits for a conversation that was left."""
        for key, _ in self.outbox.pop(conversation, ()):
            self.journal.note("dropped", conversation=conversation, client_id=key)

    # What its user does ---------------------------------------------------------------------------

    async def write_messages(self):
        """Into the outbox, connected or not."""
        while self.wants_messages:
            await asyncio.sleep(self.dice.expovariate(1 / self.pause_s))
            conversation = self.dice.choice(self.screen.conversations)
            waiting = self.outbox[conversation]
            if len(waiting) >= OUTBOX_MAX or not self.wants_messages:
                continue
            key = f"{self.name}-{next(self.keys)}"
            padding = "x" * self.dice.choice([0, 10, 100, 100, 1000, 8000])
            waiting.append((key, f"{key} {padding}"))
            if self.socket:
                await self.socket.send_new(conversation, *waiting[-1])

    async def send_over_http(self):
        """What waits, in its order, under the same ids; as far as that goes."""
        try:
            for conversation, waiting in list(self.outbox.items()):
                for key, content in list(waiting):
                    self.note_send(conversation, key, content, over="http")
                    path = f"/conversations/{conversation}/messages"
                    body = {"content": content, "client_id": key}
                    status, answer = await ask(self.port, "POST", path, self.token, body)
                    if status == 201:
                        self.take_sent(conversation, key, content, answer["seq"])
                    else:
                        return self.take_refusal("send", answer, conversation, key)
        except Broken:
            pass

    def note_send(self, conversation, key, content, over="websocket"):
        self.journal.note(
            "send", conversation=conversation, client_id=key, body=digest(content), over=over
        )

    def take_sent(self, conversation, key, content, seq):
        self.journal.note("sent", conversation=conversation, client_id=key, seq=seq)
        with contextlib.suppress(ValueError):  # answered twice, over two connections
            self.outbox[conversation].remove((key, content))

    def take_refusal(self, op, error, conversation, key=None):
        """All is asked again on the next connection, but of a conversation that was left."""
        if key:
            code = error["code"]
            self.journal.note("refused", conversation=conversation, client_id=key, code=code)
        if conversation in self.leaving and error["code"] in LEFT:
            return
        if error["code"] not in ("overloaded", "unavailable"):
            self.failures.append(f"{self.name}: {op}: {error}")

    async def leave(self):
        """The one that it is to leave; asks until it is answered."""
        conversation, when = self.leaves
        if time.monotonic() < when or not self.wants_messages:
            return
        is_repeated = conversation in self.leaving
        self.leaving.add(conversation)
        path = f"/conversations/{conversation}/members/{self.user}"
        with contextlib.suppress(Broken):
            status, answer = await ask(self.port, "DELETE", path, self.token, {})
            if status == 200:
                until = answer["visible_until"]
                self.journal.note("left", conversation=conversation, until=until)
            elif not (is_repeated and answer["code"] in LEFT):
                return self.take_refusal("leave", answer, None)
            self.leaves = None

    def next_mark(self):
        """(conversation, what, seq) of a receipt to give, or None. Old ones are given again."""
        conversations = self.screen.conversations
        for conversation in self.dice.sample(conversations, len(conversations)):
            chat = self.screen.chats[conversation]
            mine = chat.marks.get(self.user, [0, 0])
            if chat.top > mine[0] or (chat.top > mine[1] and self.dice.random() < 0.5):
                what = self.dice.choice(["delivered", "delivered", "read"])
                seq = chat.top if self.dice.random() < 0.7 else self.dice.randint(1, chat.top)
                return conversation, what, seq
        return None

    def next_change(self):
        """(op, conversation, seq, fields) of what a user makes of a message, or None."""
        conversation = self.dice.choice(self.screen.conversations)
        chat = self.screen.chats[conversation]
        if not chat.top or self.dice.random() < 0.5:
            return None
        seq = self.dice.randint(max(1, chat.top - 30), chat.top)
        sender = chat.messages.get(seq, (None,))[0]
        die = self.dice.random()
        if sender == self.user and die < 0.5:
            return "edit", conversation, seq, {"content": f"{self.name} edits {die}"}
        if sender == self.user and die < 0.6:
            return "delete", conversation, seq, {"for": "everyone"}
        if die > 0.95:  # in groups only for some
            return self.dice.choice(["pin", "unpin"]), conversation, seq, {}
        op = "react" if die < 0.85 else "unreact"
        return op, conversation, seq, {"emoji": self.dice.choice(["👍", "❤️", "😀"])}

    def has_more_to_send(self):
        return any(self.outbox.values())

    def is_idle(self):
        """All that it asked for is answered."""
        return not self.has_more_to_send() and not (self.socket and self.socket.is_waiting())
