# SPDX-License-Identifier: Apache-2.0
"""What happens to a cluster in a storm: nodes and databases die, the bus is away, or says nothing."""

import asyncio
import json

from cluster import ClusterError
from cluster_services import DATABASES, MSGD


class ClusterWeather:
    """Three kinds of bad luck, each at its own pace, none waiting for another. Afterwards everything
    is up again."""

    def __init__(self, cluster, failovers, dice, log):
        self.cluster = cluster
        self.failovers = failovers
        self.dice = dice
        self.log = log
        self.is_over = False

    async def run(self, seconds, every_s):
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        lives = [asyncio.create_task(one(every_s)) for one in (self.nodes, self.bus, self.cache)]
        try:
            for _ in range(self.failovers):
                await self.pause((2, 6))
                await self.lose_primary()
            while loop.time() < end:
                self.raise_failures(lives)
                await asyncio.sleep(0.2)
        finally:
            self.is_over = True
            await asyncio.gather(*lives)

    @staticmethod
    def raise_failures(tasks):
        for task in tasks:
            if task.done():
                task.result()

    async def pause(self, between_s):
        await asyncio.sleep(self.dice.uniform(*between_s))

    async def nodes(self, every_s):
        while not self.is_over:
            await self.pause(every_s)
            name = self.dice.choice(MSGD)
            if self.dice.random() < 0.7:
                self.note(f"SIGKILL of {name}")
                await asyncio.to_thread(self.cluster.kill, name)
                await self.pause((0, 1.5))
                await self.bring_up(name)
            else:
                self.note(f"restart of {name}")
                try:
                    await asyncio.to_thread(self.cluster.restart_node, name)
                except ClusterError:  # without a primary a new one ends at once
                    await self.bring_up(name)
                    self.cluster.tell_haproxy(f"set server msgd/{name} state ready")

    async def bring_up(self, name):
        """As whatever looks after it does: starts it again, until there is a database."""
        while True:
            await asyncio.to_thread(self.cluster.start, name)
            try:
                return await asyncio.to_thread(self.cluster.wait_until_up, name)
            except ClusterError:
                await asyncio.sleep(0.5)

    async def bus(self, every_s):
        while not self.is_over:
            await self.pause(every_s)
            if self.dice.random() < 0.5:
                self.note("the bus dies")
                await asyncio.to_thread(self.cluster.kill, "nats")
                await self.pause((0, 6))
                await asyncio.to_thread(self.cluster.start, "nats")
            else:
                self.note("the bus says nothing")
                self.cluster.freeze("nats")
                await self.pause((0.5, 6))
                self.cluster.thaw("nats")

    async def cache(self, every_s):
        while not self.is_over:
            await self.pause(every_s)
            self.note("Redis begins anew, empty")
            await asyncio.to_thread(self.cluster.kill, "redis")
            await asyncio.to_thread(self.cluster.start, "redis")
            await asyncio.sleep(every_s[1])

    async def lose_primary(self):
        primary = await asyncio.to_thread(self.cluster.primary)
        assert primary in DATABASES
        self.note(f"{primary}, the primary, dies")
        await asyncio.to_thread(self.cluster.kill, primary)
        await self.until(lambda: self.cluster.primary() not in (None, primary))
        await asyncio.to_thread(self.cluster.start, primary)
        await asyncio.to_thread(self.cluster.wait_until_whole)

    @staticmethod
    async def until(condition):
        while not await asyncio.to_thread(condition):
            await asyncio.sleep(0.1)

    def note(self, what, count=1):
        self.log.write(json.dumps({"what": what.split(" of ")[0], "count": count}) + "\n")
