# SPDX-License-Identifier: Apache-2.0
"""Who plays in the authorisation tests, what they may see, and a look at all that reaches them.

Every text that somebody may not see is a canary, and it is known who may. Whatever a principal receives, by
whichever exit, goes through `scan`.
"""

import itertools
import json
import re

from api import Api

PEOPLE = ["owner", "admin", "member", "newcomer", "former", "stranger"]
_CANARY = re.compile(r"canary-\d+")


class Canaries:
    """Texts, and the users who may see each."""

    def __init__(self):
        self._numbers = itertools.count(1)
        self._seers = {}

    def new(self, *seers):
        text = f"canary-{next(self._numbers)}"
        self._seers[text] = {seer.id for seer in seers}
        return text

    def show(self, canary, *seers):
        self._seers[canary] |= {seer.id for seer in seers}

    def scan(self, received, user_id, what=""):
        for found in set(_CANARY.findall(received)):
            assert user_id in self._seers[found], f"{what} shows {found}: {received[:400]}"


class Cast:
    """Six users with a session each, tokens that are good for nothing, and a key that acts as `member`."""

    def __init__(self, url, key):
        self.key = Api(url, key)
        self.url = url
        self.canaries = Canaries()
        for number, name in enumerate(PEOPLE):
            made = self.key.post("/users", {"phone": f"+1415555{number:04d}", "display_name": name})
            assert made.status == 201, made
            setattr(self, name, self.log_in(made.json["id"]))
        self.everybody = [getattr(self, name) for name in PEOPLE]
        self.member_key = Api(url, key, self.member.id)
        revoked = self.log_in(self.member.id)
        assert self.member.delete(f"/sessions/{revoked.session_id}").status == 204
        self.tokens = {
            "nobody": Api(url),
            "bad": Api(url, "mss_" + "A" * 43),
            "revoked": revoked,
        }
        for api in self.tokens.values():
            api.id = None

    def log_in(self, user):
        made = self.key.post(f"/users/{user}/sessions", {"device_name": "test"})
        assert made.status == 201, made
        api = Api(self.url, made.json["token"])
        api.id, api.session_id = user, made.json["session"]["id"]
        return api

    def principal(self, name):
        return self.member_key if name == "key" else getattr(self, name)


class Scene:
    """A group with a history: `former` was removed after "old", then it was renamed, `newcomer` added after "middle",
    all of it sent by `member`; and a direct conversation of `owner` and `member`."""

    def __init__(self, cast):
        c, self.cast, self.messages = cast, cast, {}
        of_group = [c.owner, c.admin, c.member]
        title = c.canaries.new(*of_group, c.former)
        made = c.owner.post(
            "/conversations",
            {
                "kind": "group",
                "title": title,
                "user_ids": [c.admin.id, c.member.id, c.former.id],
            },
        )
        assert made.status == 201, made
        self.group = made.json["id"]
        self._ok(c.owner.patch(f"/conversations/{self.group}/members/{c.admin.id}", {"role": "admin"}))
        self._send("old", *of_group, c.former)
        self._ok(c.owner.delete(f"/conversations/{self.group}/members/{c.former.id}"))
        self.title = c.canaries.new(*of_group)
        self._ok(c.owner.patch(f"/conversations/{self.group}", {"title": self.title}))
        self._send("middle", *of_group)
        self._ok(c.owner.post(f"/conversations/{self.group}/members", {"user_id": c.newcomer.id}))
        c.canaries.show(self.title, c.newcomer)
        self._send("new", *of_group, c.newcomer)
        self._send("deleted", *of_group, c.newcomer)
        self._ok(c.member.delete(f"/messages/{self.messages['deleted']}", **{"for": "everyone"}))
        sent = c.member.post(
            "/messages",
            {"receiver_id": c.owner.id, "content": c.canaries.new(c.owner, c.member)},
        )
        self._ok(sent)
        self.messages["direct"] = sent.json["id"]
        self.direct = sent.json["conversation_id"]

    def _ok(self, answer):
        assert answer.status < 300, answer

    def _send(self, name, *seers):
        sent = self.cast.member.post(
            f"/conversations/{self.group}/messages", {"content": self.cast.canaries.new(*seers)}
        )
        self._ok(sent)
        self.messages[name] = sent.json["id"]


def everything_of(answer):
    return json.dumps(list(answer.headers.items())) + answer.body
