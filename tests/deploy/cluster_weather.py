# SPDX-License-Identifier: Apache-2.0
"""What happens to a cluster in a storm: nodes and databases die, the bus is away, or says nothing,
Redis forgets everything, and the network between them is cut, or silent."""

import asyncio
import json
import time

from cluster import ClusterError
from cluster_services import DATABASES, MSGD
from recovery import NEWS, WRITES, Recovery

SERVERS = ("nats", "redis", "postgres")  # that nodes have links to; so their names begin
HOW = ("cut", "silent", "deaf")  # a link is
NODE_UP_S_MAX = 60
UNTIL_NEXT_S = 10  # a life goes on by then, whether all is well again or not


class ClusterWeather:
    """Kinds of bad luck, each at its own pace, none waiting for another kind. Afterwards everything is
    up again, and `recovery` knows how long that took."""

    def __init__(self, cluster, links, failovers, dice, log):
        self.cluster = cluster
        self.links = links
        self.failovers = failovers
        self.dice = dice
        self.log = log
        self.is_over = False
        self.recovery = Recovery(cluster)

    async def run(self, seconds, every_s):
        async with self.recovery.watch():
            await self.blow(seconds, every_s)

    async def blow(self, seconds, every_s):
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        kinds = ((self.kill_node, self.kill_node, self.restart_node),
                 (self.kill_bus, self.silence_bus, self.break_bus_links),
                 (self.empty_cache, *self.if_cached(self.break_cache_links)),
                 (self.break_database_links,))
        lives = [asyncio.create_task(self.live(every_s, each)) for each in kinds]
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

    async def live(self, every_s, kinds):
        loop = asyncio.get_running_loop()
        while not self.is_over:
            await self.pause(every_s)
            fault = await self.dice.choice(kinds)()
            deadline = loop.time() + UNTIL_NEXT_S
            while fault.took_s is None and not self.is_over and loop.time() < deadline:
                await asyncio.sleep(0.1)

    async def kill_node(self):
        name = self.dice.choice(MSGD)
        fault = self.fault("a node killed", WRITES, ["haproxy"])
        await asyncio.to_thread(self.cluster.kill, name)
        fault.mend()
        await self.pause((0, 1.5))
        await self.bring_up(name)
        return fault

    async def restart_node(self):
        name = self.dice.choice(MSGD)
        fault = self.fault("a node restarted", WRITES, ["haproxy"])
        fault.mend()
        try:
            await asyncio.to_thread(self.cluster.restart_node, name)
        except ClusterError:  # without a primary a new one ends at once
            await self.bring_up(name)
            self.cluster.tell_haproxy(f"set server msgd/{name} state ready")
        return fault

    async def bring_up(self, name):
        """As whatever looks after it does: starts it again, until there is a database."""
        deadline = time.monotonic() + NODE_UP_S_MAX
        while True:
            await asyncio.to_thread(self.cluster.start, name)
            try:
                return await asyncio.to_thread(self.cluster.wait_until_up, name)
            except ClusterError:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.5)

    async def kill_bus(self):
        fault = self.fault("the bus killed", NEWS, MSGD)
        await asyncio.to_thread(self.cluster.kill, "nats")
        await self.pause((0, 6))
        await asyncio.to_thread(self.cluster.start, "nats")
        fault.mend()
        return fault

    async def silence_bus(self):
        fault = self.fault("the bus silent", NEWS, MSGD)
        self.cluster.freeze("nats")
        await self.pause((0.5, 6))
        self.cluster.thaw("nats")
        fault.mend()
        return fault

    async def empty_cache(self):
        fault = self.fault("the cache empty", WRITES, MSGD)
        await asyncio.to_thread(self.cluster.kill, "redis")
        await asyncio.to_thread(self.cluster.start, "redis")
        fault.mend()
        return fault

    async def break_bus_links(self, **which):
        return await self.break_links("nats", "bus", NEWS, **which)

    async def break_cache_links(self, **which):
        return await self.break_links("redis", "cache", WRITES, **which)

    async def break_database_links(self, **which):
        return await self.break_links("postgres", "database", WRITES, **which)

    async def break_links(self, server, what, sign, nodes=None, how=None):
        """Some or all nodes cannot reach it, while others can: the databases and their monitor see
        each other, and find nothing wrong."""
        nodes = nodes or self.dice.choice([*([name] for name in MSGD), MSGD])
        how = how or self.dice.choice(HOW)
        fault = self.fault(f"{'a node' if len(nodes) == 1 else 'all nodes'} "
                           f"{'deaf to' if how == 'deaf' else f'{how} from'} the {what}", sign, nodes)
        names = self.between(nodes, server)
        await asyncio.to_thread(self.links.be, how, names)
        await self.pause((0.5, 8))  # longer than a statement may take, now and then
        after = "whole" if how == "cut" else self.dice.choice(["whole", "reset"])
        await asyncio.to_thread(self.links.be, after, names)
        fault.mend()
        return fault

    def if_cached(self, kind):
        """Nodes that were told of no cache have no link to one."""
        return [kind] if self.between(MSGD, "redis") else []

    def between(self, nodes, server):
        return self.links.of(nodes, [n for n in self.cluster.services if n.startswith(server)])

    async def lose_primary(self):
        primary = await asyncio.to_thread(self.cluster.primary)
        assert primary in DATABASES
        fault = self.fault("the primary killed", WRITES, ["haproxy"])
        await asyncio.to_thread(self.cluster.kill, primary)
        fault.mend()
        await self.until(lambda: self.cluster.primary() not in (None, primary))
        await asyncio.to_thread(self.cluster.start, primary)
        await asyncio.to_thread(self.cluster.wait_until_whole)
        return fault

    @staticmethod
    async def until(condition):
        while not await asyncio.to_thread(condition):
            await asyncio.sleep(0.1)

    def fault(self, kind, sign, places):
        self.note(kind)
        return self.recovery.begin(kind, sign, places)

    def note(self, what, count=1):
        self.log.write(json.dumps({"what": what, "count": count}) + "\n")
