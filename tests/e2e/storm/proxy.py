# SPDX-License-Identifier: Apache-2.0
"""A TCP proxy that treats each connection badly, as its seed says."""

import asyncio
import collections
import contextlib
import random
import socket
import struct

CHUNK = 32 * 1024
SLOW_CHUNK = 1024
SLOW_PAUSE_S = 0.04
HOST = "127.0.0.1"
CALM, CUT, RESET, HALF_OPEN = "calm", "cut", "reset", "half-open"


class Fate:
    """What happens to one connection, decided when it begins.

    Each direction ("up": from the client) has manners of its own: chunks wait, or go out in small
    pieces. At some moment, or byte, comes the end: both sides are closed, or reset, or one or both
    directions fall silent for good while the sockets stay open. A stall is silence that passes.
    A slow client reads a few kilobytes a second, less than it is sent.
    """

    def __init__(self, dice):
        self.dice = dice
        self.delay = {way: dice.choice([0, 0, 0, 0.005, 0.05]) for way in ("up", "down")}
        self.pieces = {way: dice.choice([0, 0, 0, 0, 1, 7]) for way in ("up", "down")}
        self.end = dice.choices([CALM, CUT, RESET, HALF_OPEN], [30, 28, 22, 20])[0]
        self.end_after_s = dice.uniform(0.05, 9)
        self.silent = dice.choice([("up",), ("down",), ("up", "down")])
        # Half of them at a byte, which is in the middle of a frame more often than not. What then
        # goes on must not have lost any.
        self.end_after_bytes = dice.choice([None, dice.randint(1, 40_000)])
        self.end_way = dice.choice(self.silent)
        self.linger_s = dice.uniform(0, 6)  # of the server's half when the client has gone
        self.is_slow = dice.random() < 0.2
        self.stall_s = dice.choice([0, 0, 0, 0, 0, dice.uniform(0.5, 4)])
        self.stall_at = dice.randint(1, 150)  # chunk of the server


class Proxy:
    """Listens on `port`. `target` may change with each restart; `is_kind` ends all malice."""

    def __init__(self, seed):
        self.seed = seed
        self.target = None
        self.is_kind = False
        self.counts = collections.Counter()
        self.links = set()

    async def start(self):
        self.server = await asyncio.start_server(self.take, HOST, 0, limit=CHUNK)
        self.port = self.server.sockets[0].getsockname()[1]

    async def stop(self):
        self.server.close()
        for link in list(self.links):
            link.finish(CUT)

    def be_kind(self):
        """From now on the proxy does nothing but pass bytes on; old connections end."""
        self.is_kind = True
        for link in list(self.links):
            link.finish(CUT)

    async def take(self, reader, writer):
        self.counts["connections"] += 1
        fate = Fate(random.Random(f"{self.seed}/{self.counts['connections']}"))
        try:
            peer = await self.reach(fate)
        except OSError:
            self.counts["refused"] += 1
            reset(writer)
            return
        link = Link(self, fate, (reader, writer), peer)
        self.links.add(link)
        try:
            await link.run()
        finally:
            self.links.discard(link)

    async def reach(self, fate):
        """The server; for a slow client with little room in between."""
        if self.is_kind or not fate.is_slow:
            return await asyncio.open_connection(HOST, self.target, limit=CHUNK)
        sock = socket.socket()
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SLOW_CHUNK)
            sock.setblocking(False)
            await asyncio.get_running_loop().sock_connect(sock, (HOST, self.target))
            return await asyncio.open_connection(sock=sock, limit=SLOW_CHUNK)
        except OSError:
            sock.close()
            raise


class Link:
    """One connection and its other half."""

    def __init__(self, proxy, fate, client, server):
        self.proxy = proxy
        self.fate = fate
        self.client = client
        self.server = server
        self.silent = set()
        self.is_finished = asyncio.Event()

    async def run(self):
        if self.proxy.is_kind:
            self.fate.delay = self.fate.pieces = {"up": 0, "down": 0}
            self.fate.end, self.fate.stall_s, self.fate.is_slow = CALM, 0, False
        tasks = [
            asyncio.create_task(self.pump("up", self.client[0], self.server[1])),
            asyncio.create_task(self.pump("down", self.server[0], self.client[1])),
        ]
        if self.fate.end != CALM and self.fate.end_after_bytes is None:
            tasks.append(asyncio.create_task(self.end_in(self.fate.end_after_s)))
        self.proxy.counts["slow"] += self.fate.is_slow
        for way in ("up", "down"):
            self.proxy.counts["delayed"] += bool(self.fate.delay[way])
            self.proxy.counts["split"] += bool(self.fate.pieces[way])
        await self.is_finished.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def pump(self, way, reader, writer):
        """Passes bytes on until one side ends; then so does the other."""
        passed = chunks = 0
        try:
            size = SLOW_CHUNK if self.fate.is_slow and way == "down" else CHUNK
            while data := await reader.read(size):
                chunks += 1
                await self.wait_a_little(way, chunks)
                if way in self.silent:
                    continue
                if self.ends_within(way, passed, data):
                    writer.write(data[: self.fate.end_after_bytes - passed])
                    self.strike()
                    continue
                passed += len(data)
                await self.pass_on(way, data, writer)
        except OSError:
            pass
        if self.silent and way == "up":
            await asyncio.sleep(self.fate.linger_s)  # the server has not been told
        self.finish(CUT)

    def ends_within(self, way, passed, data):
        """Whether the end comes at a byte of these."""
        fate = self.fate
        if fate.end == CALM or fate.end_after_bytes is None or way != fate.end_way:
            return False
        return passed + len(data) >= fate.end_after_bytes

    async def wait_a_little(self, way, chunks):
        fate = self.fate
        if fate.delay[way]:
            await asyncio.sleep(fate.dice.uniform(0, fate.delay[way]))
        if way == "down" and fate.is_slow:
            await asyncio.sleep(SLOW_PAUSE_S)
        if way == "down" and fate.stall_s and chunks == fate.stall_at:
            self.proxy.counts["stalls"] += 1
            await asyncio.sleep(fate.stall_s)
        if way == "down" and way in self.silent:
            await self.is_finished.wait()  # nobody reads what the server writes

    async def pass_on(self, way, data, writer):
        size = self.fate.pieces[way]
        if not size or len(data) > 4096:
            writer.write(data)
            return await writer.drain()
        for at in range(0, len(data), size):
            if writer.is_closing():
                return
            writer.write(data[at : at + size])
            await asyncio.sleep(0)  # so that each piece is a segment of its own
        await writer.drain()

    async def end_in(self, seconds):
        await asyncio.sleep(seconds)
        self.strike()

    def strike(self):
        """The end that was decided."""
        self.proxy.counts[self.fate.end] += 1
        if self.fate.end == HALF_OPEN:
            self.silent.update(self.fate.silent)
        else:
            self.finish(self.fate.end)

    def finish(self, how):
        if self.is_finished.is_set():
            return
        self.is_finished.set()
        for _, writer in (self.client, self.server):
            if how == RESET:
                reset(writer)
            else:
                with contextlib.suppress(OSError):
                    writer.close()


def reset(writer):
    """Ends it with a RST."""
    with contextlib.suppress(OSError):
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
