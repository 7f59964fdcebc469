# SPDX-License-Identifier: Apache-2.0
"""The bots among the examples, as programs of their own against a real msgd."""

import contextlib
import os
import signal
import subprocess
import sys

import pytest
from world import ROOT, Phoenix, World, texts

BOTS = ROOT / "examples" / "python"


@contextlib.contextmanager
def running(script, world, person, folder):
    """A bot that listens; killed in the end, as bots are."""
    process = subprocess.Popen(
        [sys.executable, BOTS / script],
        env={**os.environ, "MSG_URL": world.url, "MSG_TOKEN": person.token},
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline() == "listening\n"
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()


def answers(messages, count):
    return [next(messages).content for _ in range(count)]


def test_the_echo_bot_answers_everything_once(world, tmp_path):
    alice, bot, talk = world.pair()
    with alice.client.messages() as messages:
        with running("echo_bot.py", world, bot, tmp_path):
            alice.client.send(talk, "one")
            assert answers(messages, 1) == ["one"]
        alice.client.send(talk, "two")
        alice.client.send(talk, "three")
        with running("echo_bot.py", world, bot, tmp_path):
            assert answers(messages, 2) == ["two", "three"]
            alice.client.send(talk, "four")
            assert answers(messages, 1) == ["four"]
    said = texts(alice.client.history(talk, order="oldest_first"))
    assert sorted(said) == sorted(["one", "two", "three", "four"] * 2)


def test_the_echo_bot_survives_its_server(start_msgd, tmp_path):
    server = start_msgd(kind=Phoenix)
    world = World(server)
    alice, bot, talk = world.pair()
    with running("echo_bot.py", world, bot, tmp_path), alice.client.messages() as messages:
        for n in range(4):
            alice.client.send(talk, str(n))
            if n % 2:
                server.rise()
        assert answers(messages, 4) == list("0123")
    world.close()


def test_the_echo_bot_keeps_silent_where_it_may_not_speak(world, tmp_path):
    alice, bot, talk = world.pair()
    group = alice.client.create_group("News", [bot.id]).id
    alice.client.change_rules(group, send="admin")
    with running("echo_bot.py", world, bot, tmp_path), alice.client.messages() as messages:
        alice.client.send(group, "News!")
        alice.client.send(talk, "hi")
        assert answers(messages, 1) == ["hi"]


def test_the_reminder_bot_reminds_once_however_often_it_begins_anew(world, tmp_path):
    alice, bot, talk = world.pair()
    with alice.client.messages() as messages:
        alice.client.send(talk, "in 0 s take the cake out")
        alice.client.send(talk, "hello")
        alice.client.send(talk, "in 2 hours do the dishes")
        with running("reminder_bot.py", world, bot, tmp_path):
            said = answers(messages, 3)
        assert sum(text.startswith("I will, at ") for text in said) == 2
        assert "Now: take the cake out" in said
        alice.client.send(talk, "in 0 min call Bob")
        with running("reminder_bot.py", world, bot, tmp_path):
            said = answers(messages, 2)
        assert said[0].startswith("I will, at ") and said[1] == "Now: call Bob"
    history = list(alice.client.history(talk))
    assert len(history) == 4 + 3 + 2
    assert [m.mentions for m in history if m.content.startswith("Now")] == [(alice.id,)] * 2


@pytest.mark.parametrize("script", ["echo_bot.py", "reminder_bot.py"])
def test_a_bot_is_short(script):
    lines = (BOTS / script).read_text().split('"""', 2)[2].splitlines()
    code = [line for line in lines if line.strip() and not line.startswith(("import", "from"))]
    assert len(code) <= {"echo_bot.py": 15, "reminder_bot.py": 35}[script]
