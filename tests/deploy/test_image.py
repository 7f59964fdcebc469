# SPDX-License-Identifier: Apache-2.0
"""The Dockerfile's image, built without an engine: it serves, unprivileged, on a read-only root.

Compiling takes minutes, so the stage `built` is replaced by the programs under test, unless
LIBMSG_IMAGE says `sources`, as scripts/test --long does.
"""

import json
import os
import pathlib
import shutil
import stat
import subprocess
import tempfile
import urllib.request

import pytest
from helper import free_port
from image import Builder, Container, added_bytes, make_bare

ADDED_MIB_MAX = 90  # by us, to Debian
FROM_SOURCES = os.environ.get("LIBMSG_IMAGE") == "sources"


@pytest.fixture(scope="module")
def image():
    """(root, configuration, bare) of the built image."""
    if os.geteuid() != 0:
        pytest.skip("debootstrap and chroot need root")
    bare = pathlib.Path(os.environ["LIBMSG_BUILD_DIR"]) / "bare"
    make_bare(bare)
    builder = Builder(pathlib.Path(tempfile.mkdtemp(prefix="msgd-image-", dir="/var/tmp")))
    try:
        builder.import_base(bare)
        if FROM_SOURCES:
            builder.build("msgd")
        else:
            built = builder.folder / "built"
            built.mkdir()
            for variable in ("MSGD", "MSGCTL"):
                program = pathlib.Path(os.environ[variable])
                subprocess.run(["strip", "-o", built / program.name, program], check=True)
            said = builder.build("msgd", f"--build-context=built={built}")
            assert "cmake" not in said, "the stage that compiles was not left out"
        yield builder.root_of("msgd"), builder.configuration("msgd"), bare
    finally:
        builder.remove()


@pytest.fixture
def start(image):
    root, configuration, _ = image
    started = []

    def run(**environment):
        container = Container(root, configuration, {"PORT": free_port(), **environment})
        started.append(container)
        return container

    yield run
    for container in started:
        container.remove()


def test_it_serves_unprivileged_on_a_read_only_root(start, image):
    port = free_port()
    container = start(PORT=port)
    container.wait_until_healthy()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
        assert answer.status == 200
    status = pathlib.Path(f"/proc/{container.pid()}/status").read_text()
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert set(fields["Uid"].split()) == {"10001"} and set(fields["Gid"].split()) == {"10001"}
    assert fields["Name"] == "msgd" and int(fields["CapEff"], 16) == 0
    assert container.run("/bin/sh", "-c", "echo > /etc/x") != 0, "the root can be written"
    assert container.run("/bin/sh", "-c", "echo > /tmp/x") == 0
    database = container.volume / "msg.db"
    assert database.stat().st_uid == 10001
    assert stat.S_IMODE(container.volume.stat().st_mode) == 0o700
    assert container.terminate() == 0, container.text()


def test_the_health_check_fails_while_nobody_answers(start):
    container = start()
    container.wait_until_healthy()
    elsewhere = f"MSG_URL=http://127.0.0.1:{free_port()}"
    assert container.run("/usr/bin/env", elsewhere, *container.check[1:]) != 0


def test_the_variables_of_a_database_win_over_the_store_of_the_image(start):
    """Nobody is there, which it says, and it makes no file."""
    container = start(DB_HOST="127.0.0.1", DB_PORT=str(free_port()), DB_USER="msg", DB_PASSWORD="p")
    assert container.process.wait(60) == 1
    assert "127.0.0.1" in container.text()
    assert list(container.volume.iterdir()) == []


def test_it_is_small(image):
    root, configuration, bare = image
    added = added_bytes(root, bare) / 2**20
    print(f"{added:.0f} MiB above Debian")
    assert added < ADDED_MIB_MAX
    left = shutil.which("g++", path=str(root / "usr/bin")) or (root / "libmsg").exists()
    assert not left, "what compiles is not for the image"
    assert "MSG_CONFIG=/etc/msgd.toml" in configuration["Env"], json.dumps(configuration)
