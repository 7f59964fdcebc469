# SPDX-License-Identifier: Apache-2.0
"""What a device knows: it takes events in, and logs each."""

import collections

from storm.chat import Chat, listed
from storm.records import digest


class Screen:
    """`conversations` are those its user is in; `on_left` is called with one that was left."""

    def __init__(self, user, conversations, journal, on_left):
        self.user = user
        self.conversations = conversations
        self.journal = journal
        self.on_left = on_left
        self.cursor = ""
        self.chats = collections.defaultdict(Chat)
        self.saved = ("", {})  # cursor and chats

    def take(self, frame):
        """An event; afterwards its cursor is this device's."""
        kind = frame["event"]
        if kind == "message":
            self.take_message(frame)
        elif kind == "message_changed":
            self.take_change(frame)
        elif kind == "receipt":
            self.take_receipt(frame)
        elif kind == "sync":
            self.take_sync(frame)
        elif kind == "member":
            self.take_member(frame)
        elif kind == "conversation":
            self.take_conversation(frame)
        elif kind == "live":
            self.journal.note("live", cursor=frame["cursor"])
        elif frame.get("cursor"):
            self.journal.note(
                "other", event=kind, version=frame["version"], cursor=frame["cursor"]
            )
        if frame.get("cursor"):
            self.cursor = frame["cursor"]

    def take_message(self, frame):
        self.note_message("message", frame)
        self.chats[frame["conversation_id"]].add(frame["message"])

    def take_change(self, frame):
        self.note_message("changed", frame)
        self.chats[frame["conversation_id"]].change(frame["message"])

    def note_message(self, kind, frame):
        message = frame["message"]
        self.journal.note(
            kind,
            conversation=frame["conversation_id"],
            seq=message["seq"],
            sender=message["sender_id"],
            body=digest(message["content"]),
            version=frame["version"],
            cursor=frame["cursor"],
        )

    def take_receipt(self, frame):
        member = frame["member"]
        self.journal.note(
            "receipt",
            conversation=frame["conversation_id"],
            user=member["user_id"],
            delivered=member["delivered"],
            read=member["read"],
            version=frame["version"],
            cursor=frame["cursor"],
        )
        self.chats[frame["conversation_id"]].raise_mark(member)

    def take_member(self, frame):
        member = frame["member"]
        conversation = frame["conversation_id"]
        self.journal.note(
            "member",
            conversation=conversation,
            user=member["user_id"],
            active=member["active"],
            until=member["visible_until"],
            version=frame["version"],
            cursor=frame["cursor"],
        )
        if member["user_id"] != self.user:
            return
        if member["active"]:
            self.join(conversation)
        else:
            self.forget(conversation)

    def forget(self, conversation):
        """Its user is not in it any more."""
        self.chats.pop(conversation, None)
        if conversation in self.conversations:
            self.conversations.remove(conversation)
            self.on_left(conversation)

    def join(self, conversation):
        """From now on its user may have something to say there."""
        if conversation not in self.conversations:
            self.conversations.append(conversation)

    def take_conversation(self, frame):
        title = frame["conversation"]["title"]
        self.journal.note(
            "title",
            conversation=frame["conversation_id"],
            title=title,
            version=frame["version"],
            cursor=frame["cursor"],
        )
        self.chats[frame["conversation_id"]].title = title

    def take_sync(self, frame):
        delta = frame["conversation"]
        view = delta["view"]
        conversation = view["conversation"]
        missing = delta["missing"]
        self.journal.note(
            "sync",
            conversation=conversation["id"],
            version=conversation["version"],
            active=view["self"]["active"],
            title=conversation["title"],
            last_seq=conversation["last_seq"],
            read=view["self"]["read"],
            unread=view["unread_count"],
            messages=listed(delta["messages"]),
            missing=missing and [missing["from"], missing["to"]],
            members=[[m["user_id"], m["delivered"], m["read"]] for m in delta["members"]],
            cursor=frame["cursor"],
        )
        if not view["self"]["active"]:
            return self.forget(conversation["id"])
        self.join(conversation["id"])
        chat = self.chats[conversation["id"]]
        chat.title = conversation["title"]
        for message in delta["messages"]:
            chat.add(message)
        for member in delta["members"]:
            chat.raise_mark(member)
        for gap in (missing, delta["stale"]):
            if gap:
                chat.gaps.append([gap["from"], gap["to"]])

    def note_final(self):
        conversations = {
            conversation: {
                "title": chat.title,
                "messages": dict(sorted(chat.messages.items())),
                "annotations": dict(sorted(chat.annotations.items())),
                "marks": chat.marks,
                "unread": chat.unread(self.user),
            }
            for conversation, chat in self.chats.items()
        }
        self.journal.note("final", conversations=conversations)

    # What is kept ---------------------------------------------------------------------------------

    def save(self):
        """As to a disk, now and then."""
        self.journal.note("save")
        self.saved = (self.cursor, {c: chat.copy() for c, chat in self.chats.items()})

    def reinstall(self):
        self.journal.note("reinstall")
        self.saved = ("", {})
        self.put_back()

    def restore(self):
        """What came since save() is forgotten."""
        self.journal.note("restore")
        self.put_back()

    def put_back(self):
        self.cursor, chats = self.saved
        self.chats.clear()
        self.chats.update((c, chat.copy()) for c, chat in chats.items())

    def shows(self, store):
        """All that is in the store. Who never does has something wrong: the checker says what."""
        if any(self.user not in store["marks"][conversation] for conversation in self.chats):
            return False
        for conversation, marks in store["marks"].items():
            if self.user not in marks:
                continue
            chat = self.chats[conversation]
            if chat.gaps or chat.title != store["titles"][conversation]:
                return False
            messages = store["messages"][conversation]
            if chat.messages != {seq: (sender, body) for seq, sender, _, body in messages}:
                return False
            if chat.annotations != store["annotations"][conversation]:
                return False
            for user, mark in marks.items():
                if chat.marks.get(user, [0, 0]) != mark:
                    return False
        return True
