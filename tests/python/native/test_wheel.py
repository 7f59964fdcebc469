# SPDX-License-Identifier: Apache-2.0
"""A wheel, as pip makes it, in an environment that has nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

from conftest import SOURCE

BUILD = Path(os.environ["LIBMSG_BUILD_DIR"])
THREE_LINES = """
import libmsg
with libmsg.open("sqlite:chat.db") as chat:
    print(chat.register_user("+1 415 555 0101", display_name="Alice").display_name)
"""


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


def test_a_wheel_is_built_and_runs_in_a_fresh_environment(tmp_path: Path) -> None:
    # The library is there already; the wheel takes it, installed, instead of the tree's.
    prefix = tmp_path / "libmsg"
    run("cmake", "--install", BUILD, "--component", "libmsg", "--prefix", prefix, cwd=tmp_path)
    # Python and pybind11 are Debian's; only scikit-build-core has to come from PyPI there.
    venv.create(tmp_path / "builder", with_pip=True, system_site_packages=True)
    builder = tmp_path / "builder" / "bin" / "python"
    run(builder, "-m", "pip", "install", "-q", "scikit-build-core>=0.8", cwd=tmp_path)
    run(
        builder, "-m", "pip", "wheel", "-q", "--no-build-isolation", "--no-deps",
        "--config-settings=cmake.define.MSG_PYTHON_INSTALLED_LIBMSG=ON",
        f"--config-settings=cmake.define.CMAKE_PREFIX_PATH={prefix}",
        f"--config-settings=build-dir={tmp_path}/build",
        "-w", tmp_path / "wheels", SOURCE / "bindings" / "python",
        cwd=tmp_path,
    )  # fmt: skip
    (wheel,) = (tmp_path / "wheels").glob("libmsg-*.whl")
    assert f"cp{sys.version_info.major}{sys.version_info.minor}" in wheel.name

    venv.create(tmp_path / "fresh", with_pip=True)
    python = tmp_path / "fresh" / "bin" / "python"
    run(python, "-m", "pip", "install", "-q", "--no-index", wheel, cwd=tmp_path)
    assert run(python, "-c", THREE_LINES, cwd=tmp_path) == "Alice\n"
    found = run(python, "-c", "import libmsg._libmsg as m; print(m.__file__)", cwd=tmp_path)
    assert found.startswith(str(tmp_path / "fresh"))
    for file in ("py.typed", "_libmsg.pyi"):
        assert (Path(found.strip()).parent / file).is_file()
