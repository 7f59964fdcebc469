# SPDX-License-Identifier: Apache-2.0
"""Builds the image of the Dockerfile with buildah, which needs no engine, and runs it.

buildah's own isolation without an engine leaves the root writable and does not run health checks.
So a container here is what an engine would make of the image's configuration: mounts and processes
of its own, a root that cannot be written, the volume, /tmp in memory, the image's user without any
privilege.
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

SOURCE = pathlib.Path(os.environ["LIBMSG_SOURCE_DIR"])
BASE = "docker.io/library/debian:bookworm-slim"  # what the Dockerfile calls it
START_S = 60.0


class Builder:
    """buildah with a storage of its own in `folder`."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "home").mkdir()
        self.environment = os.environ | {
            "HOME": str(folder / "home"), "BUILDAH_ISOLATION": "chroot"}

    def run(self, *arguments):
        done = subprocess.run(
            ["buildah", "--root", self.folder / "storage", "--runroot", self.folder / "run",
             *arguments],
            cwd=SOURCE, env=self.environment, stdin=subprocess.DEVNULL, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert done.returncode == 0, done.stdout[-8000:]
        return done.stdout

    def import_base(self, bare):
        """The folder of a bare Debian becomes the base of the Dockerfile."""
        archive = self.folder / "base.tar"
        subprocess.run(["tar", "-C", bare, "-cf", archive, "."], check=True)
        container = self.run("from", "scratch").split()[-1]
        self.run("add", "--quiet", container, archive, "/")
        self.run("commit", "--quiet", container, BASE)
        self.run("rm", container)
        archive.unlink()

    def build(self, tag, *arguments):
        # The packages come over this machine's network.
        return self.run("bud", "--pull=never", "--network=host", "--format=docker",
                        *arguments, "-t", tag, ".")

    def configuration(self, tag):
        return json.loads(self.run("inspect", "--type", "image", tag))["Docker"]["config"]

    def root_of(self, tag):
        """A folder with the image's files."""
        container = self.run("from", "--pull=never", tag).split()[-1]
        return pathlib.Path(self.run("mount", container).split()[-1])

    def remove(self):
        subprocess.run(["buildah", "--root", self.folder / "storage", "--runroot",
                        self.folder / "run", "umount", "--all"],
                       env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        shutil.rmtree(self.folder, ignore_errors=True)


def make_bare(directory):
    """A Debian 12 with nothing in it, which is kept for the next time."""
    subprocess.run(
        ["bash", "-euo", "pipefail", "-c",
         'die() { echo "$*" >&2; exit 1; }; source scripts/lib/bare.sh; make_bare "$1"',
         "make_bare", directory], cwd=SOURCE, check=True, stdin=subprocess.DEVNULL)


def added_bytes(root, bare):
    """Of all files of an image that its base does not have."""
    return sum(f.lstat().st_size for f in root.rglob("*")
               if not f.is_symlink() and f.is_file() and not (bare / f.relative_to(root)).exists())


def numbers_of(root, user):
    """(uid, gid) of UID:GID, or of a name that the image's passwd has."""
    if ":" in user:
        return user.split(":")
    for line in (root / "etc" / "passwd").read_text().splitlines():
        name, _, uid, gid, *_ = line.split(":")
        if name == user:
            return uid, gid
    raise AssertionError(f"the image has no user {user}")


ISOLATE = """set -e
root=$1 volume=$2 mount_point=$3; shift 3
mount --bind "$root" "$root"
mount --bind "$volume" "$root$mount_point"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -o remount,bind,ro "$root"
cd "$root"
exec chroot "$root" "$@"
"""


class Container:
    """What an engine would run of the image with --read-only --cap-drop ALL."""

    def __init__(self, root, configuration, environment, command=None):
        self.volume = pathlib.Path(tempfile.mkdtemp(prefix="msgd-volume-", dir="/var/tmp"))
        self.user, self.group = numbers_of(root, configuration["User"])
        (mount_point,) = configuration["Volumes"]
        inside = root / mount_point.lstrip("/")
        shutil.copystat(inside, self.volume)  # as an engine fills a new volume
        os.chown(self.volume, inside.stat().st_uid, inside.stat().st_gid)
        variables = [*configuration["Env"], *(f"{k}={v}" for k, v in environment.items())]
        self.as_user = [
            "/usr/bin/setpriv", f"--reuid={self.user}", f"--regid={self.group}", "--clear-groups",
            "--no-new-privs", "--bounding-set=-all", "/usr/bin/env", "-i", *variables,
            f"--chdir={configuration['WorkingDir']}"]
        self.check = configuration.get("Healthcheck", {}).get("Test")
        self.log = open(self.volume.with_suffix(".log"), "w+b")
        self.process = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child",
             "sh", "-c", ISOLATE, "container", root, self.volume, mount_point, *self.as_user,
             *configuration["Entrypoint"], *(command or configuration.get("Cmd") or [])],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def pid(self):
        """Of its first process, outside, once there is one."""
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        deadline = time.monotonic() + START_S
        while not (children := tasks.read_text().split()):
            assert self.process.poll() is None and time.monotonic() < deadline, self.text()
            time.sleep(0.01)
        return int(children[0])

    def run(self, *command):
        """The exit code of a command inside, as the same user."""
        return subprocess.run(
            ["nsenter", f"--target={self.pid()}", "--mount", "--pid", "--root", "--wd",
             *self.as_user, *command],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL).returncode

    def is_healthy(self):
        kind, *command = self.check
        assert kind == "CMD"
        return self.run(*command) == 0

    def wait_until_healthy(self):
        self.wait_until(self.is_healthy)

    def wait_until(self, condition):
        deadline = time.monotonic() + START_S
        while not condition():
            assert self.process.poll() is None and time.monotonic() < deadline, self.text()
            time.sleep(0.1)

    def text(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def terminate(self):
        os.kill(self.pid(), signal.SIGTERM)
        return self.process.wait(START_S)

    def remove(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log.close()
        pathlib.Path(self.log.name).unlink()
        shutil.rmtree(self.volume, ignore_errors=True)
