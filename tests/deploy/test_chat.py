# SPDX-License-Identifier: Apache-2.0
"""Two people chat on two nodes while the primary database dies: the transcript in docs/operating.md,
done again on three terminals. A line is whose it is and

    $ command    typed at the shell
    > words      typed into the chat
    | anything   has to appear, in this order; … stands for whatever may be there
"""

import os
import pathlib
import re

import pytest
from api import Api
from cluster_services import DATABASES
from conftest import SOURCE
from terminal import Terminal, pattern_of

LINE = re.compile(r"(\w+) +([$>|]) (.*)")


def read_transcript():
    text = (SOURCE / "docs" / "operating.md").read_text()
    (transcript,) = re.findall(r"^```console\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return transcript


@pytest.fixture
def terminals(cluster, tmp_path):
    """A terminal for each name, in what looks like the root of the sources."""
    (tmp_path / "build" / "release").mkdir(parents=True)
    (tmp_path / "build" / "release" / "bin").symlink_to(pathlib.Path(os.environ["MSGD"]).parent)
    (tmp_path / "build" / "cluster").symlink_to(cluster.folder)
    variables = {"PATH": "/usr/bin:/bin:/usr/sbin", "LC_ALL": "C.UTF-8", "TERM": "xterm", "PS1": "$ "}
    made = {}

    def of(name):
        if name not in made:
            made[name] = Terminal(tmp_path, variables)
            made[name].expect(r"\$ ")
        return made[name]

    yield of
    for terminal in made.values():
        terminal.close()


def play(line, terminals):
    name, what, text = LINE.fullmatch(line).groups()
    terminal = terminals(name)
    if what == "|":
        return terminal.expect(pattern_of(text))
    terminal.type(text)
    if what == "$":
        terminal.expect(re.escape(text[-20:]))
    return None


def test_the_primary_dies_between_two_messages(cluster, terminals):
    transcript = read_transcript()
    if (primary := cluster.primary()) != DATABASES[0]:
        other = dict(zip(DATABASES, reversed(DATABASES)))
        transcript = re.sub("|".join(DATABASES), lambda found: other[found[0]], transcript)
    transcript = transcript.replace(
        "scripts/cluster-local", f"{SOURCE}/scripts/cluster-local --folder build/cluster")
    for line in transcript.splitlines():
        play(line, terminals)
    cluster.load()  # others have started something
    cluster.wait_until_whole()
    assert cluster.primary() != primary

    said = re.findall(r"^(\w+) +> (?!\^D)(.*)", transcript, re.MULTILINE)
    people = cluster.tokens()["users"]
    alice = Api(cluster.url(), people["alice"]["token"])
    chat = alice.post("/conversations", {"kind": "direct", "user_id": people["bob"]["id"]}).json["id"]
    found = alice.get(f"/conversations/{chat}/messages", limit=len(said)).json["items"]
    whose = {person["id"]: name for name, person in people.items()}
    assert [(whose[m["sender_id"]], m["content"]) for m in reversed(found)] == said
