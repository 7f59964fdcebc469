# SPDX-License-Identifier: Apache-2.0
"""What docstrings and documents show is what happens."""

from __future__ import annotations

import doctest
import importlib
import os
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import libmsg
import pytest
from conftest import SOURCE, chat_in

MODULES = [
    module.name
    for module in pkgutil.walk_packages(libmsg.__path__, "libmsg.")
    if not module.name.startswith("libmsg.client") and module.name != "libmsg._libmsg"
]


def examples() -> list[doctest.DocTest]:
    finder = doctest.DocTestFinder(exclude_empty=True)
    found = [t for name in MODULES for t in finder.find(importlib.import_module(name))]
    return [test for test in found if test.examples]


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
def test_examples_of_docstrings(example: doctest.DocTest) -> None:
    with libmsg.open("memory:") as messenger:
        chat = chat_in(messenger)
        example.globs.update(
            messenger=messenger, alice=chat.alice, bob=chat.bob, talk=chat.talk
        )
        runner = doctest.DocTestRunner(optionflags=doctest.IGNORE_EXCEPTION_DETAIL)
        said: list[str] = []
        assert runner.run(example, out=said.append).failed == 0, "".join(said)


def test_the_main_calls_have_examples() -> None:
    assert len(examples()) >= 25


BLOCK = re.compile(r"^```python\n(.*?)^```\n(?:```text\n(.*?)^```\n)?", re.DOTALL | re.MULTILINE)


def run_document(document: Path, heading: str | None, folder: Path) -> None:
    """All Python of a document, or of one part of it, in order, as one program; what a block
    prints is what the text block behind it says."""
    text = document.read_text()
    if heading:
        text = re.split(rf"^## {re.escape(heading)}\n", text, flags=re.MULTILINE)[1]
        text = re.split(r"^## ", text, flags=re.MULTILINE)[0]
    blocks = BLOCK.findall(text)
    assert blocks
    program = "".join(f"{code}\nprint('-' * 7, flush=True)\n" for code, _ in blocks)
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env={**os.environ, "MPLBACKEND": "agg", "MPLCONFIGDIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    printed = done.stdout.split("-------\n")
    for (code, expected), out in zip(blocks, printed, strict=False):
        assert out == expected or not expected, code


def test_the_document_runs(tmp_path: Path) -> None:
    run_document(SOURCE / "docs" / "python.md", "In your process", tmp_path)


def test_the_tutorial_runs_and_draws(tmp_path: Path) -> None:
    run_document(SOURCE / "docs" / "python-tutorial.md", None, tmp_path)
    for picture in ("messages-per-day.png", "response-times.png"):
        assert (tmp_path / picture).read_bytes().startswith(b"\x89PNG")
