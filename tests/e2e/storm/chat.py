# SPDX-License-Identifier: Apache-2.0
"""What a device knows of a conversation."""

from storm.records import digest


class Chat:
    """What a device shows of one conversation."""

    def __init__(self):
        self.title = ""
        self.messages = {}  # seq -> (sender, digest)
        self.annotations = {}  # seq -> annotations_of() it
        self.versions = {}  # seq -> of what is known of it
        self.marks = {}  # user -> [delivered, read]
        self.gaps = []  # [from, to], not read yet
        self.top = 0

    def copy(self):
        other = Chat()
        other.title = self.title
        other.messages = dict(self.messages)
        other.annotations = dict(self.annotations)
        other.versions = dict(self.versions)
        other.marks = {user: list(mark) for user, mark in self.marks.items()}
        other.gaps = [list(gap) for gap in self.gaps]
        other.top = self.top
        return other

    def add(self, message):
        """A page of history may come behind an event that is newer."""
        version = int(message["changed"] or message["version"])
        if version < self.versions.get(message["seq"], 0):
            return
        self.versions[message["seq"]] = version
        self.messages[message["seq"]] = (message["sender_id"], digest(message["content"]))
        self.annotations.pop(message["seq"], None)
        if annotations := annotations_of(message):
            self.annotations[message["seq"]] = annotations
        self.top = max(self.top, message["seq"])

    def change(self, message):
        """One that it has; others come with their gap."""
        if message["seq"] in self.messages:
            self.add(message)

    def raise_mark(self, member):
        mark = self.marks.setdefault(member["user_id"], [0, 0])
        mark[0] = max(mark[0], member["delivered"])
        mark[1] = max(mark[1], member["read"])

    def unread(self, user):
        read = self.marks.get(user, [0, 0])[1]
        return sum(seq > read and sender != user for seq, (sender, _) in self.messages.items())


def listed(messages):
    return [[m["seq"], m["sender_id"], digest(m["content"]), is_changed(m)] for m in messages]


def is_changed(message):
    """Such a one may come again."""
    return message.get("changed") is not None


def annotations_of(message):
    """How often it has each reaction, and who pinned it."""
    found = {r["emoji"]: r["count"] for r in message.get("reactions", ())}
    if message.get("pinned"):
        found["pinned"] = message["pinned"]["user_id"]
    return found
