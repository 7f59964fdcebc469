# SPDX-License-Identifier: Apache-2.0
"""Plays one case on a connection of its own and compares every byte."""

import json
import os
import struct

from conftest import Peer

from . import words
from .case import Echo, End, Http, Say

SHOWN_BYTES = 160
AFTERMATH_S = 0.3  # what else comes after a mistake, for the report


class Different(AssertionError):
    """Something else was heard than expected."""

    def __init__(self, expected, received):
        super().__init__(f"expected  {expected}\n  received  {received}")


def shown(data):
    """Bytes in hex, and as text where that helps."""
    if not data:
        return "nothing"
    plain = "".join(chr(b) if 32 <= b < 127 else "." for b in data[:SHOWN_BYTES])
    more = f" … {len(data)} bytes" if len(data) > SHOWN_BYTES else ""
    return f"{data[:SHOWN_BYTES].hex(' ')}{more}\n            |{plain}|"


class Line(Peer):
    """A connection that is read against what is expected."""

    def say(self, pieces):
        try:
            for piece in pieces:
                self.send(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass  # msgd may have ended it; the answer tells

    def hear(self, expected):
        """Exactly these bytes, so far; judged as they arrive."""
        while len(self.pending) < len(expected):
            if not expected.startswith(self.pending) or not self.more():
                break
        if not self.pending.startswith(expected):
            received = self.received()
            same = len(os.path.commonprefix([expected, self.pending]))
            raise Different(f"{shown(expected)}\n            of it the first {same}", received)
        self.pending = self.pending[len(expected) :]

    def more(self):
        """False: nothing is to come any more, in time."""
        try:
            return self._fill()
        except (TimeoutError, ConnectionResetError):
            return False

    def received(self):
        """All there is, and how it ends."""
        self.socket.settimeout(AFTERMATH_S)
        end = "still open"
        try:
            while self._fill():
                pass
            end = "end"
        except TimeoutError:
            pass
        except ConnectionResetError:
            end = "reset"
        return f"{shown(self.pending)}\n            then {end}"

    def hear_end(self):
        """A FIN, not a reset, and no byte before it."""
        try:
            clean = not self.pending and not self._fill()
        except (TimeoutError, ConnectionResetError):
            clean = False
        if not clean:
            raise Different("the end of the connection", self.received())

    def hear_http(self, expected):
        try:
            answer = self.read_response(head_only=not expected.body)
        except (EOFError, TimeoutError, ConnectionResetError, ValueError):
            raise Different(expected, self.received()) from None
        given = {name: answer.header(name) for name, _ in expected.headers}
        same = (answer.status, given) == (expected.status, dict(expected.headers))
        if not same or (expected.code and answer.json()["code"] != expected.code):
            raise Different(expected, f"{answer.status} {answer.headers} {answer.body!r}")

    def hear_echo(self, expected):
        while True:
            try:
                reply = json.loads(self.read_text())
            except (EOFError, TimeoutError, ConnectionResetError):
                raise Different(expected, self.received()) from None
            if "event" in reply:
                continue
            content = (reply.get("result") or {}).get("content")
            if (reply["id"], content) != (expected.number, expected.content):
                raise Different(expected, reply)
            return

    def read_text(self):
        opcode, size = self.read_exactly(2)
        if opcode != words.FIN | words.TEXT:
            self.pending = bytes([opcode, size]) + self.pending
            raise EOFError
        if size == 126:
            (size,) = struct.unpack(">H", self.read_exactly(2))
        return self.read_exactly(size)

    def hear_part(self, part):
        if isinstance(part, Http):
            self.hear_http(part)
        elif isinstance(part, Echo):
            self.hear_echo(part)
        else:
            self.hear(part)

    def finish(self, end):
        if end is End.HTTP:
            self.say([b"GET /healthz HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n"])
            self.hear_http(Http(200))
        elif end is End.OPEN:
            self.say([words.ping(b"still open?")])
            self.hear(words.pong_of(b"still open?"))
        if end in (End.OPEN, End.OURS):
            self.say([words.close(1000)])
        if end is End.OPEN:
            self.hear(words.closed(1000))
        self.hear_end()


def run(case, server, hello):
    """Plays the case; the first difference is raised with all that was said before it.

    `hello()`: a frame that begins a session, and the id of somebody to send to."""
    said = []
    with Line(server.address) as line:
        try:
            if case.upgraded:
                line.say([words.request()])
                line.hear(words.accepted())
            peer = begin_session(line, hello) if case.greeted else None
            for round in case.rounds:
                pieces = [p.frames(peer) if isinstance(p, Say) else p for p in round.sent]
                said.append(b"".join(pieces))
                line.say(pieces)
                for part in round.answer:
                    line.hear_part(part)
            line.finish(case.end)
        except (AssertionError, OSError, EOFError) as error:
            story = "\n".join(f"  sent      {shown(data)}" for data in said)
            raise AssertionError(
                f"{case.name}\n  rule      {case.rule}\n{story}\n  {error!s}\n"
                f"  the end   {case.end.value}") from None


def begin_session(line, hello):
    greeting, peer = hello()
    line.say([greeting])
    while json.loads(line.read_text()).get("event") != "live":
        pass
    return peer
