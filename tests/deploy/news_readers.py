# SPDX-License-Identifier: Apache-2.0
"""Who reads news without a WebSocket, through the load balancer: an event stream that is resumed as
a browser does it, and one poll after the other. Both note what they were told, by their cursors, and
take no failure: no status but 200, no stream that ends without its last event, no answer cut off."""

import http.client
import json
import threading

DEADLINE_S = 75  # longer than any answer may take
PAGE = 200


class Reader:
    """What is new in one conversation, on a thread of its own, up to the message `last`."""

    def __init__(self, port, token, conversation, cursor, last):
        self.port, self.token, self.conversation = port, token, conversation
        self.cursor, self.last = cursor, last
        self.read = []  # (seq, content), in the order told
        self.moves = 0  # how often a node that drained sent it away
        self.failure = None
        self.thread = threading.Thread(target=self._run, daemon=True)

    def is_done(self):
        return bool(self.read) and self.read[-1][1] == self.last

    def _run(self):
        try:
            while not self.is_done():
                self.follow()
        except BaseException as failure:  # told to whoever waits
            self.failure = failure

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_S)

    def open(self, connection, path, headers=None):
        connection.request("GET", "/api/v1" + path, None,
                           {"Authorization": f"Bearer {self.token}"} | (headers or {}))
        answer = connection.getresponse()
        assert answer.status == 200, (path, answer.status, answer.read())
        return answer

    def told_of(self, delta):
        """A conversation of a sync; what did not fit is read from the history."""
        if delta["view"]["conversation"]["id"] != self.conversation:
            return []
        messages = []
        if missing := delta["missing"]:
            connection, after = self.connect(), missing["from"] - 1
            while after < missing["to"]:
                limit = min(PAGE, missing["to"] - after)
                messages += json.loads(self.open(
                    connection, f"/conversations/{self.conversation}/messages"
                    f"?order=asc&after={after}&limit={limit}").read())["items"]
                after = messages[-1]["seq"]
            connection.close()
        return [(m["seq"], m["content"]) for m in messages + delta["messages"]]


class EventReader(Reader):
    """Comes back with Last-Event-ID when the last event has said that the server restarts."""

    def follow(self):
        connection = self.connect()
        answer = self.open(connection, "/events",
                           {"Accept": "text/event-stream", "Last-Event-ID": self.cursor})
        assert answer.getheader("Content-Type") == "text/event-stream"
        told = []  # of a page of sync whose cursor has not come yet: it would come again
        last = None
        while event := self.next_event(answer):
            identity, last = event
            if last["event"] == "message" and (
                    last["message"]["conversation_id"] == self.conversation):
                told.append((last["message"]["seq"], last["message"]["content"]))
            elif last["event"] == "sync":
                told += self.told_of(last["conversation"])
            if identity:
                self.read += told
                self.cursor, told = identity, []
            if self.is_done():
                return answer.close()
        assert last and last["event"] == "close" and last["code"] == 1012, ("cut off", last)
        self.moves += 1

    def next_event(self, answer):
        """(its id, its data); None at the end of the stream, which is between two events."""
        fields = {}
        while line := answer.readline().decode():
            assert line.endswith("\n"), f"cut off in {line}"
            if line == "\n" and "data" in fields:
                return fields.get("id"), json.loads(fields["data"])
            name, _, value = line.rstrip("\n").partition(": ")
            fields[name] = value
        assert not fields.keys() - {"", ":"}, f"cut off after {fields}"


class PollReader(Reader):
    """Asks again with the cursor of the answer, on one connection. An answer without news before the
    time is up is one of a node that drains."""

    def follow(self):
        connection = self.connect()
        while not self.is_done():
            answer = self.open(connection, f"/sync?cursor={self.cursor}&wait_s=60")
            page = json.loads(answer.read())
            for delta in page["conversations"]:
                self.read += self.told_of(delta)
            self.moves += not page["conversations"]
            self.cursor = page["cursor"]
        connection.close()
