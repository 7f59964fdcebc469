# SPDX-License-Identifier: Apache-2.0
"""What is made of an awaited messenger: administration, sign-in, presence."""

from __future__ import annotations

import asyncio
import inspect
import sys
import threading
from datetime import timedelta

import libmsg
import libmsg.administration
import libmsg.aio
import libmsg.presence
import libmsg.sign_in
import pytest
from conftest import begin, run
from libmsg.aio.presence import Presence

NONCE = "0123456789abcdef"


def test_both_messengers_have_the_same_calls() -> None:
    def calls(kind: type) -> dict[str, list[str]]:
        public = {n: c for n, c in inspect.getmembers(kind, callable) if not n.startswith("_")}
        return {name: list(inspect.signature(call).parameters) for name, call in public.items()}

    def made(module: str, name: str) -> tuple[type, type]:
        awaited = __import__(f"libmsg.aio.{module}", fromlist=[name])
        return getattr(awaited, name), getattr(getattr(libmsg, module), name)

    own = {"run", "events"}  # without a timeout: there is asyncio's
    blocking = calls(libmsg.Messenger)
    awaited = calls(libmsg.aio.Messenger)
    assert blocking.keys() - own == awaited.keys() - own
    assert all(blocking[name] == awaited[name] for name in blocking.keys() - own)
    for part in ("administration", "Administration"), ("sign_in", "SignIn"), ("presence", "Presence"):
        one, other = made(*part)
        assert calls(one) == calls(other)


def test_administrators_are_awaited() -> None:
    async def administrate() -> None:
        async with libmsg.aio.open("memory:") as messenger:
            chat = await begin(messenger)
            key = (await messenger.create_api_key("backend")).key
            admin = await messenger.administration(key, "192.0.2.7")
            dora = await admin.register_user("+1 415 555 0104")
            await admin.update_user(dora.id, about="new")
            session = (await admin.create_session(dora.id, "web")).session
            await admin.revoke_session(dora.id, session.id)
            await admin.alert([chat.alice], "Maintenance at noon.")
            entries = [entry async for entry in admin.list_audit(page_size=2)]
            assert [entry.act for entry in entries][:2] == ["alert_sent", "session_revoked"]
            assert {(e.by, e.address) for e in entries} == {(key.id, "192.0.2.7")}
            with pytest.raises(libmsg.NotFound):
                await admin.revoke_session(dora.id, 17)
        with pytest.raises(libmsg.Closed):
            await admin.register_user("+1 415 555 0105")

    run(administrate())


@pytest.mark.parametrize("is_coroutine", [False, True])
def test_codes_are_sent_by_the_loop(is_coroutine: bool) -> None:
    async def sign_in() -> None:
        codes: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        loop_thread = threading.get_ident()

        def send(phone: str, code: str, lifetime: timedelta) -> None:
            assert threading.get_ident() == loop_thread and lifetime > timedelta(0)
            codes.put_nowait((phone, code))

        async def send_later(phone: str, code: str, lifetime: timedelta) -> None:
            await asyncio.sleep(0)
            send(phone, code, lifetime)

        async with libmsg.aio.open("memory:") as messenger:
            service = await messenger.sign_in(
                ["1"],
                send_later if is_coroutine else send,
                pin_memory_bytes=1 << 20,
                send_interval=timedelta(seconds=1),
            )
            asked = await service.request_code("+1 415 555 0199", device_nonce=NONCE)
            phone, code = await codes.get()
            assert phone == "+14155550199"
            signed_in = await service.verify(asked.request_id, code, device_nonce=NONCE)
            assert signed_in.is_new_user
            await service.set_pin(signed_in.user.id, "2468")
            await service.remove_pin(signed_in.user.id)
            assert (await service.counters()).verified == 1
            await service.close()
            with pytest.raises(libmsg.Closed):
                await service.counters()

    run(sign_in())


def test_presence_is_told_in_the_loop() -> None:
    async def watch() -> None:
        told: list[tuple[int, str]] = []
        answers = [False, True, True]  # the first is not taken

        def handler(people: tuple[libmsg.PersonPresence, ...]) -> bool:
            told.extend((threading.get_ident(), p.state) for p in people)
            return answers.pop(0)

        async with libmsg.aio.open("memory:") as messenger:
            chat = await begin(messenger)
            presence = await messenger.presence(offline_after=timedelta(0))
            watch, known = await presence.watch(chat.bob, [chat.alice], handler)
            assert known[0].state is libmsg.PresenceState.OFFLINE
            phone = await presence.enter(chat.alice)
            await presence.flush()
            await presence.flush()  # told again
            phone.close()
            await presence.flush()
            here = threading.get_ident()
            assert told == [(here, "online"), (here, "online"), (here, "offline")]
            assert (await presence.look(chat.bob, [chat.alice]))[0].state == "offline"
            await presence.store_last_seen(all=True)
            watch.close()
            await presence.close()

    run(watch())


def test_a_loop_that_is_gone_answers_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    async def leave() -> tuple[libmsg.aio.Messenger, Presence, object]:
        messenger = await libmsg.aio.open("memory:")
        presence = await messenger.presence()
        chat = await begin(messenger)
        watch = await presence.watch(chat.bob, [chat.alice], lambda people: None)
        return messenger, presence, (watch, await presence.enter(chat.alice))

    raised: list[str] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda told: raised.append(str(told.exc_value)))
    messenger, presence, held = run(leave())
    presence._people.flush()  # on this thread, the loop being closed
    messenger.blocking.close()
    del held
    assert raised == ["Event loop is closed"]
