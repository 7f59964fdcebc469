# SPDX-License-Identifier: Apache-2.0
"""Follows one device through its log: what it was offered, against what it had and what there is."""

import collections


class Known:
    """What a device had been offered when it had a cursor, by conversation."""

    def __init__(self):
        self.cursor = ""
        self.top = collections.Counter()
        self.kept = collections.Counter()
        self.base = collections.Counter()
        self.seen = collections.defaultdict(set)  # seqs of live events
        self.skipped = collections.defaultdict(set)  # seqs still to come
        self.marks = {}  # (conversation, user) -> (delivered, read)
        self.titles = {}
        self.versions = collections.Counter()  # of the newest event
        self.left = set()

    def copy(self):
        other = Known()
        other.cursor = self.cursor
        other.top = self.top.copy()
        other.kept = self.kept.copy()
        other.base = self.base.copy()
        other.seen.update((c, set(seqs)) for c, seqs in self.seen.items())
        other.skipped.update((c, set(seqs)) for c, seqs in self.skipped.items())
        other.marks = dict(self.marks)
        other.titles = dict(self.titles)
        other.versions = self.versions.copy()
        other.left = set(self.left)
        return other


class DeviceCheck:
    """`top` is the newest message that the device was offered of each conversation, gaps included.

    A device that connects has what belongs to its cursor (`kept`). Until it is live it may be
    offered again what came since the cursor of the last complete moment (`base`), because pages
    say what changed since then; but nothing older, and nothing may be left out. Live, each event
    is the next one.
    """

    def __init__(self, user, name, truth, find):
        self.user = user
        self.name = name
        self.truth = truth
        self.report = find
        self.now = 0.0
        self.is_live = False
        self.marked = collections.defaultdict(lambda: (0, 0))  # conversation -> acknowledged
        self.until = {}  # conversation -> newest seq it may read, since leaving was acknowledged
        self.heard = set()  # conversations
        self.left = set()
        self.knows = Known()
        self.saved = Known()

    def find(self, kind, text):
        self.report(kind, text, self.name, self.now)

    def run(self, records):
        ended = False
        for record in records:
            self.now = record["t"]
            handler = getattr(self, "on_" + record["do"], None)
            if handler:
                handler(record)
            if record.get("cursor") and record["do"] != "connect":
                self.take_cursor(record["cursor"])
            ended |= record["do"] == "final"
        if not ended:
            self.now = records[-1]["t"] if records else 0.0
            self.find("final", "the log has no end")

    def take_cursor(self, cursor):
        self.knows.cursor = cursor
        self.knows.kept = self.knows.top.copy()
        if self.is_live:
            self.knows.base = self.knows.top.copy()

    # Records --------------------------------------------------------------------------------------

    def on_connect(self, record):
        if record["cursor"] != self.knows.cursor:
            self.find("cursor", "connects with another cursor than the last one it took in")
        self.is_live = False
        self.knows.top = self.knows.kept.copy()

    def on_reinstall(self, _):
        self.knows, self.saved = Known(), Known()

    def on_save(self, _):
        self.saved = self.knows.copy()

    def on_restore(self, _):
        self.knows = self.saved.copy()

    def on_live(self, _):
        self.is_live = True

    def on_sync(self, record):
        self.is_live = False
        conversation = record["conversation"]
        is_member = record.get("active", True)
        self.heard.add(conversation)
        if is_member:
            self.check_member(conversation)
        new = self.find_new(record)
        first = record["missing"][0] if record["missing"] else new[0] if new else None
        if first is not None:
            self.check_first(conversation, first)
        if record["missing"] and new and new[0] != record["missing"][1] + 1:
            self.find("skipped", f"{conversation} #{new[0]} behind the gap {record['missing']}")
        for before, seq in zip(new, new[1:]):
            if seq != before + 1:
                self.find("skipped", f"{conversation} #{seq} behind #{before} in sync")
        for seq, sender, body, _ in record["messages"]:
            self.compare(conversation, seq, sender, body)
        top = max([self.knows.top[conversation], *new])
        self.knows.top[conversation] = top
        if top < record["last_seq"]:
            self.find("skipped", f"{conversation} ends with #{top} in sync, not with "
                      f"#{record['last_seq']}")
        if is_member:
            self.check_unread(record)
            self.rename(conversation, record["title"])
            for user, delivered, read in record["members"]:
                self.raise_mark(conversation, user, delivered, read)
        else:
            self.leave(conversation)
        version = int(record["version"])
        self.knows.versions[conversation] = max(self.knows.versions[conversation], version)

    def find_new(self, record):
        """The new messages end with the newest; old ones that changed come before them. Who has
        left gets those as they were then, and they do not say that they changed since."""
        is_former = not record.get("active", True)
        messages = [(seq, changed or is_former) for seq, _, _, changed in record["messages"]]
        new = [seq for seq, changed in messages if not changed]
        expected = record["last_seq"]
        base = self.knows.base[record["conversation"]]
        for seq, changed in reversed(messages):
            if seq != expected:
                break
            if changed and seq > base:
                new.append(seq)
            expected -= 1
        return sorted(new)

    def check_first(self, conversation, first):
        """Of the messages that sync offers."""
        top = self.knows.top[conversation]
        if first > top + 1:
            self.find("skipped", f"{conversation} #{first} behind #{top} in sync")
        elif first <= self.knows.base[conversation]:
            self.find("below", f"{conversation} #{first} in sync, the cursor has "
                      f"#{self.knows.base[conversation]}")

    def check_unread(self, record):
        """As it was when that page was made."""
        conversation = record["conversation"]
        recount = self.truth.count_unread(
            conversation, self.user, record["read"], record["last_seq"]
        )
        if record["unread"] != recount:
            self.find("unread", f"{conversation}: sync says {record['unread']}, recounted {recount}")

    def on_message(self, record):
        conversation, seq = record["conversation"], record["seq"]
        self.check_live(record)
        self.check_member(conversation)
        if seq > self.until.get(conversation, seq):
            self.find("left", f"{conversation} #{seq}, which it had left")
        top = self.knows.top[conversation]
        if seq in self.knows.seen[conversation]:
            self.find("doubled", f"{conversation} #{seq}")
        elif seq in self.knows.skipped[conversation]:
            self.find("reordered", f"{conversation} #{seq} behind #{top}")
        elif seq <= top:
            self.find("below", f"{conversation} #{seq}, the cursor has #{top}")
        elif seq > top + 1:
            self.find("skipped", f"{conversation} #{seq} behind #{top}")
            self.knows.skipped[conversation].update(range(top + 1, seq))
        self.check_version(record)
        self.knows.seen[conversation].add(seq)
        self.compare(conversation, seq, record["sender"], record["body"])
        self.knows.top[conversation] = max(top, seq)

    def on_changed(self, record):
        conversation, seq = record["conversation"], record["seq"]
        self.check_live(record)
        self.check_member(conversation)
        if seq > self.knows.top[conversation]:
            self.find("skipped", f"{conversation} #{seq} changed, and was not offered")
        self.check_version(record)
        self.compare(conversation, seq, record["sender"], record["body"])

    def on_receipt(self, record):
        conversation = record["conversation"]
        self.check_live(record)
        self.check_member(conversation)
        self.check_version(record)
        self.raise_mark(conversation, record["user"], record["delivered"], record["read"])

    def on_member(self, record):
        conversation = record["conversation"]
        self.check_live(record)
        self.heard.add(conversation)
        if record["user"] == self.user and not record["active"]:
            if self.knows.top[conversation] < record["until"]:
                self.find("skipped", f"{conversation} was left at #{record['until']}, it has "
                          f"#{self.knows.top[conversation]}")
            self.leave(conversation)

    def on_left(self, record):
        self.until[record["conversation"]] = record["until"]

    def leave(self, conversation):
        self.left.add(conversation)
        self.knows.left.add(conversation)

    def on_title(self, record):
        self.check_live(record)
        self.check_member(record["conversation"])
        self.check_version(record)
        self.rename(record["conversation"], record["title"])

    def on_filled(self, record):
        for seq, sender, body, _ in record["messages"]:
            self.compare(record["conversation"], seq, sender, body)

    def on_marked(self, record):
        delivered, read = self.marked[record["conversation"]]
        self.marked[record["conversation"]] = (
            max(delivered, record["delivered"]),
            max(read, record["read"]),
        )

    def on_final(self, record):
        own = {c for c, marks in self.truth.marks.items() if self.user in marks}
        for conversation in sorted(self.heard - self.left - own):
            self.find("left", f"it hears of {conversation}, and is not in it")
        for conversation in sorted(record["conversations"].keys() - own):
            self.find("final", f"{conversation} is shown, and it is not in it")
        for conversation in sorted(own):
            delivered, read = self.marked[conversation]
            stored = self.truth.marks[conversation][self.user]
            if stored[0] < delivered or stored[1] < read:
                self.find("receipt", f"{conversation}: {delivered}, {read} was acknowledged, the "
                          f"store has {stored}")
            self.check_final(conversation, record["conversations"].get(conversation))

    def check_final(self, conversation, shown):
        messages = self.truth.messages[conversation]
        if shown is None:
            return self.find("final", f"{conversation} is not there")
        have = {int(seq): tuple(message) for seq, message in shown["messages"].items()}
        for seq in sorted(messages.keys() ^ have.keys()):
            state = "is missing" if seq in messages else "does not exist"
            return self.find("final", f"{conversation} #{seq} {state}")
        for seq, message in have.items():
            if message != messages[seq]:
                self.find("final", f"{conversation} #{seq} is another message")
        annotations = self.truth.annotations.get(conversation, {})
        if shown.get("annotations", {}) != annotations:
            self.find("final", f"{conversation} has other annotations")
        # Who never gave a receipt need not be known.
        shown_marks = {user: tuple(mark) for user, mark in shown["marks"].items()}
        for user, mark in self.truth.marks[conversation].items():
            if shown_marks.get(user, (0, 0)) != tuple(mark):
                self.find("final", f"{conversation}: {user} is at {shown_marks.get(user)}, in the "
                          f"store at {mark}")
        if shown["title"] != self.truth.titles[conversation]:
            self.find("final", f"{conversation} has the title {shown['title']!r}")
        unread = self.truth.unread[self.user].get(conversation)
        if shown["unread"] != unread:
            self.find("unread", f"{conversation}: it shows {shown['unread']}, the store says {unread}")

    # What holds for all of them -------------------------------------------------------------------

    def check_live(self, record):
        if not self.is_live:
            self.find("reordered", f"an event in {record['conversation']} before live")

    def check_version(self, record):
        conversation, version = record["conversation"], int(record["version"])
        if version <= self.knows.versions[conversation]:
            self.find("below", f"{record['do']} in {conversation} with a version that it had")
        self.knows.versions[conversation] = max(self.knows.versions[conversation], version)

    def check_member(self, conversation):
        self.heard.add(conversation)
        if conversation in self.knows.left:
            self.find("left", f"news of {conversation}, which it has left")

    def compare(self, conversation, seq, sender, body):
        stored = self.truth.messages.get(conversation, {}).get(seq)
        if stored is None:
            self.find("lost", f"{conversation} #{seq} was shown")
        elif not self.truth.was(conversation, seq, sender, body):
            self.find("changed", f"{conversation} #{seq} was shown as another message")

    def rename(self, conversation, title):
        """Titles end with a number that grows with each renaming."""
        before = self.knows.titles.get(conversation, title)
        if number_of(title) < number_of(before):
            self.find("reordered", f"{conversation} is {title!r} again, it was {before!r}")
        self.knows.titles[conversation] = title

    def raise_mark(self, conversation, user, delivered, read):
        before = self.knows.marks.get((conversation, user), (0, 0))
        if delivered < before[0] or read < before[1]:
            self.find("receipt", f"{conversation}: {user} goes back from {before} to "
                      f"{(delivered, read)}")
        self.knows.marks[conversation, user] = (max(before[0], delivered), max(before[1], read))


def number_of(title):
    """0 of a direct conversation, which has no title."""
    return int(title.rsplit(" ", 1)[-1]) if title else 0
