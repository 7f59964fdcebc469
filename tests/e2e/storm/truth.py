# SPDX-License-Identifier: Apache-2.0
"""What the server says when all is over, asked over HTTP as each of its users."""

import collections
import http.client
import json
import urllib.parse

from storm.chat import annotations_of
from storm.records import digest

TIMEOUT_S = 30


class Reader:
    """Asks with an API key as any user."""

    def __init__(self, port, key):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
        self.key = key

    def get(self, user, path, **query):
        target = f"/api/v1{path}?{urllib.parse.urlencode(query)}"
        headers = {"Authorization": f"Bearer {self.key}", "X-User-Id": user}
        self.connection.request("GET", target, headers=headers)
        answer = self.connection.getresponse()
        body = answer.read()
        assert answer.status == 200, (target, answer.status, body)
        return json.loads(body)

    def pages(self, user, path, **query):
        while True:
            page = self.get(user, path, limit=200, **query)
            yield from page["items"]
            if not page["page"]["has_more"]:
                return
            query["cursor"] = page["page"]["next"]

    def messages(self, user, conversation, keys, annotations):
        """[(seq, sender, digest)]; the client_ids of the user's own go into `keys`."""
        shown = []
        for m in self.pages(user, f"/conversations/{conversation}/messages", order="asc"):
            shown.append((m["seq"], m["sender_id"], digest(m["content"])))
            if found := annotations_of(m):
                annotations[m["seq"]] = found
            if m["sender_id"] == user:
                keys[m["seq"]] = m["client_id"]
        return shown


def read_store(port, key, users):
    """All that these users are in. Every member must see the same messages."""
    reader = Reader(port, key)
    store = {"titles": {}, "messages": {}, "annotations": {}, "marks": {}, "unread": {}}
    members_of = collections.defaultdict(list)
    for user in users:
        store["unread"][user] = {}
        for view in reader.pages(user, "/conversations"):
            conversation = view["conversation"]["id"]
            store["unread"][user][conversation] = view["unread_count"]
            members_of[conversation].append(user)
    for conversation, members in members_of.items():
        path = f"/conversations/{conversation}"
        store["titles"][conversation] = reader.get(members[0], path)["conversation"]["title"]
        seen = None
        keys = {}  # seq -> client_id, which only its sender is shown
        annotations = {}  # seq -> annotations_of() it
        for user in members:
            messages = reader.messages(user, conversation, keys, annotations)
            assert seen in (None, messages), f"{user} sees {conversation} as others do not"
            seen = messages
        for user in {sender for _, sender, _ in seen} - set(members):
            messages = reader.messages(user, conversation, keys, {})  # as they were then
            known = [(seq, sender) for seq, sender, _ in seen[: len(messages)]]
            assert [m[:2] for m in messages] == known, f"{user} sees another {conversation}"
        store["messages"][conversation] = [
            [seq, sender, keys.get(seq), body] for seq, sender, body in seen
        ]
        store["annotations"][conversation] = annotations
        store["marks"][conversation] = {
            m["user_id"]: [m["delivered"], m["read"]]
            for m in reader.pages(members[0], path + "/members")
        }
    return store
