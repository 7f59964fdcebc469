# SPDX-License-Identifier: Apache-2.0
"""A wheel, as pip makes it, in an environment that has nothing else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from conftest import SOURCE
from terminal import Terminal, replay

BUILD = Path(os.environ["LIBMSG_BUILD_DIR"])


def run(*command: object, cwd: Path, **environment: str) -> str:
    clean = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "LD_PRELOAD")}
    done = subprocess.run(
        [*map(str, command)],
        cwd=cwd,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    # The library is there already; the wheel takes it, installed, instead of the tree's.
    prefix = folder / "libmsg"
    run("cmake", "--install", BUILD, "--component", "libmsg", "--prefix", prefix, cwd=folder)
    # Python and pybind11 are Debian's; only scikit-build-core has to come from PyPI there.
    venv.create(folder / "builder", with_pip=True, system_site_packages=True)
    builder = folder / "builder" / "bin" / "python"
    run(builder, "-m", "pip", "install", "-q", "scikit-build-core>=0.8", cwd=folder)
    run(
        builder, "-m", "pip", "wheel", "-q", "--no-build-isolation", "--no-deps",
        "--config-settings=cmake.define.MSG_PYTHON_INSTALLED_LIBMSG=ON",
        f"--config-settings=cmake.define.CMAKE_PREFIX_PATH={prefix}",
        f"--config-settings=build-dir={folder}/build",
        "-w", folder / "wheels", SOURCE / "bindings" / "python",
        cwd=folder,
    )  # fmt: skip
    (made,) = (folder / "wheels").glob("libmsg-*.whl")
    assert f"cp{sys.version_info.major}{sys.version_info.minor}" in made.name
    return made


def test_a_wheel_runs_in_a_fresh_environment(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "fresh", with_pip=True)
    python = tmp_path / "fresh" / "bin" / "python"
    run(python, "-m", "pip", "install", "-q", "--no-index", wheel, cwd=tmp_path)
    found = run(python, "-c", "import libmsg._libmsg as m; print(m.__file__)", cwd=tmp_path)
    assert found.startswith(str(tmp_path / "fresh"))
    for file in ("py.typed", "_libmsg.pyi"):
        assert (Path(found.strip()).parent / file).is_file()


if "MSGD" in os.environ:

    def test_the_transcript_of_the_document_is_true(wheel: Path, tmp_path: Path) -> None:
        document = (SOURCE / "docs" / "python.md").read_text()
        (transcript,) = re.findall(r"^```console\n(.*?)^```", document, re.DOTALL | re.MULTILINE)
        # The tree, but for the wheel that is there already.
        (tmp_path / "examples").symlink_to(SOURCE / "examples")
        (tmp_path / "build" / "release").mkdir(parents=True)
        (tmp_path / "build" / "release" / "bin").symlink_to(Path(os.environ["MSGD"]).parent)
        assert transcript.count("./bindings/python[client]") == 1
        transcript = transcript.replace("./bindings/python[client]", f"{wheel}[client]")
        clean = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "MSGD", "MSGCTL")}
        terminal = Terminal(
            tmp_path,
            {
                **clean,
                "PATH": "/usr/bin:/bin",  # Debian's Python, for which the wheel is
                "LC_ALL": "C.UTF-8",
                "TERM": "xterm",
                "PS1": "$ ",
                "PORT": "0",
                "VIRTUAL_ENV_DISABLE_PROMPT": "1",
            },
        )
        try:
            replay(transcript, terminal)
        finally:
            terminal.close()
