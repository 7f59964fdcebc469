# SPDX-License-Identifier: Apache-2.0
"""What a case is: bytes to send, the exact answer, how the connection ends, and who says so."""

import enum
from dataclasses import dataclass

from . import words


class End(enum.Enum):
    """What happens to the connection when all rounds were played."""

    OPEN = "it is still open: a ping is answered next, then a close, then nothing more"
    CLOSED = "msgd ends it at once"
    OURS = "msgd waits for the peer's close frame and ends it then"
    HTTP = "the next HTTP request is answered"


@dataclass(frozen=True)
class Http:
    """An answer in HTTP. `headers`: those that matter, in lower case."""

    status: int
    code: str | None = None  # of the problem in the body
    headers: tuple = ()
    body: bool = True

    def __str__(self):
        return f"HTTP {self.status} {self.code or ''} {dict(self.headers) or ''}".strip()


@dataclass(frozen=True)
class Echo:
    """The reply to a `send`: the message with this content. Events before it are passed over."""

    number: int
    content: str

    def __str__(self):
        return f"reply {self.number} with the content {self.content!r}"


@dataclass(frozen=True)
class Say:
    """A request to send a message to the case's peer, in as many fragments as `ends` says."""

    number: int
    content: str
    ends: tuple = ()  # where in the content, in bytes, a fragment ends

    def frames(self, peer):
        content = self.content.encode()
        head = b'{"id":%d,"op":"send","receiver_id":"%s","content":"' % (self.number, peer.encode())
        whole = head + content + b'"}'
        at = [0, *(len(head) + end for end in self.ends), len(whole)]
        parts = [whole[a:b] for a, b in zip(at, at[1:])]
        if len(parts) == 1:
            return words.text(whole)
        middle = b"".join(words.more(part) for part in parts[1:-1])
        return words.first(parts[0]) + middle + words.last(parts[-1])


@dataclass(frozen=True)
class Round:
    """Pieces, each sent by itself, then the parts of the answer: bytes, Http or Echo. A piece is
    bytes or Say."""

    sent: tuple
    answer: tuple


@dataclass(frozen=True)
class Case:
    name: str
    rule: str  # the paragraph that asks for the answer
    rounds: tuple
    end: End
    upgraded: bool = True  # the opening handshake has been done
    greeted: bool = False  # hello as well

    @property
    def sent(self):
        """All that makes it different from other cases."""
        return (self.upgraded, self.greeted, tuple(round.sent for round in self.rounds))


def play(sent, answer):
    """A round; a single piece or part needs no list."""
    return Round(tuple(_several(sent)), tuple(_several(answer)))


def _several(value):
    return value if isinstance(value, (list, tuple)) else [value]


class Chapter:
    """A table of cases; each method adds a row."""

    def __init__(self, title):
        self.title = title
        self.cases = []

    def add(self, name, rule, rounds, end, **state):
        self.cases.append(Case(name, rule, tuple(rounds), end, **state))

    def takes(self, name, rule, sent, answer=()):
        """Answered, and the connection goes on."""
        self.add(name, rule, [play(sent, answer)], End.OPEN)

    def fails(self, name, rule, sent, code, reason, before=()):
        """Closed for breaking a rule; `before`: what is answered first."""
        answer = [*_several(before), words.closed(code, reason)]
        self.add(name, rule, [play(sent, answer)], End.CLOSED)

    def ends(self, name, rule, sent, code=None, before=()):
        """The peer's own close is echoed."""
        self.add(name, rule, [play(sent, [*_several(before), words.closed(code)])], End.CLOSED)

    def upgrades(self, name, rule, sent, answer=None, then=()):
        answer = [words.accepted() if answer is None else answer, *_several(then)]
        self.add(name, rule, [play(sent, answer)], End.OPEN, upgraded=False)

    def refuses(self, name, rule, sent, answer, end=End.CLOSED):
        self.add(name, rule, [play(sent, answer)], end, upgraded=False)
