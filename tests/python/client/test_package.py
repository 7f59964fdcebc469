# SPDX-License-Identifier: Apache-2.0
"""The package itself: types, docstrings, generated files, and what the documents say."""

import doctest
import importlib
import inspect
import os
import pkgutil
import re
import subprocess
import sys

import libmsg
import libmsg.client
import pytest
from libmsg.client import Client, aio
from world import ROOT

PYTHON = ROOT / "bindings" / "python"


def modules():
    """Those that need nothing compiled."""
    yield "libmsg.errors"
    yield "libmsg.types"
    for found in pkgutil.walk_packages(libmsg.client.__path__, "libmsg.client."):
        yield found.name


def test_types_are_right():
    made = subprocess.run(
        [
            sys.executable, "-m", "mypy", "--strict", "--no-error-summary",
            f"--cache-dir={os.environ.get('MYPY_CACHE_DIR', os.devnull)}",
            "-p", "libmsg.client", "-p", "libmsg.types", "-m", "libmsg.errors",
        ],
        env={**os.environ, "MYPYPATH": str(PYTHON / "src")},
        capture_output=True,
        text=True,
    )  # fmt: skip
    assert (made.returncode, made.stdout) == (0, ""), made.stdout + made.stderr


@pytest.mark.parametrize("name", list(modules()))
def test_docstrings_are_true(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0


def test_generated_files_are_current():
    script = PYTHON / "tools" / "make_sync.py"
    made = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True)
    assert made.returncode == 0, made.stdout


def test_both_clients_have_the_same_calls():
    def calls(kind):
        return {
            name: [
                (p.name, p.kind, p.default) for p in inspect.signature(call).parameters.values()
            ]
            for name, call in inspect.getmembers(kind, inspect.isfunction)
            if not name.startswith("_")
        }

    waiting, awaited = calls(Client), calls(aio.Client)
    awaited["close"] = awaited.pop("aclose")
    assert waiting == awaited
    for name in waiting:
        if name not in SELF_EVIDENT:
            assert getattr(Client, name).__doc__, name


SELF_EVIDENT = {
    "load_user", "load_user_by_username", "remove_pin", "load_conversation", "rename_group",
    "change_role", "list_members", "revoke_invitation", "list_join_requests", "unblock",
    "list_blocks", "load_message", "remove_reaction", "pin", "unpin", "list_recipients",
    "rename_session", "list_api_keys", "revoke_api_key",
}  # fmt: skip


def test_nothing_compiled_is_needed():
    program = (
        "import sys; sys.modules['libmsg._libmsg'] = None\n"
        "import libmsg.client, libmsg.client.aio\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def sections():
    text = (ROOT / "docs" / "python.md").read_text()
    return text.partition("## Over the network: libmsg.client")[2].partition("\n## ")[0]


def test_what_the_document_shows_works(world, tmp_path, monkeypatch, capsys):
    """The snippets of a section are one program, with these people in it."""
    alice, bob, talk = world.pair()
    carol = world.person()
    snippets = re.findall(r"```python\n(.*?)```", sections(), re.DOTALL)
    assert len(snippets) >= 5
    monkeypatch.chdir(tmp_path)
    names = {
        "url": world.url,
        "token": alice.token,
        "bobs_token": bob.token,
        "key": world.key_token,
        "bob": bob.id,
        "alice": alice.id,
        "carol": carol.id,
    }
    for snippet in snippets:
        exec(compile(snippet, "docs/python.md", "exec"), names)
    printed = capsys.readouterr().out
    for shown in re.findall(r"```text\n(.*?)```", sections(), re.DOTALL):
        for line in shown.splitlines():
            assert line in printed


