# SPDX-License-Identifier: Apache-2.0
"""What is repeated, what is not, and how long; against a real msgd behind a proxy that cuts."""

import asyncio
import socket
import time

import pytest
from fault_proxy import CUT_ANSWER, CUT_REQUEST, HALF_ANSWER, PASS, SILENT, FaultProxy, answer
from libmsg import Error, IdempotencyConflict, Timeout, Unavailable
from libmsg.client._sync import _transport as sync_transport
from world import TIMEOUT_S, error_of, texts

BUSY = answer(503, b'{"code":"overloaded","detail":"x"}', Retry_After=1)
UNKNOWN = answer(503, b'{"code":"unavailable","detail":"x"}')
HTML = answer(502, b"<html>Bad Gateway</html>", Content_Type="text/html")


@pytest.fixture
def proxy(msgd):
    made = FaultProxy(msgd.port)
    yield made
    made.close()


@pytest.mark.parametrize("fate", [CUT_REQUEST, CUT_ANSWER, HALF_ANSWER, BUSY, UNKNOWN, HTML])
def test_a_send_that_fails_is_repeated_and_happens_once(world, proxy, fate):
    alice, bob, talk = world.pair()
    client = alice.sign_in(proxy.url)
    proxy.script.extend([fate, fate])
    sent = client.send(talk, "once")
    assert proxy.fates("POST") == [fate, fate, PASS]
    assert [m.id for m in bob.client.history(talk)] == [sent.id]
    # The same for a forward.
    proxy.script.append(fate)
    forwarded = client.forward(sent, talk)
    assert [m.id for m in bob.client.history(talk)] == [forwarded.id, sent.id]


@pytest.mark.parametrize("fate", [CUT_REQUEST, CUT_ANSWER, UNKNOWN, HTML])
def test_asyncio_repeats_as_well(world, proxy, fate):
    alice, bob, talk = world.pair()

    async def play():
        async with alice.aio(proxy.url) as client:
            proxy.script.extend([fate, fate])
            return await client.send(talk, "once")

    sent = asyncio.run(play())
    assert [m.id for m in bob.client.history(talk)] == [sent.id]


def test_reading_marking_and_changing_are_repeated(world, proxy):
    alice, bob, talk = world.pair()
    sent = alice.client.send(talk, "one")
    client = bob.sign_in(proxy.url)
    for call in (
        lambda: client.load_message(sent),
        lambda: client.mark(talk, 1),
        lambda: client.react(sent, "👍"),
        lambda: client.pin(sent),
        lambda: client.block(alice.id),
    ):
        proxy.seen.clear()
        proxy.script.append(CUT_ANSWER)
        call()
        assert proxy.fates() == [CUT_ANSWER, PASS]


def test_what_would_happen_twice_is_not_repeated(world, proxy):
    alice = world.person()
    client = alice.sign_in(proxy.url)
    proxy.script.append(CUT_ANSWER)
    error = error_of(client.create_group, "Team")
    assert isinstance(error, Unavailable) and not isinstance(error, Timeout)
    assert proxy.fates() == [CUT_ANSWER]
    assert len(list(alice.client.list_conversations())) == 1
    # Unless the server says that nothing happened.
    proxy.script.append(BUSY)
    client.create_group("Team 2")
    assert len(list(alice.client.list_conversations())) == 2


def test_nobody_listens_so_nothing_happened(world, proxy, monkeypatch):
    alice = world.person()
    url = proxy.url
    proxy.close()
    client = alice.sign_in(url, timeout=1)
    pauses = []
    monkeypatch.setattr(sync_transport, "delay_s", lambda n, _: pauses.append(n) or 0.01)
    error = error_of(client.create_group, "Team")
    assert isinstance(error, Unavailable)
    assert pauses[:3] == [1, 2, 3]  # although a group would be made twice


def test_retry_after_is_waited_for_or_told(world, proxy):
    alice, _, talk = world.pair()
    proxy.script.append(BUSY)
    begin = time.monotonic()
    alice.sign_in(proxy.url).send(talk, "hi")
    assert time.monotonic() - begin >= 1
    proxy.script.append(BUSY.replace(b"Retry-After: 1", b"Retry-After: 99"))
    begin = time.monotonic()
    error = error_of(alice.sign_in(proxy.url).send, talk, "hi")
    assert (error.code, error.retry_after.total_seconds()) == ("overloaded", 99)
    assert time.monotonic() - begin < TIMEOUT_S  # what cannot come in time is not waited for


def test_a_call_ends_in_time(world, proxy):
    alice, _, talk = world.pair()
    client = alice.sign_in(proxy.url, timeout=0.4)
    proxy.script.append(SILENT)
    begin = time.monotonic()
    error = error_of(client.send, talk, "hi")
    assert isinstance(error, Timeout) and isinstance(error, TimeoutError)
    assert 0.3 < time.monotonic() - begin < 5


def test_an_own_key_settles_what_became_of_a_send(world, proxy):
    alice, bob, talk = world.pair()
    client = alice.sign_in(proxy.url, timeout=0.3)
    proxy.script.extend([CUT_ANSWER] * 50)
    error = error_of(client.send, talk, "pay 5", client_id="order-17")
    assert isinstance(error, Unavailable)
    proxy.script.clear()
    sent = alice.client.send(talk, "pay 5", client_id="order-17")
    assert [m.id for m in bob.client.history(talk)] == [sent.id]
    other = error_of(alice.client.send, talk, "pay 6", client_id="order-17")
    assert isinstance(other, IdempotencyConflict)


def test_a_refusal_is_not_repeated(world, proxy):
    client = world.person().sign_in(proxy.url)
    assert error_of(client.load_conversation, 17).code == "not_found"
    assert len(proxy.seen) == 1


def test_what_is_not_msgd_is_an_error(world, proxy):
    client = world.person().sign_in(proxy.url)
    for status in (200, 302, 404):
        proxy.script.append(answer(status, b"<html>Welcome to the hotel</html>"))
        error = error_of(client.me)
        assert (type(error), error.code) == (Error, "malformed_answer")


def test_head_and_body_do_not_wait_for_each_other(world, monkeypatch):
    """Older versions of httpcore leave Nagle's algorithm on, which costs 40 ms per send."""
    alice, _, talk = world.pair()
    connect, made = socket.create_connection, []

    def note(*arguments, **options):
        made.append(connect(*arguments, **options))
        return made[-1]

    monkeypatch.setattr(socket, "create_connection", note)
    alice.sign_in().send(talk, "x")
    assert [s.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) for s in made] == [1]


def test_text_goes_and_comes_as_it_is(world):
    alice, bob, talk = world.pair()
    wild = ["\u0000"[1:] + "é́ 👩‍👩‍👧 \\ \" \n\t", "x" * 60_000, "שלום"]
    for text in wild:
        alice.client.send(talk, text)
    assert texts(bob.client.history(talk, order="oldest_first")) == wild
