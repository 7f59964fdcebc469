# SPDX-License-Identifier: Apache-2.0
"""Starts msgd for the tests in this folder, and speaks to it byte by byte.

The binaries are named by the variables MSGD and MSGCTL. Each server runs in a temporary folder, on
a port the system picks, and is known to be up by the line it logs.
"""

import json
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time

import pytest
from postgres import Postgres

START_S = 30.0
REPLY_S = 20.0
HOST = "127.0.0.1"


class Msgd:
    """A running msgd: where it listens, its folder, and every line of its log so far."""

    def __init__(self, binary, arguments=(), environment=None, rate_limits=False):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="msgd-test-"))
        variables = {k: v for k, v in os.environ.items() if not k.startswith("MSG_") and k != "PORT"}
        variables.update(environment or {})
        listen = [] if "--listen" in arguments else ["--listen", f"{HOST}:0"]
        # Tests are quicker than people: only those of the limits have any.
        unlimited = [] if rate_limits else ["--no-rate-limits"]
        self.process = subprocess.Popen(
            [binary, "--dev", "--log-format", "json", *listen, *unlimited, *arguments],
            cwd=self.folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=open(self.folder / "stdout", "wb"),
            stderr=subprocess.PIPE,
        )
        self.log = []
        self.tokens = None
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()
        try:
            self.port = self.wait_for_log("listening")["port"]
        except AssertionError:
            self.kill()
            raise
        self.url = f"http://{HOST}:{self.port}"
        self.address = (HOST, self.port)

    def _read_log(self):
        for line in self.process.stderr:
            try:
                entry = json.loads(line)
            except ValueError:
                entry = {"event": "raw", "text": line.decode(errors="replace")}
            with self._changed:
                self.log.append(entry)
                self._changed.notify_all()
        with self._changed:
            self.log.append({"event": "end of log"})
            self._changed.notify_all()

    def wait_for_log(self, event, timeout=START_S, **fields):
        """The first log entry of that event with those fields, as soon as there is one."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while True:
                for entry in self.log:
                    if entry["event"] == event and fields.items() <= entry.items():
                        return entry
                if self.log and self.log[-1]["event"] == "end of log":
                    raise AssertionError(f"msgd ended without {event}: {self.log}")
                left = deadline - time.monotonic()
                assert left > 0, f"no {event} {fields} in the log: {self.log[-20:]}"
                self._changed.wait(left)

    def wait_for_any_log(self, events, since=0, timeout=START_S):
        """The first log entry of one of those events behind the first `since` entries."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while True:
                for entry in self.log[since:]:
                    if entry["event"] in events:
                        return entry
                left = deadline - time.monotonic()
                assert left > 0, f"none of {events} in the log: {self.log[-20:]}"
                self._changed.wait(left)

    def dev_tokens(self):
        """What --dev wrote for its users: the content of dev-tokens.json."""
        if self.tokens is None:
            path = self.folder / self.wait_for_log("dev.seeded")["file"]
            self.tokens = json.loads(path.read_text())
        return self.tokens

    def connect(self, receive_buffer=None):
        return Peer(self.address, receive_buffer)

    def memory_kib(self):
        """Resident memory of the process."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])

    def assert_alive(self):
        assert self.process.poll() is None, f"msgd has ended: {self.log[-20:]}"
        with self.connect() as peer:
            peer.send(b"GET /healthz HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
            assert peer.read_response().status == 200

    def terminate(self, timeout=START_S):
        """Asks it to end and gives its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        """Ends it; a sanitizer's finding fails the test."""
        try:
            code = self.process.poll()
            if code is None:
                code = self.terminate()
            self._reader.join(START_S)
            text = [e["text"] for e in self.log if e["event"] == "raw"] or self.log[-3:]
            assert code in (0, -signal.SIGKILL), f"exit code {code}: {text}"
        finally:
            if self.process.poll() is None:
                self.kill()
            shutil.rmtree(self.folder, ignore_errors=True)


class Response:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers  # list of (lower-case name, value)
        self.body = body

    def header(self, name):
        values = [v for n, v in self.headers if n == name]
        assert len(values) <= 1, f"{name} twice: {values}"
        return values[0] if values else None

    def json(self):
        return json.loads(self.body)


