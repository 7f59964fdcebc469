# SPDX-License-Identifier: Apache-2.0
"""Reads the log of a storm (records.py) and says what was not as promised.

    python3 -m storm.checker FOLDER

Each finding has a kind:

    lost            acknowledged, and not in the store, or not as it was sent
    doubled         one client_id or message twice
    hole            seq is not 1, 2, 3 … in the store
    invented        in the store, and nobody sent it
    unanswered      sent, and never acknowledged
    reordered       not in the order in which it was sent, or committed
    skipped         a device was not offered a message before the next one
    below           an event at or below the cursor that the device had given
    changed         a seq that means different messages to two who look at it
    cursor          a device went on with another cursor than its last one
    unread          an unread count is not a recount
    receipt         a watermark goes back, is lost, or is beyond the newest message
    left            news of a conversation for somebody who is not in it, or a refusal for one who is
    final           what a device shows at the end is not what the store says
"""

import bisect
import collections
import sys

from storm.device_check import DeviceCheck
from storm.records import Logs, user_of
from storm.summary import summarize

Finding = collections.namedtuple("Finding", "kind device t text")


class Truth:
    """What the store says, and what follows from it."""

    def __init__(self, store, devices=None):
        self.messages = {
            conversation: {seq: (sender, body) for seq, sender, _, body in messages}
            for conversation, messages in store["messages"].items()
        }
        self.keys = {
            (conversation, sender, key): seq
            for conversation, messages in store["messages"].items()
            for seq, sender, key, _ in messages
        }
        self.titles = store["titles"]
        self.marks = store["marks"]
        self.unread = store["unread"]
        self.annotations = store.get("annotations", {})
        self.earlier = collections.defaultdict(set)  # (conversation, seq) -> bodies, of some time
        self.wishes = collections.defaultdict(set)  # likewise, what its sender wanted it to be
        for name, records in (devices or {}).items():
            for r in records:
                if r["do"] == "change":
                    self.wishes[r["conversation"], r["seq"]].add(r["body"])
                elif r["do"] == "send":
                    seq = self.keys.get((r["conversation"], user_of(name), r["client_id"]))
                    self.earlier[r["conversation"], seq].add(r["body"])

    def was(self, conversation, seq, sender, body):
        """Whether the message is, or could have been, like that."""
        if self.messages[conversation][seq] == (sender, body):
            return True
        known = self.earlier[conversation, seq] | self.wishes[conversation, seq]
        is_changed = bool(self.wishes[conversation, seq])
        return is_changed and self.messages[conversation][seq][0] == sender and body in known

    def count_unread(self, conversation, user, read, last):
        """Messages of others behind `read`, up to `last`."""
        messages = self.messages[conversation]
        return sum(
            seq in messages and messages[seq][0] != user for seq in range(read + 1, last + 1)
        )


def check(logs):
    """All findings, devices in order of their names."""
    findings = []

    def find(kind, text, device="store", t=0.0):
        findings.append(Finding(kind, device, t, text))

    truth = Truth(logs.store, logs.devices)
    check_store(logs, truth, find)
    refusals = sorted(r["t"] for records in logs.devices.values() for r in records
                      if r["do"] == "refused" and r["code"] == "unavailable")
    for name, records in logs.devices.items():
        check_sends(user_of(name), name, records, truth, refusals, find)
        DeviceCheck(user_of(name), name, truth, find).run(records)
    return findings


