# SPDX-License-Identifier: Apache-2.0
"""The checker of a storm, on logs written by hand: one that is right, and each kind of fault in it."""

import copy
import json

import pytest
from storm import checker
from storm.records import STORE, Logs
from storm.summary import summarize

CHAT = "7"
ALICE, BOB = "1.1", "2.1"


def message(seq, sender, body, cursor, version=None):
    return {"do": "message", "conversation": CHAT, "seq": seq, "sender": sender, "body": body,
            "version": str(version or seq * 10), "cursor": cursor}  # fmt: skip


def receipt(user, delivered, read, version, cursor):
    return {"do": "receipt", "conversation": CHAT, "user": user, "delivered": delivered,
            "read": read, "version": str(version), "cursor": cursor}  # fmt: skip


def sync(last_seq, messages, cursor, unread=0, read=0, missing=None, members=(), version=None):
    return {"do": "sync", "conversation": CHAT, "version": str(version or last_seq * 10), "title": "Group 2",
            "last_seq": last_seq, "read": read, "unread": unread, "messages": messages,
            "missing": missing, "members": [list(m) for m in members], "cursor": cursor}  # fmt: skip


def title(text, version, cursor):
    return {"do": "title", "conversation": CHAT, "title": text, "version": str(version),
            "cursor": cursor}  # fmt: skip


def connect(cursor):
    return {"do": "connect", "cursor": cursor}


def live(cursor):
    return {"do": "live", "cursor": cursor}


def send(key, body):
    return {"do": "send", "conversation": CHAT, "client_id": key, "body": body}


def sent(key, seq):
    return {"do": "sent", "conversation": CHAT, "client_id": key, "seq": seq}


def final(**changes):
    """What both devices show at the end of the story."""
    shown = {
        "title": "Group 2",
        "messages": {str(n): ["1", f"body{n}"] for n in range(1, 6)},
        "marks": {"2": [5, 4]},
        "unread": 1,
        **changes,
    }
    return {"do": "final", "conversations": {CHAT: shown}}


def story():
    """Alice sends five messages, the third twice; Bob is cut off behind the second."""
    bob = [
        connect(""),
        live("c0"),
        message(1, "1", "body1", "c1"),
        title("Group 1", 11, "c1a"),
        message(2, "1", "body2", "c2"),
        {"do": "mark", "conversation": CHAT, "what": "read", "seq": 2},
        {"do": "marked", "conversation": CHAT, "delivered": 2, "read": 2},
        receipt("2", 2, 2, 21, "c2a"),
        {"do": "lost", "why": "cut"},
        connect("c2a"),
        sync(4, [[4, "1", "body4", False]], "c4", read=2, unread=2, missing=[3, 3]),
        live("c4"),
        {"do": "filled", "conversation": CHAT, "messages": [[3, "1", "body3", False]]},
        {"do": "presence", "user": "1", "cursor": None},  # of a later version of the server
        message(5, "1", "body5", "c5"),
        receipt("2", 5, 4, 51, "c5a"),
        final(),
    ]
    alice = [
        connect(""),
        live("c0"),
        *[r for n in (1, 2, 3, 4, 5) for r in (
            [send(f"k{n}", f"body{n}")] * (2 if n == 3 else 1)
            + [sent(f"k{n}", n), message(n, "1", f"body{n}", f"c{n}")]
        )],
        receipt("2", 5, 4, 51, "c5a"),
        final(unread=0),
    ]  # fmt: skip
    store = {
        "titles": {CHAT: "Group 2"},
        "messages": {CHAT: [[n, "1", f"k{n}", f"body{n}"] for n in range(1, 6)]},
        "marks": {CHAT: {"1": [0, 0], "2": [5, 4]}},
        "unread": {"1": {CHAT: 0}, "2": {CHAT: 1}},
    }
    devices = {ALICE: copy.deepcopy(alice), BOB: bob}
    for records in devices.values():
        for place, record in enumerate(records):
            record["t"] = float(place)
    return Logs(devices, store)


