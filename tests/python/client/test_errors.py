# SPDX-License-Identifier: Apache-2.0
"""Each exception, as a real msgd gives cause for it."""

import asyncio
import copy
import pickle
from datetime import datetime, timedelta

import libmsg
import pytest
from libmsg.client import Client
from world import World, error_of

SLOW_SENDS = ("--rate-sends=2:0.001", "--rate-key=1000:100", "--rate-anonymous=1000:100")


def test_invalid_argument(world):
    alice, _, talk = world.pair()
    error = error_of(alice.client.send, talk, "")
    assert isinstance(error, libmsg.InvalidArgument) and isinstance(error, ValueError)
    assert (error.code, error.field) == ("invalid_argument", "content")
    assert any(note.startswith("request_id: ") for note in error.__notes__)
    for call, field in (
        (lambda: alice.client.send(talk, "x", mentions=[5]), "mentions"),
        (lambda: alice.client.send(talk, "x", reply_to=99), "reply_to"),
        (lambda: alice.client.send(talk, "x", client_id="é"), "client_id"),
        (lambda: alice.client.send(talk, "x", timestamp=datetime(2026, 1, 1)), "timestamp"),
        (lambda: alice.client.history(talk, page_size=201).page(), "page_size"),
        (lambda: alice.client.history(talk, before=1, after=2).page(), "cursor"),
        (lambda: alice.client.history(talk, order="sideways"), "order"),
        (lambda: alice.client.history(talk).page("x"), "cursor"),
        (lambda: alice.client.sync("x"), "cursor"),
        (lambda: alice.client.mark(talk, 99), "up_to"),
        (lambda: alice.client.mark(talk, 1, "sent"), "state"),
        (lambda: alice.client.mark(talk, 1, "eaten"), "state"),
        (lambda: alice.client.typing(talk, "sleeping"), "activity"),
        (lambda: alice.client.open_direct(0), "user"),
        (lambda: alice.client.open_direct("bob"), ""),
        (lambda: alice.client.load_message("1-2/../3"), "message"),
        (lambda: Client("ftp://example"), "url"),
    ):
        error = error_of(call)
        assert (type(error), error.field) == (libmsg.InvalidArgument, field), repr(error)


def test_ids_may_be_text_as_in_json(world):
    alice, _, talk = world.pair()
    sent = alice.client.send(str(talk), "hi")
    assert alice.client.load_message(f"{talk}-1") == alice.client.load_message(sent)
    assert alice.client.load_user(str(alice.id)).id == alice.id


def test_not_found_and_permission_denied(world):
    alice, bob, talk = world.pair()
    eve = world.person()
    error = error_of(eve.client.load_conversation, talk)
    assert isinstance(error, libmsg.NotFound) and isinstance(error, KeyError)
    assert str(error) == error.detail  # and not its repr, as of other KeyErrors
    sent = alice.client.send(talk, "hi")
    assert type(error_of(bob.client.edit, sent, "ho")) is libmsg.PermissionDenied
    assert type(error_of(eve.client.register_user, "+14155550000")) is libmsg.PermissionDenied


def test_conflict(world):
    alice = world.person()
    group = alice.client.create_group("Team").id
    bob = world.person()
    alice.client.add_member(group, bob.id)
    assert type(error_of(alice.client.remove_member, group, alice.id)) is libmsg.Conflict
    alice.client.send(group, "a", client_id="k")
    error = error_of(alice.client.send, group, "b", client_id="k")
    assert type(error) is libmsg.IdempotencyConflict and isinstance(error, libmsg.Conflict)


def test_unauthenticated(world):
    for token in (None, "mss_" + "x" * 43, "nonsense"):
        with Client(world.url, token) as client:
            assert type(error_of(client.me)) is libmsg.Unauthenticated
            assert token is None or token not in repr(client)
            with pytest.raises(libmsg.Unauthenticated):
                next(client.events())


def test_too_large_has_a_code_of_its_own(world):
    alice, _, talk = world.pair()
    error = error_of(alice.client.send, talk, "x" * 300_000)
    assert (type(error), error.code) == (libmsg.Error, "content_too_large")


def test_rate_limited(start_msgd):
    world = World(start_msgd(*SLOW_SENDS, rate_limits=True))
    alice, _, talk = world.pair()
    alice.client.send(talk, "1")
    alice.client.send(talk, "2")
    error = error_of(alice.client.send, talk, "3")  # which does not wait a quarter of an hour
    assert type(error) is libmsg.RateLimited
    assert timedelta(minutes=10) < error.retry_after < timedelta(minutes=20)

    async def play():
        async with alice.aio() as client:
            await client.send(talk, "4")

    with pytest.raises(libmsg.RateLimited):
        asyncio.run(play())
    assert len(list(alice.client.history(talk))) == 2
    world.close()


def test_a_limit_that_passes_is_waited_for(start_msgd):
    world = World(
        start_msgd("--rate-sends=3:2", "--rate-key=1000:100", "--rate-anonymous=1000:100",
                   rate_limits=True)
    )  # fmt: skip
    alice, _, talk = world.pair()
    sent = [alice.client.send(talk, str(n)).seq for n in range(6)]
    assert sent == [1, 2, 3, 4, 5, 6]
    world.close()


def test_nobody_is_there(msgd):
    client = Client("http://127.0.0.1:1", "mss_x", timeout=0.3)
    assert type(error_of(client.me)) is libmsg.Unavailable
    with pytest.raises(libmsg.Unavailable):
        next(client.events())
    with pytest.raises(libmsg.Unavailable):
        with client.messages(since=""):
            pass
    client.close()


def test_an_error_survives_a_copy(world):
    error = error_of(world.key.load_user, 5)
    for again in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert type(again) is libmsg.NotFound
        assert (again.code, again.detail) == ("not_found", error.detail)


def test_closed(world):
    alice = world.person()
    events = alice.client.events()
    view = alice.client.with_token(alice.token)
    for _ in range(2):
        alice.client.close()
    for call in (alice.client.me, view.me, alice.client.events, lambda: next(events)):
        assert type(error_of(call)) is libmsg.Closed
