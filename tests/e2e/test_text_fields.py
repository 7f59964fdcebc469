# SPDX-License-Identifier: Apache-2.0
"""2,000 texts that mean something to somebody else (SQL, JSON, templates, terminals, markup, shells, full-text search)
through every field that takes text: each comes back as it was sent, or is refused with the field's name; nothing of it
is in the log."""

import itertools
import json
import random

import pytest

from api import World
from conftest import Msgd, binary

NASTY = [
    # SQL, and its LIKE
    "'", "''", '"', "`", "\\", "\\'", "%", "_", "%%", "';--", "' OR '1'='1", "'; DROP TABLE message; --", "') OR 1=1 --",
    "1; SELECT pg_sleep(10)", "$$", "$tag$x$tag$", "E'\\x41'", "U&'\\0041'", "x' UNION SELECT token_hash FROM session--",
    "?1", ":name", "@p1", "$1", "/* */", "-- x", "NULL", "null", "CAST(1 AS TEXT)", "0x41", "X'41'",
    # full-text search
    'a NEAR/2 b', 'a AND NOT b', '"a', "a*", "^a", "{a}", "a:b", "col:*", "a & !b", "a <-> b", "(a | b",
    # JSON, JavaScript, templates
    '{"$ne":null}', '{"a":1}', "[1,2]", "\\u0000", "\\u0022", "${7*7}", "{{7*7}}", "<%= 7*7 %>", "#{7*7}", "{0}", "{}", "%s%n%x",
    "__proto__", "constructor", "toString", "undefined", "NaN", "-1", "9" * 40, "1e400", "true", "",
    # markup
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "&lt;", "&amp;", "&#0;", "]]>", "<!--", "javascript:alert(1)",
    "<?xml version='1.0'?>", "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>",
    # shells, paths, protocols
    "$(id)", "`id`", "| id", "; id", "&& id", "../../etc/passwd", "C:\\CON", "file:///etc/passwd", "%2e%2e%2f", "%00", "\r\nX: y",
    "HTTP/1.1 200 OK", "GET / HTTP/1.1", "=cmd|' /C calc'!A0", "@SUM(1)", "+1", "-n", "--help",
    # terminals and lines
    "\x1b[2J", "\x1b]0;title\x07", "\x07", "\x08", "\t", "\n", "\r", "\r\n", "a\nb", "\x7f", "\x85", "\u2028", "\u2029", "\x0b", "\x0c",
    # writing
    "é", "e\u0301", "ß", "İ", "ﬁ", "Ω", "日本語", "עברית", "العربية", "हिन्दी", "👩‍👩‍👧‍👦", "🏳️‍🌈", "😀" * 20, "𝔘𝔫𝔦", "\U0010ffff", "\ufeffa",
    "\u202eabc\u202c", "\u200b", "\u200d", "\u2066x\u2069", "\ufffd", "\ufffe", "\uffff", "\u0345", "a" + "\u0300" * 40, "\u00ad",
]  # fmt: skip


def texts():
    """2,000 of them: each alone, and then in pairs and repeated, always the same."""
    yield from NASTY
    dice = random.Random(5)
    while True:
        parts = dice.choices(NASTY, k=dice.choice([2, 2, 3]))
        yield dice.choice(["", " ", "x"]).join(parts)


TEXTS = list(itertools.islice(texts(), 2_000))


@pytest.fixture(scope="module")
def server():
    """In memory: this is about texts, not about disks."""
    made = Msgd(binary("MSGD"), ["--store=memory:"])
    yield made
    made.stop()


@pytest.fixture(scope="module")
def world(server):
    return World(server)


@pytest.fixture(scope="module")
def people(world):
    alice, bob = world.people(2)
    return alice, bob, world.group(alice, bob)


def comes_back(answer, pointer, expected, found):
    """What was taken reads as it was sent; what was refused names the field."""
    if answer.status < 300:
        assert found(answer) == expected
        return True
    assert (answer.status, answer.pointers) == (422, [pointer]), (expected, answer)
    return False


