# SPDX-License-Identifier: Apache-2.0
"""Events of every kind, in order, from any cursor, over connections that are cut."""

import asyncio
import contextlib
import gc
import itertools
import threading
import time
from datetime import timedelta

import pytest
from fault_proxy import HOST
from libmsg import Error, InvalidArgument, Overloaded, Unauthenticated, Unavailable
from libmsg.types import (
    Activity,
    ConversationEvent,
    HideEvent,
    MemberEvent,
    MessageChangeEvent,
    MessageEvent,
    PresenceEvent,
    PresenceState,
    ReceiptEvent,
    SyncEvent,
    TypingEvent,
    UnreadEvent,
)
from world import load

storm = load("storm_proxy", "e2e/storm/proxy.py")


def wait_for(events, kind):
    return next(e for e in events if isinstance(e, kind))


def test_each_kind(world):
    alice, bob, talk = world.pair()
    sent = alice.client.send(talk, "old")
    with bob.client.events() as events:
        alice.client.send(talk, "new")
        event = next(events)
        assert isinstance(event, MessageEvent)
        assert (event.conversation, event.message.content) == (talk, "new")
        assert event.cursor
        alice.client.edit(sent, "newer")
        event = next(events)
        assert isinstance(event, MessageChangeEvent) and event.reaction is None
        assert event.message.content == "newer"
        alice.client.react(sent, "👍")
        reaction = next(events).reaction
        assert (reaction.user, reaction.emoji, reaction.removed) == (alice.id, "👍", False)
        alice.client.mark(talk, 2)
        assert isinstance(next(events), ReceiptEvent)
        alice.client.typing(talk, Activity.RECORDING)
        event = next(events)
        assert isinstance(event, TypingEvent) and event.cursor == ""
        assert (event.user, event.activity) == (alice.id, Activity.RECORDING)
        assert timedelta() < event.expires_in < timedelta(minutes=1)
        bob.client.delete_for_me(sent)
        assert next(events) == HideEvent(talk, events_cursor(events), sent.id)
        bob.client.mark(talk, 2)
        wait_for(events, ReceiptEvent)
        bob.client.mark_unread(talk, 2)
        assert wait_for(events, UnreadEvent).mark.unread_from == 2
        bob.client.prefer(talk, pinned=True)
        assert next(events).preferences.pinned
        group = alice.client.create_group("Team", [bob.id]).id
        assert isinstance(next(events), MemberEvent)
        event = wait_for(events, ConversationEvent)
        assert (event.conversation, event.changed.title) == (group, "Team")


def events_cursor(events):
    """The cursor of the event that was handed out last."""
    return events._stream._resume


def test_presence(world):
    alice, bob, _ = world.pair()
    with alice.client.events(presence=[bob.id]) as events:
        first = next(events)
        assert isinstance(first, PresenceEvent) and first.conversation == 0
        assert (first.users[0].user, first.users[0].state) == (bob.id, PresenceState.OFFLINE)
        with bob.client.events():
            assert wait_for(events, PresenceEvent).users[0].state == PresenceState.ONLINE


def test_a_cursor_goes_on_where_it_was_taken(world):
    alice, bob, talk = world.pair()
    for n in range(6):
        alice.client.send(talk, str(n))
    with bob.client.events(since="") as events:
        delta = wait_for(events, SyncEvent).delta
        assert [m.content for m in delta.messages] == list("012345")
        while not events.is_live:
            assert events.poll(0.05) is None
        begin = events.cursor
        for text in "abc":
            alice.client.send(talk, text)
        assert [next(events).message.content for _ in range(2)] == ["a", "b"]
        # What was handed out last counts as done when the next is asked for.
        cursor = events.cursor
    with bob.client.events(since=cursor) as events:
        assert [m.content for m in next(events).delta.messages] == ["b", "c"]
    with bob.client.events(since=begin) as events:
        assert [m.content for m in next(events).delta.messages] == ["a", "b", "c"]


def test_a_key_listens_for_whom_it_acts_as(world):
    alice, bob, talk = world.pair()
    with world.key.acting_as(bob.id).events() as events:
        alice.client.send(talk, "hi")
        assert next(events).message.content == "hi"


