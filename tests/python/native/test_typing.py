# SPDX-License-Identifier: Apache-2.0
"""What a type checker and a reader of the stubs are told is so."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import libmsg
import pytest
from conftest import SOURCE

PYTHON = SOURCE / "bindings" / "python"
STUB = PYTHON / "src" / "libmsg" / "_libmsg.pyi"


def run(*command: object, **options: object) -> None:
    done = subprocess.run(
        [sys.executable, *map(str, command)],
        capture_output=True,
        text=True,
        check=False,
        **options,  # type: ignore[call-overload]
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_mypy_finds_nothing_in_the_strictest_mode(tmp_path: Path) -> None:
    config = PYTHON / "pyproject.toml"
    run(
        "-m", "mypy", "--strict", "--config-file", config, "--cache-dir", tmp_path, "-p", "libmsg",
        cwd=PYTHON / "src",
    )  # fmt: skip


def test_mypy_knows_what_calls_return(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        """
import libmsg
import libmsg.aio
with libmsg.open("memory:", node=3) as chat:
    alice: int = chat.register_user("+1 415 555 0101").id
    for message in chat.history(alice, 1):
        text: str = message.content
    reveal_type(chat.history(alice, 1).page())
async def main() -> None:
    async with libmsg.aio.open("memory:") as messenger:
        reveal_type(await messenger.load_user(alice))
"""
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--enable-incomplete-feature=Unpack",
         "--cache-dir", str(tmp_path / "cache"), str(program)],
        capture_output=True, text=True, check=False, cwd=tmp_path,
        env={"MYPYPATH": str(PYTHON / "src"), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "libmsg.types.conversations.Page[libmsg.types.messages.Message]" in done.stdout
    assert "libmsg.types.people.User" in done.stdout


def test_stubs_and_module_agree() -> None:
    from libmsg import _libmsg

    stub = {node.name: node for node in ast.parse(STUB.read_text()).body if hasattr(node, "name")}
    public = {name for name in vars(_libmsg) if not name.startswith("_")}
    assert set(stub) == public
    for name, node in stub.items():
        if isinstance(node, ast.FunctionDef):
            assert arguments_of(getattr(_libmsg, name)) == len(node.args.posonlyargs), name
            continue
        kind = getattr(_libmsg, name)
        methods = {n.name: n for n in node.body if isinstance(n, ast.FunctionDef)}
        own = {n for n in vars(kind) if not n.startswith("_")}
        assert own == {n for n in methods if not n.startswith("_")}, name
        for method, told in methods.items():
            if told.decorator_list or method == "__buffer__":
                continue
            if method == "__init__" or method in vars(kind):
                found = arguments_of(getattr(kind, method))
                assert found in (len(told.args.posonlyargs), None), (name, method)


def arguments_of(function: object) -> int | None:
    """From the signature that pybind11 writes into the docstring."""
    first = (function.__doc__ or "").splitlines()[0]
    if "(" not in first or " -> " not in first:
        return None
    inside = first[first.index("(") + 1 : first.rindex(") -> ")]
    depth = count = 0
    for letter in inside:
        depth += (letter in "([") - (letter in ")]")
        count += letter == "," and depth == 0
    return count + 1 if inside else 0


@pytest.mark.parametrize("name", ["make_aio"])
def test_what_is_made_is_current(name: str) -> None:
    run(PYTHON / "tools" / f"{name}.py", "--check")


def test_what_the_package_promises_is_there() -> None:
    for name in dir(libmsg):
        if name != "client":
            getattr(libmsg, name)
    with pytest.raises(AttributeError):
        libmsg.nothing  # type: ignore[attr-defined]


def test_the_client_needs_nothing_compiled() -> None:
    run(
        "-c",
        "import sys; sys.modules['libmsg._libmsg'] = None; import libmsg; "
        "libmsg.types.User; libmsg.Listing; libmsg.NotFound",
    )
