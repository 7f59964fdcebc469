# SPDX-License-Identifier: Apache-2.0
"""What msgctl does with rules of groups, ways into them, and blocks."""

import json

import pytest
from test_msgctl import Ctl

ALICE, BOB, CAROL = ("--as", "alice"), ("--as", "bob"), ("--as", "carol")


@pytest.fixture
def start(msgctl, start_msgd):
    def begin(*arguments):
        server = start_msgd(*arguments)
        server.dev_tokens()
        return Ctl(msgctl, server.folder)

    return begin


@pytest.fixture
def ctl(start):
    return start()


@pytest.fixture
def group(ctl):
    return ctl.ok("group", "new", *ALICE, "--title", "Team", "bob").strip()


def test_rules_are_shown_and_changed(ctl, group):
    assert ctl.ok("group", "rules", *BOB, group).splitlines()[:2] == [
        "send                   member", "add                    admin"]
    changed = ctl.ok("group", "rules", *ALICE, group, "--send", "admin", "--slow-mode", "30", "--history", "yes")
    assert "slow_mode_s            30" in changed and "history_for_newcomers  true" in changed
    assert "permission_denied" in ctl.fails(1, "send", *BOB, "--group", group, "hello")
    assert json.loads(ctl.ok("group", "rules", *BOB, group, "--json"))["rules"]["send"] == "admin"
    assert "permission_denied" in ctl.fails(1, "group", "rules", *BOB, group, "--send", "member")
    ctl.fails(2, "group", "rules", *ALICE, group, "--send", "king")


def test_people_come_in_by_invitation(ctl, group):
    token = ctl.ok("group", "invite", *ALICE, group, "--lifetime", "60", "--uses", "1").strip()
    assert token in ctl.ok("group", "invitations", *ALICE, group)
    assert ctl.ok("group", "join", *CAROL, token).strip() == group
    assert ctl.ok("group", "invitations", *ALICE, group).count("mil_") == 0
    revoked = ctl.ok("group", "invite", *ALICE, group).strip()
    assert ctl.ok("group", "revoke", *ALICE, revoked) == ""
    assert "not_found" in ctl.fails(1, "group", "join", *CAROL, revoked)


def test_who_asks_is_answered(ctl):
    group = ctl.ok("group", "new", *ALICE, "--title", "Team").strip()
    token = ctl.ok("group", "invite", *ALICE, group, "--approval").strip()
    for who in (BOB, CAROL):
        assert ctl.ok("group", "join", *who, token) == "You have asked to join.\n"
    listed = ctl.ok("group", "requests", *ALICE, group)
    assert "bob" in listed and "carol" in listed
    ctl.ok("group", "accept", *ALICE, group, "bob")
    ctl.ok("group", "decline", *ALICE, group, "carol")
    assert len(ctl.ok("group", "requests", *ALICE, group).splitlines()) == 1
    ctl.ok("send", *BOB, "--group", group, "here I am")
    assert "not_found" in ctl.fails(1, "send", *CAROL, "--group", group, "and I?")


def test_blocks_come_and_go(ctl):
    ctl.ok("block", *ALICE, "bob")
    assert "bob" in ctl.ok("blocks", *ALICE) and len(ctl.ok("blocks", *BOB).splitlines()) == 1
    assert "permission_denied" in ctl.fails(1, "send", *BOB, "alice", "hello?")
    ctl.ok("unblock", *ALICE, "bob")
    ctl.ok("send", *BOB, "alice", "hello!")


def test_a_conversation_is_accepted(start):
    ctl = start("--direct-needs-acceptance")
    ctl.ok("send", *ALICE, "bob", "may I?")
    assert "permission_denied" in ctl.fails(1, "send", *ALICE, "bob", "well?")
    assert "permission_denied" in ctl.fails(1, "accept", *ALICE, "bob")
    ctl.ok("accept", *BOB, "alice")
    ctl.ok("send", *ALICE, "bob", "thanks")