class Peer:
    """One TCP connection; reads with a deadline."""

    def __init__(self, address, receive_buffer=None):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(REPLY_S)
        self.socket.connect(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.pending = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def _fill(self):
        data = self.socket.recv(65536)
        self.pending += data
        return bool(data)

    def read_exactly(self, size):
        while len(self.pending) < size:
            if not self._fill():
                raise EOFError(self.pending)
        data, self.pending = self.pending[:size], self.pending[size:]
        return data

    def read_until(self, mark):
        while mark not in self.pending:
            if not self._fill():
                raise EOFError(self.pending)
        end = self.pending.index(mark) + len(mark)
        return self.read_exactly(end)

    def read_response(self, head_only=False):
        head = self.read_until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        version, status, _ = head[0].split(" ", 2)
        assert version == "HTTP/1.1"
        headers = [(n.lower(), v.strip()) for n, v in (x.split(":", 1) for x in head[1:] if x)]
        size = int(dict(headers).get("content-length", 0))
        return Response(int(status), headers, b"" if head_only else self.read_exactly(size))

    def read_to_end(self):
        """Everything until the server closes; a reset counts as an end."""
        try:
            while self._fill():
                pass
        except ConnectionResetError:
            pass
        data, self.pending = self.pending, b""
        return data

    def expect_end(self):
        """The server closes, and says nothing more."""
        assert self.read_to_end() == b""


WS_PATH = "/api/v1/ws"
WS_KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # and its answer, from RFC 6455
WS_ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


def upgrade_request(path=WS_PATH, drop=(), **headers):
    """An upgrade request; `drop` leaves headers out, a keyword (with _ for -) replaces or adds."""
    fields = {
        "Host": "t",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": WS_KEY,
    }
    for name, value in headers.items():
        name = name.replace("_", "-")
        known = [n for n in fields if n.lower() == name.lower()]
        fields[known[0] if known else name] = value
    lines = [f"{n}: {v}" for n, v in fields.items() if n not in drop]
    return "\r\n".join([f"GET {path} HTTP/1.1", *lines, "", ""]).encode()


def ws_frame(first, payload=b"", mask=b"\x12\x34\x56\x78", length=None):
    """A client's frame; `length`: the bytes of the length field, to say something else."""
    size = len(payload)
    if length is None:
        if size < 126:
            length = bytes([size])
        elif size < 65536:
            length = b"\x7e" + struct.pack(">H", size)
        else:
            length = b"\x7f" + struct.pack(">Q", size)
    if mask is None:
        return bytes([first]) + length + payload
    repeated = mask * (size // 4 + 1)
    masked = bytes(a ^ b for a, b in zip(payload, repeated))
    return bytes([first, length[0] | 0x80]) + length[1:] + mask + masked


class WebSocket(Peer):
    """A WebSocket made of bare frames."""

    def __init__(self, address, receive_buffer=None, behind=b"", **upgrade):
        super().__init__(address, receive_buffer)
        self.send(upgrade_request(**upgrade) + behind)
        response = self.read_response(head_only=True)
        assert response.status == 101, response.status

    def read_frame(self):
        first, second = self.read_exactly(2)
        assert second < 128, "a server's frame is masked"
        size = second
        if size == 126:
            (size,) = struct.unpack(">H", self.read_exactly(2))
        elif size == 127:
            (size,) = struct.unpack(">Q", self.read_exactly(8))
        return first, self.read_exactly(size)

    def send_json(self, value):
        self.send(ws_frame(0x81, json.dumps(value).encode()))

    def read_json(self):
        """The next text frame; answers pings on the way."""
        while True:
            first, payload = self.read_frame()
            if first == 0x89:
                self.send(ws_frame(0x8A, payload))
            elif first == 0x81:
                return json.loads(payload)
            else:
                raise AssertionError(f"frame {first:#x} {payload!r} instead of text")

    def read_close(self):
        """(code, reason) of the close frame, after whatever comes before it."""
        while True:
            first, payload = self.read_frame()
            if first == 0x88:
                if not payload:
                    return None, ""
                return struct.unpack(">H", payload[:2])[0], payload[2:].decode()


def binary(variable):
    path = os.environ.get(variable)
    if not path:
        pytest.fail(f"set {variable} to the program under test, as ctest does")
    return str(pathlib.Path(path).resolve())  # it starts in another folder


def memory_factor():
    """How many times the memory a sanitizer takes, for bounds on it."""
    program = pathlib.Path(binary("MSGD")).read_bytes()
    return 12 if b"__asan_init" in program or b"__tsan_init" in program else 1


@pytest.fixture(scope="session")
def msgd():
    """A server with the default limits, shared by all tests of the session."""
    server = Msgd(binary("MSGD"))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def quick_msgd():
    """A server whose deadlines are short, shared by the tests of a file."""
    server = Msgd(binary("MSGD"), QUICK)
    yield server
    server.stop()


QUICK = (
    "--head-timeout-ms=700",
    "--body-timeout-ms=2000",
    "--body-grace-ms=800",
    "--write-timeout-ms=700",
    "--keep-alive-timeout-ms=1200",
    "--ws-ping-interval-ms=500",
    "--ws-silence-timeout-ms=1500",
    "--ws-close-timeout-ms=500",
    "--requests-per-connection-max=5",
    "--unproven-per-address-max=8",
)


@pytest.fixture
def start_msgd():
    """Starts servers of the test's own: start_msgd("--flag", …)."""
    servers = []

    def start(*arguments, environment=None, rate_limits=False):
        servers.append(Msgd(binary("MSGD"), arguments, environment, rate_limits))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


def run_postgres():
    server = Postgres()
    yield server
    server.stop()


@pytest.fixture
def own_postgres():
    """A PostgreSQL server of the test's own."""
    yield from run_postgres()


@pytest.fixture(scope="module")
def postgres():
    """One for all tests of a file."""
    yield from run_postgres()


@pytest.fixture(scope="session")
def msgctl():
    """The path of msgctl."""
    return binary("MSGCTL")
