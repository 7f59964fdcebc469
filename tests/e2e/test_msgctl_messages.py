# SPDX-License-Identifier: Apache-2.0
"""What msgctl does with single messages: changes, annotations, receipts."""

import json

import pytest
from test_msgctl import Ctl

ALICE, BOB = ("--as", "alice"), ("--as", "bob")


@pytest.fixture
def ctl(msgctl, start_msgd):
    """In the folder of a server with alice, bob and carol."""
    server = start_msgd()
    server.dev_tokens()
    return Ctl(msgctl, server.folder)


@pytest.fixture
def message(ctl):
    """The id of a message of alice to bob."""
    return ctl.ok("send", *ALICE, "bob", "tea?").strip()


def test_what_a_message_said_before(ctl, message):
    assert ctl.ok("revisions", *BOB, message) == ""
    ctl.ok("edit", *ALICE, message, "coffee?")
    _, told = ctl.ok("revisions", *BOB, message).rstrip("\n").split("  alice: ")
    assert told == "tea?"


def test_delete_for_me_leaves_it_to_the_others(ctl, message):
    assert ctl.ok("delete", *BOB, message, "--for-me") == "#1  (deleted)\n"
    assert "(deleted)" in ctl.ok("history", *BOB, "alice")
    assert "tea?" in ctl.ok("history", *ALICE, "bob")


def test_reactions_come_and_go(ctl, message):
    ctl.ok("react", *BOB, message, "👍")
    assert json.loads(ctl.ok("react", *ALICE, message, "👍", "--json"))["reactions"] == [
        {"emoji": "👍", "count": 2}]
    ctl.ok("react", *ALICE, message, "👍", "--undo")
    assert "reactions" not in json.loads(ctl.ok("react", *BOB, message, "👍", "--undo", "--json"))
    assert "invalid_argument" in ctl.fails(1, "react", *BOB, message, "two words")


def test_pins_come_and_go(ctl, message):
    second = ctl.ok("send", *BOB, "alice", "yes").strip()
    assert ctl.ok("pin", *BOB, message) == "#1  tea?\n"
    ctl.ok("pin", *ALICE, second)
    assert ctl.ok("pins", *ALICE, "bob") == "#1  alice: tea?\n#2  bob: yes\n"
    ctl.ok("pin", *ALICE, message, "--undo")
    assert ctl.ok("pins", *BOB, "alice") == "#2  bob: yes\n"


def test_forward_is_safe_to_repeat(ctl, message):
    sent = ctl.ok("forward", *BOB, message, "carol", "--client-id", "once")
    assert ctl.ok("forward", *BOB, message, "carol", "--client-id", "once") == sent
    assert ctl.ok("history", "--as", "carol", "bob").count("bob: tea?") == 1
    assert "not_found" in ctl.fails(1, "forward", "--as", "carol", message, "bob")


def test_read_marks_one_conversation_or_all(ctl, message):
    group = ctl.ok("group", "new", *ALICE, "--title", "Team", "bob").strip()
    ctl.ok("send", *ALICE, "--group", group, "all here?")
    assert ctl.ok("read", *BOB, "alice") == "read up to #1\n"
    assert ctl.ok("status", *ALICE, message).startswith("read: 1 recipients")
    assert ctl.ok("read", *BOB, "--all") == "1 conversations\n"
    assert ctl.ok("read", *BOB, "--all") == "0 conversations\n"
    assert ctl.ok("read", *BOB, "carol") == "nothing to read\n"
    assert "name none" in ctl.fails(2, "read", *BOB, "carol", "--all")
