# SPDX-License-Identifier: Apache-2.0
"""The package as CMake installs it, without pip, for the Python of the system."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

BUILD = Path(os.environ["LIBMSG_BUILD_DIR"])
PROGRAM = """
import libmsg, libmsg.aio, libmsg.client
with libmsg.open("memory:") as chat:
    print(chat.register_user("+1 415 555 0101", display_name="Alice").display_name)
print(libmsg._libmsg.__file__)
"""


def test_the_component_is_a_package_that_can_be_imported(tmp_path: Path) -> None:
    prefix = tmp_path / "prefix"
    subprocess.run(
        ["cmake", "--install", BUILD, "--component", "python", "--prefix", prefix],
        check=True,
        capture_output=True,
    )
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    package = prefix / "lib" / version / "dist-packages" / "libmsg"
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(package.parent)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    name, module = done.stdout.splitlines()
    assert name == "Alice"
    assert Path(module).parent == package
    assert (package / "py.typed").is_file() and (package / "_libmsg.pyi").is_file()
    # Nothing but the package: no library, no header, no program.
    assert [p.relative_to(prefix).parts[0] for p in prefix.glob("*")] == ["lib"]
    assert list((prefix / "lib").iterdir()) == [prefix / "lib" / version]