def is_line(text):
    return all(ord(c) >= 0x20 and ord(c) != 0x7F for c in text)


def test_contents(people):
    alice, bob, group = people
    for text in TEXTS:
        answer = alice.post(f"/conversations/{group}/messages", {"content": text})
        taken = comes_back(answer, "/content", text, lambda a: a.json["content"])
        assert taken == bool(text), "all but nothing is taken"
    # And in another's eyes, by pages.
    seen, query = [], {"limit": 200, "order": "asc"}
    while True:
        page = bob.get(f"/conversations/{group}/messages", **query).json
        seen += [m["content"] for m in page["items"]]
        if not page["page"]["has_more"]:
            break
        query["cursor"] = page["page"]["next"]
    assert seen == [t for t in TEXTS if t]


@pytest.mark.parametrize("field", ["display_name", "about", "avatar"])
def test_fields_of_a_user(world, people, field):
    alice, bob, _ = people
    for text in TEXTS[::4]:
        answer = alice.patch(f"/users/{alice.id}", {field: text})
        if comes_back(answer, "/" + field, text, lambda a: a.json[field]):
            assert bob.get(f"/users/{alice.id}").json[field] == text


def test_titles(people):
    alice, bob, group = people
    for text in TEXTS[::4]:
        answer = alice.patch(f"/conversations/{group}", {"title": text})
        if comes_back(answer, "/title", text, lambda a: a.json["title"]):
            assert is_line(text)
            assert bob.get(f"/conversations/{group}").json["conversation"]["title"] == text


def test_names_of_sessions_and_keys(world, people):
    alice, *_ = people
    for text in TEXTS[::10]:
        answer = alice.patch(f"/sessions/{alice.session_id}", {"device_name": text})
        if comes_back(answer, "/device_name", text, lambda a: a.json["device_name"]):
            names = {s["id"]: s["device_name"] for s in alice.get("/sessions").json["items"]}
            assert names[alice.session_id] == text
        made = world.key.post("/keys", {"name": text})
        if comes_back(made, "/name", text, lambda a: a.json["key"]["name"]):
            assert world.key.delete(f"/keys/{made.json['key']['id']}").status == 204


def test_edits_alerts_and_idempotency_keys(world, people):
    alice, bob, group = people
    first = alice.post(f"/conversations/{group}/messages", {"content": "first"}).json["id"]
    for text in TEXTS[::10]:
        comes_back(
            alice.patch(f"/messages/{first}", {"content": text}),
            "/content",
            text,
            lambda a: a.json["content"],
        )
        told = world.key.post("/alerts", {"user_ids": [bob.id], "text": text})
        if comes_back(told, "/text", text, lambda _: text):
            shown = [i["text"] for i in bob.get("/notifications", limit=200).json["items"] if i["kind"] == "alert"]
            assert text in shown
        if text and text.isascii() and text.isprintable() and len(text) <= 128:
            sent = [
                alice.post(f"/conversations/{group}/messages", {"content": "x", "client_id": text})
                for _ in range(2)
            ]
            assert sent[0].json["id"] == sent[1].json["id"]


def test_as_what_is_looked_for(world, people):
    """In queries nothing of it finds anything; control characters are refused before anybody looks."""
    alice, *_ = people
    for text in filter(None, TEXTS[::10]):
        refused = 422 if is_line(text) else 400
        found = world.key.get("/users", username=text)
        assert found.status == refused or found.json["items"] == [], text
        assert alice.get("/conversations", cursor=text).status == refused, text


def test_nothing_of_it_is_in_the_log(server):
    """Each line is one of ours, whole, and says nothing of what people wrote."""
    assert all(entry["event"] != "raw" for entry in server.log), "a line that is no JSON"
    log = json.dumps(server.log, ensure_ascii=False)
    for text in ["DROP TABLE", "<script>", "\x1b[2J", "日本語", "${7*7}", "first"]:
        assert text not in log
