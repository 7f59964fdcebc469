# SPDX-License-Identifier: Apache-2.0
"""One storm from beginning to end: people, devices, bad weather, calm, and what there is then."""

import asyncio
import contextlib
import itertools
import json
import random
import time

from api import World
from storm.device import Device
from storm.http import Broken, ask
from storm.proxy import Proxy
from storm.records import STORE, WEATHER
from storm.truth import read_store
from storm.weather import Weather

USERS = 50
DIRECTS = 8
GROUPS = 12
GROUPS_MAX = 24  # with those that are made in the storm
SECOND_DEVICES = 10
PAUSE_S = 0.6  # a user's, between two messages, on average
KILL_EVERY_S = (1, 5)
CALM_S = 150  # until all is answered and shown


class Play:
    """A storm of `seconds` on a MortalMsgd, or on what else has weather; its log goes into
    `folder`."""

    def __init__(self, msgd, folder, seed, seconds, make_weather=Weather):
        self.msgd = msgd
        self.make_weather = make_weather
        self.folder = folder
        self.seed = seed
        self.seconds = seconds
        self.dice = random.Random(seed)
        self.world = World(msgd)
        self.members_of = {}  # conversation -> users
        self.owners = {}  # group -> who may rename it
        self.devices = []

    def make_people(self):
        """Users and their conversations, before anything happens to them."""
        people = self.world.people(USERS)
        for a, b in self.dice.sample(list(itertools.combinations(people, 2)), DIRECTS):
            made = a.post("/conversations", {"kind": "direct", "user_id": b.id})
            self.members_of[made.json["id"]] = [a.id, b.id]
        left = list(people)  # everybody is in a group
        for number in range(GROUPS):
            chosen = {p.id: p for p in left[number::GROUPS]}
            chosen.update((p.id, p) for p in self.dice.sample(people, self.dice.randint(1, 8)))
            owner, *others = chosen.values()
            group = self.world.group(owner, *others, title="Group 0")
            self.members_of[group] = list(chosen)
            self.owners[group] = owner
        return people

    def make_devices(self, people, port):
        logins = [(p, 1, p.token) for p in people]
        for person in people[:SECOND_DEVICES]:
            made = self.world.key.post(f"/users/{person.id}/sessions", {"device_name": "second"})
            logins.append((person, 2, made.json["token"]))
        leaving = {person.id: set() for person in people}
        for person, number, token in logins:
            conversations = [c for c, users in self.members_of.items() if person.id in users]
            self.devices.append(
                Device(
                    f"{person.id}.{number}",
                    person.id,
                    token,
                    conversations,
                    leaving[person.id],
                    port,
                    self.folder,
                    self.seed,
                    PAUSE_S,
                )
            )
            if number == 1:
                self.devices[-1].leaves = self.choose_leaving(person, conversations)

    def choose_leaving(self, person, conversations):
        """Some leave a group some time; never the owner, and nobody the only conversation."""
        groups = [c for c in conversations if self.owners.get(c, person) is not person]
        if not groups or len(conversations) < 2 or self.dice.random() < 0.5:
            return None
        when = time.monotonic() + self.dice.uniform(0, self.seconds)
        return self.dice.choice(groups), when

    async def run(self):
        """The failures that devices were told of; none is expected."""
        people = await asyncio.to_thread(self.make_people)
        self.users = [person.id for person in people]
        proxy = Proxy(self.seed)
        proxy.target = self.msgd.port
        await proxy.start()
        self.make_devices(people, proxy.port)
        try:
            lives = [asyncio.create_task(device.run()) for device in self.devices]
            store = await self.blow(proxy, people)
            for device in self.devices:
                device.is_over = True
            await asyncio.gather(*lives)
            for device in self.devices:
                device.screen.note_final()
        finally:
            for device in self.devices:
                device.close()
            await proxy.stop()
        (self.folder / STORE).write_text(json.dumps(store))
        return [failure for device in self.devices for failure in device.failures]

    async def blow(self, proxy, people):
        """The storm, and the calm after it: what the store says then."""
        with open(self.folder / WEATHER, "w", encoding="utf-8") as log:
            weather = self.make_weather(self.msgd, proxy, self.dice, log)
            changes = asyncio.create_task(self.change_groups(proxy, people))
            await weather.run(self.seconds, KILL_EVERY_S)
            proxy.be_kind()
            changes.cancel()
            await asyncio.gather(changes, return_exceptions=True)
            store = await self.calm_down()
            self.msgd.check_alive()
            for what, count in proxy.counts.items():
                weather.note(what, count)
        return store

    async def change_groups(self, proxy, people):
        """Renames groups and makes new ones. What came of a request that got no answer, the store
        says in the end."""
        dice = random.Random(f"{self.seed}/groups")
        for number in itertools.count(1):
            await asyncio.sleep(dice.uniform(0, 0.6))
            with contextlib.suppress(Broken):
                if number % 10 == 0 and len(self.owners) < GROUPS_MAX:
                    await self.make_group(proxy, *dice.sample(people, dice.randint(2, 10)))
                else:
                    await self.rename_group(proxy, dice.choice(list(self.owners)), number)

    async def make_group(self, proxy, owner, *others):
        body = {"kind": "group", "title": "Group 0", "user_ids": [other.id for other in others]}
        status, made = await ask(proxy.target, "POST", "/conversations", owner.token, body)
        if status == 201:
            self.owners[made["id"]] = owner

    async def rename_group(self, proxy, group, number):
        """Each title has a larger number than the one before."""
        token = self.owners[group].token
        body = {"title": f"Group {number}"}
        await ask(proxy.target, "PATCH", f"/conversations/{group}", token, body)

    async def calm_down(self):
        """Waits, within bounds, until all is answered and every device shows what the store has."""
        deadline = time.monotonic() + CALM_S
        for device in self.devices:
            device.wants_messages = False
        await wait_until(lambda: not any(d.has_more_to_send() for d in self.devices), deadline)
        for device in self.devices:
            device.wants_marks = False
        await wait_until(lambda: all(d.is_idle() for d in self.devices), deadline)
        store = await self.read_store()
        while True:
            await wait_until(lambda: all(d.screen.shows(store) for d in self.devices), deadline)
            # What was still on its way when its connection broke may have come in behind.
            again = await self.read_store()
            if again == store or time.monotonic() > deadline:
                return again
            store = again

    async def read_store(self):
        return await asyncio.to_thread(
            read_store, self.msgd.port, self.world.key.token, self.users
        )


async def wait_until(condition, deadline):
    """Whether it came true in time."""
    while not condition():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.05)
    return True