def place_of(logs, device, do, **fields):
    """The record of that kind with those fields."""
    for place, record in enumerate(logs.devices[device]):
        if record["do"] == do and fields.items() <= record.items():
            return place
    raise LookupError((do, fields))


def record_of(logs, device, do, **fields):
    return logs.devices[device][place_of(logs, device, do, **fields)]


def drop(logs, device, do, **fields):
    del logs.devices[device][place_of(logs, device, do, **fields)]


def insert_behind(logs, record, device, do, **fields):
    place = place_of(logs, device, do, **fields)
    logs.devices[device].insert(place + 1, {"t": place + 0.5, **record})


def kinds(logs):
    return {finding.kind for finding in checker.check(logs)}


def test_a_story_without_fault_has_no_finding():
    assert checker.check(story()) == []


def lose_an_acknowledged_message(logs):
    logs.store["messages"][CHAT].pop()
    logs.store["marks"][CHAT]["2"] = [4, 4]
    logs.store["unread"]["2"][CHAT] = 0


def lose_one_that_was_shown(logs):
    """Never acknowledged, but somebody saw it: it was not durable yet."""
    lose_an_acknowledged_message(logs)
    drop(logs, ALICE, "sent", seq=5)


def store_a_key_twice(logs):
    logs.store["messages"][CHAT][4] = [5, "1", "k4", "body5"]


def acknowledge_a_key_twice(logs):
    insert_behind(logs, sent("k4", 5), ALICE, "sent", seq=4)


def leave_a_hole(logs):
    logs.store["messages"][CHAT][4][0] = 6


def invent_a_message(logs):
    logs.store["messages"][CHAT][4][2] = "k9"


def change_a_body(logs):
    logs.store["messages"][CHAT][4][3] = "other"


def never_answer(logs):
    drop(logs, ALICE, "sent", seq=5)


def store_in_another_order(logs):
    messages = logs.store["messages"][CHAT]
    messages[0][2], messages[1][2] = "k2", "k1"


def deliver_in_another_order(logs):
    bob = logs.devices[BOB]
    first = place_of(logs, BOB, "message", seq=1)
    second = place_of(logs, BOB, "message", seq=2)
    bob[first]["seq"], bob[second]["seq"] = 2, 1
    bob[first]["body"], bob[second]["body"] = "body2", "body1"


def deliver_twice(logs):
    insert_behind(logs, message(2, "1", "body2", "c2", 22), BOB, "message", seq=2)


def skip_a_live_message(logs):
    drop(logs, ALICE, "message", seq=3)


def skip_at_the_seam(logs):
    record_of(logs, BOB, "sync")["missing"] = None


def skip_the_end_of_sync(logs):
    record_of(logs, BOB, "sync").update(last_seq=5, unread=3)


def skip_within_sync(logs):
    record_of(logs, BOB, "sync").update(
        messages=[[3, "1", "body3", False], [5, "1", "body5", False]],
        missing=None, last_seq=5, unread=3,
    )  # fmt: skip


def offer_below_the_cursor(logs):
    record_of(logs, BOB, "sync").update(missing=[2, 3])


def deliver_below_the_cursor(logs):
    """Live, what came by sync."""
    insert_behind(logs, message(4, "1", "body4", "c4", 44), BOB, "live", cursor="c4")


def deliver_an_old_version(logs):
    record_of(logs, BOB, "message", seq=5)["version"] = "40"


def deliver_before_live(logs):
    drop(logs, BOB, "live", cursor="c4")


def show_another_body(logs):
    record_of(logs, BOB, "message", seq=5)["body"] = "other"


def fill_with_another_body(logs):
    record_of(logs, BOB, "filled")["messages"][0][2] = "other"


def tell_a_stranger(logs):
    logs.store["marks"][CHAT] = {"1": [0, 0]}
    del logs.store["unread"]["2"]