def test_nothing_within_the_time(world):
    alice, bob, talk = world.pair()
    with bob.client.events() as events:
        assert events.poll(0.05) is None
        alice.client.send(talk, "hi")
        assert events.poll(10).message.content == "hi"


def test_asyncio_and_a_wait_that_ends(world):
    alice, bob, talk = world.pair()

    async def play():
        async with bob.aio() as receiver, alice.aio() as sender:
            async with receiver.events() as events:
                with pytest.raises(asyncio.TimeoutError):
                    await asyncio.wait_for(anext(events), 0.05)
                for n in range(50):
                    await sender.send(talk, str(n))
                told = []
                async for event in events:
                    told.append(event.message.content)
                    if len(told) == 50:
                        return told

    assert asyncio.run(play()) == [str(n) for n in range(50)]


def test_errors_that_do_not_pass(world):
    alice, bob, _ = world.pair()
    with pytest.raises(InvalidArgument) as raised, bob.client.events(since="nonsense"):
        pass
    assert raised.value.field == "cursor"
    with pytest.raises(Error), world.key.events():
        pass  # whom does it act as?
    with bob.client.events() as events:
        bob.client.revoke_session(bob.client.list_sessions()[0].id)
        with pytest.raises(Unauthenticated):
            next(events)


def test_a_seventeenth_connection_takes_the_first_ones_place(world):
    alice = world.person()
    streams = [alice.client.events() for _ in range(17)]
    for stream in streams:
        stream.__enter__()
    with pytest.raises(Overloaded):
        next(streams[0])


def test_closing_ends_the_waiting(world):
    alice = world.person()
    client = alice.sign_in()
    ended = []
    stream = client.events()
    stream.__enter__()

    def listen():
        ended.extend(stream)
        ended.append("end")

    thread = threading.Thread(target=listen)
    thread.start()
    stream.close()
    thread.join(10)
    assert ended == ["end"]
    client.close()
    assert not [t for t in threading.enumerate() if t.name == "libmsg-events"] or world.clients


def test_a_client_that_is_forgotten_takes_its_thread_along(world):
    before = {t for t in threading.enumerate() if t.name == "libmsg-events"}
    from libmsg.client import Client

    client = Client(world.url, world.person().token)
    with client.events():
        (thread,) = {t for t in threading.enumerate() if t.name == "libmsg-events"} - before
    del client
    gc.collect()
    thread.join(10)
    assert not thread.is_alive()