def check_store(logs, truth, find):
    """The store by itself, and against all that was sent."""
    sent = {
        (r["conversation"], user_of(name), r["client_id"]): r["body"]
        for name, records in logs.devices.items()
        for r in records
        if r["do"] == "send"
    }
    for conversation, messages in logs.store["messages"].items():
        seqs = [seq for seq, *_ in messages]
        if seqs != list(range(1, len(seqs) + 1)):
            find("hole", f"conversation {conversation} has {gaps_in(seqs)}")
        counts = collections.Counter((sender, key) for _, sender, key, _ in messages)
        for (sender, key), count in counts.items():
            if count > 1:
                find("doubled", f"{key} of {sender} is {count} times in {conversation}")
        for seq, sender, key, body in messages:
            if (conversation, sender, key) not in sent:
                find("invented", f"{conversation} #{seq} of {sender}, {key}")
            elif body not in {sent[conversation, sender, key], *truth.wishes[conversation, seq]}:
                find("changed", f"{conversation} #{seq} is not what {sender} sent as {key}")
    for user, counts in truth.unread.items():
        for conversation, count in counts.items():
            read = truth.marks[conversation][user][1]
            last = max(truth.messages[conversation], default=0)
            recount = truth.count_unread(conversation, user, read, last)
            if count != recount:
                find("unread", f"{user} in {conversation}: {count}, recounted {recount}")
    for conversation, marks in truth.marks.items():
        last = max(truth.messages[conversation], default=0)
        for user, (delivered, read) in marks.items():
            if not read <= delivered <= last:
                find("receipt", f"{user} in {conversation}: {read}, {delivered} of {last}")


def gaps_in(seqs):
    wrong = [seq for place, seq in enumerate(seqs, 1) if seq != place]
    return f"{len(seqs)} messages, the first wrong seq is {wrong[0]}"


def is_any_in(times, first, last):
    """Whether one of the sorted times lies there."""
    place = bisect.bisect_left(times, first)
    return place < len(times) and times[place] <= last


def check_sends(user, name, records, truth, refusals, find):
    """What one device sent: each acknowledged, once, as the store has it, and in its order.
    `refusals` are the times at which the store refused anybody's commit."""
    answers = {}
    waiting = {}  # for an answer, on this connection -> since when
    first_sent = collections.defaultdict(dict)  # conversation -> client_id -> time of the first
    refused = set()
    dropped = set()
    for r in records:
        if r["do"] == "send":
            first_sent[r["conversation"]].setdefault(r["client_id"], r["t"])
            waiting.setdefault((r["conversation"], r["client_id"]), r["t"])
            continue
        if "client_id" in r:
            waiting.pop((r["conversation"], r["client_id"]), None)
        if r["do"] == "lost":
            # Its refusal may have been lost with the connection, if the store refused then.
            refused |= {key for key, t in waiting.items() if is_any_in(refusals, t, r["t"])}
            waiting.clear()
        elif r["do"] == "refused":
            refused.add((r["conversation"], r["client_id"]))
            is_member = user in truth.marks[r["conversation"]]
            if is_member and r["code"] not in ("overloaded", "unavailable"):
                find("left", f"{r['client_id']} was refused: {r['code']}", name, r["t"])
        elif r["do"] == "dropped":
            dropped.add((r["conversation"], r["client_id"]))
        elif r["do"] == "sent":
            key = (r["conversation"], r["client_id"])
            if answers.setdefault(key, r["seq"]) != r["seq"]:
                find("doubled", f"{key} is #{answers[key]} and #{r['seq']}", name, r["t"])
            stored = truth.keys.get((key[0], user, key[1]))
            if stored is None:
                find("lost", f"{key} #{r['seq']} was acknowledged", name, r["t"])
            elif stored != r["seq"]:
                find("changed", f"{key} is #{stored}, acknowledged as #{r['seq']}", name, r["t"])
    for conversation, times in first_sent.items():
        newest = 0
        for key, t in times.items():
            seq = truth.keys.get((conversation, user, key))
            if (conversation, key) not in answers and (conversation, key) not in dropped:
                find("unanswered", f"{conversation} {key}", name, t)
            # One that was refused alone may come behind those sent after it.
            elif seq is not None and (conversation, key) not in refused:
                if seq < newest:
                    find("reordered", f"{conversation} {key} is #{seq}, behind a #{newest}", name, t)
                newest = max(newest, seq)


def main(arguments):
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    logs = Logs.read(arguments[0])
    findings = check(logs)
    print(summarize(logs))
    for finding in findings[:50]:
        print(f"{finding.kind}: {finding.device} at {finding.t}: {finding.text}")
    print(f"{len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