def go_on_elsewhere(logs):
    record_of(logs, BOB, "connect", cursor="c2a")["cursor"] = "c1"


def miscount_in_sync(logs):
    record_of(logs, BOB, "sync")["unread"] = 1


def miscount_in_the_store(logs):
    logs.store["unread"]["2"][CHAT] = 3
    record_of(logs, BOB, "final")["conversations"][CHAT]["unread"] = 3


def miscount_on_the_screen(logs):
    record_of(logs, BOB, "final")["conversations"][CHAT]["unread"] = 2


def take_a_receipt_back(logs):
    record_of(logs, BOB, "receipt", version="51").update(delivered=5, read=1)


def take_a_receipt_back_in_sync(logs):
    record_of(logs, BOB, "sync")["members"] = [["2", 1, 1]]


def lose_a_receipt(logs):
    record_of(logs, BOB, "marked").update(delivered=5, read=5)


def read_beyond_the_end(logs):
    for device in (ALICE, BOB):
        record_of(logs, device, "final")["conversations"][CHAT]["marks"]["2"] = [6, 4]
    logs.store["marks"][CHAT]["2"] = [6, 4]


def forget_a_message(logs):
    del record_of(logs, BOB, "final")["conversations"][CHAT]["messages"]["2"]


def forget_a_conversation(logs):
    record_of(logs, BOB, "final")["conversations"].clear()


def forget_a_receipt(logs):
    record_of(logs, ALICE, "final")["conversations"][CHAT]["marks"] = {"2": [5, 2]}


def take_a_title_back(logs):
    insert_behind(logs, title("Group 1", 52, "c5b"), BOB, "receipt", version="51")


def forget_a_title(logs):
    record_of(logs, BOB, "final")["conversations"][CHAT]["title"] = "Group 1"


def tell_one_who_left(logs):
    """The event of leaving has come, and then another one."""
    gone = {"do": "member", "conversation": CHAT, "user": "2", "active": False, "until": 2,
            "version": "22", "cursor": "c2b"}  # fmt: skip
    insert_behind(logs, gone, BOB, "receipt", version="21")
    record_of(logs, BOB, "connect", cursor="c2a")["cursor"] = "c2b"


def deliver_after_leaving(logs):
    """Leaving was acknowledged, and its event is still on its way."""
    insert_behind(logs, {"do": "left", "conversation": CHAT, "until": 4}, BOB, "filled")


def leave_out_the_last_words(logs):
    gone = {"do": "member", "conversation": CHAT, "user": "2", "active": False, "until": 6,
            "version": "62", "cursor": "c6"}  # fmt: skip
    insert_behind(logs, gone, BOB, "receipt", version="51")


def refuse_a_member(logs):
    refused = {"do": "refused", "conversation": CHAT, "client_id": "k2", "code": "not_found"}
    insert_behind(logs, refused, ALICE, "send", client_id="k2")


def show_what_was_left(logs):
    record_of(logs, BOB, "final")["conversations"]["8"] = {}


def end_early(logs):
    drop(logs, BOB, "final")


