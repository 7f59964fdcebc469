# SPDX-License-Identifier: Apache-2.0
"""A session in a terminal, as a document shows it, done again in a real one.

    $ command           is typed at the shell, and "> …" below it, too
    bob> words          is typed at msgctl's prompt; ^D ends it
    anything else       has to appear, in this order; … stands for whatever may be there, and so do
                        times and dates, and one ✓ for two
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from contextlib import suppress
from pathlib import Path

PATIENCE_S = 120
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r|\x07")


class Terminal:
    """A bash in a folder, on a terminal of its own."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.shown = ""
        self._at = 0  # behind what was expected
        self._seen = b""
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execve("/bin/bash", ["bash", "--norc", "--noprofile", "-i"], environment)
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 400, 0, 0))

    def type(self, line: str) -> None:
        keys = b"\x04" if line == "^D" else line.encode() + b"\n"
        os.write(self._fd, keys)

    def expect(self, pattern: str) -> None:
        """Waits for it, behind all that was expected before."""
        deadline = time.monotonic() + PATIENCE_S
        while not (found := re.compile(pattern).search(self.shown, self._at)):
            left = deadline - time.monotonic()
            ready = select.select([self._fd], [], [], max(left, 0))[0]
            assert ready, f"waited for {pattern!r}; behind what was expected came\n" + self.rest()
            try:
                self._seen += os.read(self._fd, 65536)
            except OSError:
                raise AssertionError(f"ended before {pattern!r}; there was\n{self.shown}") from None
            self.shown = ESCAPES.sub("", self._seen.decode(errors="replace"))
        self._at = found.end()

    def rest(self) -> str:
        return self.shown[self._at :]

    def close(self) -> None:
        """Ends the shell and all that was begun in it."""
        for process in map(int, filter(str.isdecimal, os.listdir("/proc"))):
            with suppress(ProcessLookupError):
                if os.getsid(process) == self.pid:
                    os.kill(process, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._fd)


def pattern_of(line: str) -> str:
    pattern = re.sub(r"(\\ )+", r"\\s+", re.escape(line.strip()))
    pattern = pattern.replace("…", ".*").replace("✓", "✓+")
    pattern = re.sub(r"\d\d:\d\d", r"\\d\\d:\\d\\d", pattern)
    return re.sub(r"\d{4}\\-\d\d\\-\d\d", r"\\d{4}-\\d\\d-\\d\\d", pattern)


def replay(transcript: str, terminal: Terminal) -> None:
    """Does again what it shows."""
    terminal.expect(r"\$ ")
    for line in transcript.splitlines():
        typed = re.match(r"(\$|>|\w+>) (.*)", line)
        if typed and typed[1] == "$":
            terminal.type(typed[2])
            terminal.expect(re.escape(typed[2][-20:]))
        elif typed:
            terminal.type(typed[2])
            if typed[2] == "^D":
                terminal.expect(r"\$ ")
        else:
            terminal.expect(pattern_of(line))
