# SPDX-License-Identifier: Apache-2.0
"""How long it takes until all is well again after something was not, as somebody sees it who writes
at each node and at the load balancer all the time, and listens at each node."""

import asyncio
import contextlib
import json
import statistics
import time

import websockets

from cluster_services import HOST, MSGD
from storm.http import Broken, ask

PAUSE_S = 0.05
PATIENCE_S = 1  # of a probe, which then asks again
LIVE_S = 0.9  # what no hint told of, a look into the database finds after a second at least
RECOVERY_S_MAX = 60
WRITES, NEWS = "writes", "news"


class Fault:
    """What is to be well again: from its end on or, where others have to do the work, from its
    beginning. WRITES: a send at each place is acknowledged. NEWS: the others hear at once of what
    is sent at each place, and it of theirs."""

    def __init__(self, kind, sign, places):
        self.kind = kind
        signs = ("acknowledged",) if sign == WRITES else ("told", "hears")
        self.missing = {(place, each) for place in places for each in signs}
        self.since = None  # while it lasts
        self.took_s = None  # until all was well

    def mend(self):
        self.since = time.monotonic()

    def see(self, begin, *signs):
        """Something that was sent at `begin` has come to a good end."""
        if self.since is None or begin < self.since or self.took_s is not None:
            return
        self.missing.difference_update(signs)
        if not self.missing:
            self.took_s = time.monotonic() - self.since


class Recovery:
    """Probes at every msgd and at the load balancer. All faults count, also those that others made
    longer."""

    def __init__(self, cluster):
        self.faults = []
        self.people = cluster.tokens()["users"]
        self.ports = {name: cluster.port(name) for name in (*MSGD, "haproxy")}

    def begin(self, kind, sign, places):
        self.faults.append(Fault(kind, sign, places))
        return self.faults[-1]

    @contextlib.asynccontextmanager
    async def watch(self):
        """Until all that happened within has been recovered from, or ought to have been."""
        work = [self.write(*place) for place in self.ports.items()]
        work += [self.listen(name, self.ports[name]) for name in MSGD]
        tasks = [asyncio.create_task(one) for one in work]
        try:
            yield
            deadline = time.monotonic() + RECOVERY_S_MAX
            while self.lasting() and time.monotonic() < deadline:
                await asyncio.sleep(0.1)
            for task in tasks:
                if task.done():
                    task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def write(self, place, port):
        token, peer = self.people["alice"]["token"], self.people["bob"]["id"]
        while True:
            begin = time.monotonic()
            body = {"receiver_id": peer, "content": f"{place} {begin}"}
            with contextlib.suppress(Broken):
                status, _ = await ask(port, "POST", "/messages", token, body, PATIENCE_S)
                if status == 201:
                    self.see(begin, (place, "acknowledged"))
            await asyncio.sleep(PAUSE_S)

    async def listen(self, place, port):
        hello = {"id": 1, "op": "hello", "token": self.people["bob"]["token"]}
        while True:
            with contextlib.suppress(OSError, websockets.WebSocketException, asyncio.TimeoutError):
                async with websockets.connect(
                        f"ws://{HOST}:{port}/api/v1/ws", max_size=None, open_timeout=PATIENCE_S,
                        close_timeout=PATIENCE_S, ping_interval=None) as socket:
                    await socket.send(json.dumps(hello))
                    async for text in socket:
                        self.take(place, json.loads(text))
            await asyncio.sleep(PAUSE_S)

    def take(self, place, frame):
        messages = []
        if frame.get("event") == "message":
            messages = [frame["message"]]
        elif frame.get("event") == "sync":
            messages = frame["conversation"]["messages"]
        for message in messages:
            whose, _, begin = message["content"].partition(" ")
            if whose in MSGD and whose != place and time.monotonic() - float(begin) < LIVE_S:
                self.see(float(begin), (place, "hears"), (whose, "told"))

    def see(self, begin, *signs):
        for fault in self.faults:
            fault.see(begin, *signs)

    def lasting(self):
        """Faults that nobody has recovered from."""
        return [fault for fault in self.faults if fault.took_s is None]

    def table(self):
        """A row for each kind, in Markdown."""
        rows = ["| fault | times | well again after, s: median | at most |", "| --- | --- | --- | --- |"]
        for kind in sorted({fault.kind for fault in self.faults}):
            took = [f.took_s for f in self.faults if f.kind == kind and f.took_s is not None]
            if took:
                rows.append(f"| {kind} | {len(took)} | {statistics.median(took):.1f} | "
                            f"{max(took):.1f} |")
        return "\n".join(rows)