class Malice:
    """The proxy of the storm, on a thread."""

    def __init__(self, seed, port):
        self.loop = asyncio.new_event_loop()
        self.proxy = storm.Proxy(seed)
        self.proxy.target = port
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.call(self.proxy.start())
        self.url = f"http://{HOST}:{self.proxy.port}"

    def call(self, work):
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    def cut(self):
        """Ends every connection there is."""

        async def strike():
            for link in list(self.proxy.links):
                link.finish(storm.RESET)

        self.call(strike())

    def close(self):
        self.call(self.proxy.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()


@pytest.fixture
def malice(msgd):
    made = []

    def make(seed):
        made.append(Malice(seed, msgd.port))
        return made[-1]

    yield make
    for each in made:
        each.close()


def seqs_of(event, may_miss=False):
    if isinstance(event, MessageEvent):
        return [event.message.seq]
    if isinstance(event, SyncEvent):
        assert may_miss or event.delta.missing is None
        return [m.seq for m in event.delta.messages]
    return []


def test_a_connection_that_is_cut_goes_on_behind_the_last_event(world, malice):
    alice, bob, talk = world.pair()
    proxy = malice(1)
    proxy.proxy.is_kind = True
    told = []
    with bob.sign_in(proxy.url).events() as events:
        for n in range(1, 41):
            alice.client.send(talk, str(n))
            if n % 10 == 0:
                proxy.cut()
            if n % 4 == 0:
                while not told or told[-1] < n:
                    told.extend(seqs_of(next(events)))
    assert told == list(range(1, 41))  # each once, in order


def test_who_is_slow_is_waited_for_and_misses_nothing(world):
    """Far more than sockets and queues hold: the server goes over to sync, and back."""
    alice, bob, talk = world.pair()
    total, content = 400, "x" * 20_000

    async def send_all():
        async with alice.aio() as client:
            for begin in range(0, total, 50):
                await asyncio.gather(*(client.send(talk, content) for _ in range(50)))

    with bob.client.messages() as messages, bob.client.events() as events:
        asyncio.run(send_all())
        assert [m.seq for m in itertools.islice(messages, total)] == list(range(1, total + 1))
        kinds, told = set(), []
        while not told or told[-1] < total:
            event = next(events)
            kinds.add(type(event))
            told.extend(seqs_of(event, may_miss=True))
        assert told == sorted(set(told)) and SyncEvent in kinds


def test_giving_up(world, malice):
    bob = world.person()
    proxy = malice(1)
    proxy.proxy.is_kind = True
    with bob.sign_in(proxy.url).events(give_up_after=timedelta(seconds=0.2)) as events:
        proxy.proxy.target = 1  # nobody
        proxy.cut()
        begin = time.monotonic()
        with pytest.raises(Unavailable):
            next(events)
        assert time.monotonic() - begin < 10


@pytest.mark.parametrize("seed", [3, 5])
def test_through_bad_weather_nothing_is_lost_or_doubled(world, malice, seed):
    """Connections that are slow, in pieces, cut and reset, at times and bytes of the seed's."""
    alice, bob, talk = world.pair()
    proxy = malice(seed)
    proxy.proxy.counts.clear()
    storm_of = [storm.CALM, storm.CUT, storm.RESET]
    sender, total = alice.sign_in(proxy.url), 60

    def send():
        for n in range(1, total + 1):
            sender.send(talk, str(n))
            if n % 15 == 0:
                proxy.cut()

    thread = threading.Thread(target=send)
    told = []
    with hasty(proxy, storm_of), bob.sign_in(proxy.url).messages() as messages:
        thread.start()
        told.extend(m.content for m in itertools.islice(messages, total))
    thread.join(60)
    assert told == [str(n) for n in range(1, total + 1)]
    assert proxy.proxy.counts["connections"] > 4


@pytest.mark.parametrize("end", [5_000, 9_000, 14_000])
def test_a_page_of_sync_that_is_cut_in_the_middle(world, malice, end):
    """The cursor comes with the last conversation of a page: those before it are sent again."""
    bob, *others = world.people(9)
    sent = []
    for person in others:
        talk = person.client.open_direct(bob.id).id
        for n in range(2):
            sent.append(str(person.client.send(talk, "x").id))
    proxy = malice(1)
    with first_is_cut(proxy, end), bob.sign_in(proxy.url).messages(since="") as messages:
        told = [str(m.id) for m in itertools.islice(messages, len(sent))]
        assert messages.poll(0.1) is None
    assert sorted(told) == sorted(sent)
    assert proxy.proxy.counts["cut"] == 1


@contextlib.contextmanager
def first_is_cut(proxy, end):
    """The proxy's first connection ends at this byte of the server's, later ones do not."""
    made = storm.Fate

    def fate(dice):
        one = made(dice)
        one.delay = one.pieces = {"up": 0, "down": 0}
        one.stall_s, one.is_slow = 0, False
        one.end = storm.CUT if proxy.proxy.counts["connections"] == 1 else storm.CALM
        one.end_way, one.end_after_bytes = "down", end
        return one

    storm.Fate = fate
    yield
    storm.Fate = made


class hasty:
    """Fates of the storm, but quick ones: silence would take as long as a ping."""

    def __init__(self, proxy, ends):
        self.ends = ends

    def __enter__(self):
        made, ends = storm.Fate, self.ends
        self.made = made

        def fate(dice):
            one = made(dice)
            one.end = ends[dice.randrange(len(ends))]
            one.stall_s, one.is_slow = 0, False
            one.end_after_s = dice.uniform(0.05, 1)
            return one

        storm.Fate = fate

    def __exit__(self, *_):
        storm.Fate = self.made