@pytest.mark.parametrize(
    ("plant", "kind"),
    [
        (lose_an_acknowledged_message, "lost"),
        (lose_one_that_was_shown, "lost"),
        (store_a_key_twice, "doubled"),
        (acknowledge_a_key_twice, "doubled"),
        (leave_a_hole, "hole"),
        (invent_a_message, "invented"),
        (change_a_body, "changed"),
        (never_answer, "unanswered"),
        (store_in_another_order, "reordered"),
        (deliver_in_another_order, "reordered"),
        (deliver_before_live, "reordered"),
        (deliver_twice, "doubled"),
        (skip_a_live_message, "skipped"),
        (skip_at_the_seam, "skipped"),
        (skip_the_end_of_sync, "skipped"),
        (skip_within_sync, "skipped"),
        (offer_below_the_cursor, "below"),
        (deliver_below_the_cursor, "below"),
        (deliver_an_old_version, "below"),
        (show_another_body, "changed"),
        (fill_with_another_body, "changed"),
        (tell_a_stranger, "left"),
        (go_on_elsewhere, "cursor"),
        (miscount_in_sync, "unread"),
        (miscount_in_the_store, "unread"),
        (miscount_on_the_screen, "unread"),
        (take_a_receipt_back, "receipt"),
        (take_a_receipt_back_in_sync, "receipt"),
        (lose_a_receipt, "receipt"),
        (read_beyond_the_end, "receipt"),
        (forget_a_message, "final"),
        (forget_a_conversation, "final"),
        (forget_a_receipt, "final"),
        (tell_one_who_left, "left"),
        (deliver_after_leaving, "left"),
        (leave_out_the_last_words, "skipped"),
        (refuse_a_member, "left"),
        (show_what_was_left, "final"),
        (take_a_title_back, "reordered"),
        (forget_a_title, "final"),
        (end_early, "final"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_each_planted_fault_is_found(plant, kind):
    logs = story()
    plant(logs)
    assert kind in kinds(logs)


def test_pages_may_offer_again_what_came_since_the_last_complete_moment():
    logs = story()
    insert_behind(logs, connect("p1"), BOB, "sync")
    record_of(logs, BOB, "sync")["cursor"] = "p1"  # in the middle of paging, then cut
    again = sync(4, [[3, "1", "body3", False], [4, "1", "body4", False]], "c4", unread=2, read=2)
    insert_behind(logs, again, BOB, "connect", cursor="p1")
    assert checker.check(logs) == []


def test_what_a_cut_page_offered_comes_again():
    logs = story()
    cut = {**record_of(logs, BOB, "sync"), "cursor": None}
    insert_behind(logs, cut, BOB, "connect", cursor="c2a")
    insert_behind(logs, connect("c2a"), BOB, "sync", cursor=None)
    assert checker.check(logs) == []


def test_a_changed_message_may_come_at_any_time():
    logs = story()
    record_of(logs, BOB, "sync")["messages"].insert(0, [1, "1", "body1", True])
    record_of(logs, BOB, "sync")["missing"] = [3, 3]
    assert checker.check(logs) == []


def edited_story():
    """Alice edits the second message, and Bob hears of it."""
    logs = story()
    edit = {"do": "change", "conversation": CHAT, "seq": 2, "body": "edited"}
    insert_behind(logs, edit, ALICE, "sent", seq=5)
    changed = {**message(2, "1", "edited", "c5b", 52), "do": "changed"}
    insert_behind(logs, changed, BOB, "receipt", cursor="c5a")
    logs.store["messages"][CHAT][1][3] = "edited"
    logs.store["annotations"] = {CHAT: {"2": {"+1": 1}}}
    for device in (ALICE, BOB):
        shown = record_of(logs, device, "final")["conversations"][CHAT]
        shown["messages"]["2"] = ["1", "edited"]
        shown["annotations"] = {"2": {"+1": 1}}
    return logs


def test_an_edited_message_was_another_before():
    assert checker.check(edited_story()) == []


def test_an_edit_that_nobody_asked_for_is_found():
    logs = edited_story()
    drop(logs, ALICE, "change", seq=2)
    assert "changed" in kinds(logs)


def test_a_device_that_missed_an_edit_is_found():
    logs = edited_story()
    record_of(logs, BOB, "final")["conversations"][CHAT]["messages"]["2"] = ["1", "body2"]
    assert kinds(logs) == {"final"}


def test_a_device_that_missed_a_reaction_is_found():
    logs = edited_story()
    record_of(logs, BOB, "final")["conversations"][CHAT]["annotations"] = {}
    assert kinds(logs) == {"final"}


def test_one_that_was_refused_may_come_behind_later_ones():
    logs = story()
    refused = {"do": "refused", "conversation": CHAT, "client_id": "k2", "code": "overloaded"}
    insert_behind(logs, refused, ALICE, "send", client_id="k2")
    messages = logs.store["messages"][CHAT]
    messages[1], messages[2] = [2, "1", "k3", "body3"], [3, "1", "k2", "body2"]
    assert "reordered" not in kinds(logs)


def test_who_leaves_hears_the_last_words_and_no_more():
    logs = story()
    logs.store["marks"][CHAT] = {"1": [0, 0]}
    del logs.store["unread"]["2"]
    bob = logs.devices[BOB]
    del bob[place_of(logs, BOB, "live", cursor="c4") :]
    record_of(logs, BOB, "sync").update(active=False, title=None, unread=0)
    bob += [
        {"t": 20.0, **live("c4")},
        {"t": 21.0, "do": "left", "conversation": CHAT, "until": 4},
        {"t": 22.0, "do": "final", "conversations": {}},
    ]
    assert checker.check(logs) == []


def test_a_device_begun_anew_is_offered_all_again():
    logs = story()
    logs.devices[BOB].insert(-1, {"t": 20.0, "do": "reinstall"})
    logs.devices[BOB].insert(-1, {"t": 21.0, **connect("")})
    everything = [[n, "1", f"body{n}", False] for n in range(1, 6)]
    logs.devices[BOB].insert(
        -1, {"t": 22.0, **sync(5, everything, "c5a", unread=1, read=4, members=[("2", 5, 4)])}
    )
    assert checker.check(logs) == []


def put_back(logs):
    """Bob's device goes back to what it had behind the first message."""
    insert_behind(logs, {"do": "save"}, BOB, "message", seq=1)
    bob = logs.devices[BOB]
    again = [
        {"do": "restore"},
        connect("c1"),
        sync(5, [[n, "1", f"body{n}", False] for n in range(2, 6)], "c5a", unread=1, read=4,
             members=[("2", 5, 4)]),
        live("c5a"),
    ]  # fmt: skip
    bob[-1:-1] = [{"t": 30.0, **record} for record in again]


def test_a_device_put_back_is_offered_what_came_since():
    logs = story()
    put_back(logs)
    assert checker.check(logs) == []


def test_a_device_put_back_must_not_miss_what_it_once_had():
    logs = story()
    put_back(logs)
    record_of(logs, BOB, "sync", cursor="c5a")["messages"].pop(0)
    assert kinds(logs) == {"skipped"}


def test_the_summary_counts():
    text = summarize(story())
    assert "2 users on 2 devices in 1 conversations: 5 messages, sent 6 times (0 over HTTP)" in text
    assert "8 deliveries live, 1 by sync, 1 from gaps" in text


def test_the_program_says_what_it_found(tmp_path, capsys):
    logs = story()
    skip_a_live_message(logs)
    for name, records in logs.devices.items():
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(r) + "\n" for r in records))
    (tmp_path / STORE).write_text(json.dumps(logs.store))
    assert checker.main([str(tmp_path)]) == 1
    assert "skipped: 1.1" in capsys.readouterr().out
    assert checker.main([]) == 2


@pytest.mark.parametrize(("code", "expected"), [("unavailable", False), ("overloaded", True)])
def test_one_whose_refusal_was_lost_may_come_behind_later_ones(code, expected):
    logs = story()
    sent = record_of(logs, ALICE, "send", client_id="k2")["t"]
    lost = {"do": "lost", "why": "closed", "t": sent + 1}
    insert_behind(logs, lost, ALICE, "send", client_id="k2")
    refused = {"do": "refused", "conversation": CHAT, "client_id": "other", "code": code,
               "t": sent + 0.5}
    insert_behind(logs, refused, BOB, "connect")
    messages = logs.store["messages"][CHAT]
    messages[1], messages[2] = [2, "1", "k3", "body3"], [3, "1", "k2", "body2"]
    assert ("reordered" in kinds(logs)) == expected
