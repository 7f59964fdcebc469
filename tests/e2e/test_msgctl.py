# SPDX-License-Identifier: Apache-2.0
"""msgctl as people and scripts use it: against a store, against a server, in pipes, in a terminal."""

import fcntl
import json
import os
import pty
import signal
import struct
import subprocess
import termios
import threading
import time

import pytest
from conftest import HOST, REPLY_S


class Ended(Exception):
    pass


def environment(**variables):
    """Ours without what would reach into msgctl, and a language with UTF-8."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("MSG_")}
    return {**clean, "LC_ALL": "C.UTF-8", "TERM": "xterm", **variables}


class Ctl:
    """Runs msgctl in one folder."""

    def __init__(self, binary, folder):
        self.binary = binary
        self.folder = folder

    def run(self, *arguments, text="", **variables):
        return subprocess.run([self.binary, *arguments], cwd=self.folder, input=text.encode(),
                              capture_output=True, timeout=60, env=environment(**variables))

    def ok(self, *arguments, text="", **variables):
        done = self.run(*arguments, text=text, **variables)
        assert done.returncode == 0, done.stderr.decode()
        assert done.stderr == b""
        return done.stdout.decode()

    def fails(self, code, *arguments, **variables):
        done = self.run(*arguments, **variables)
        assert done.returncode == code, done.stdout + done.stderr
        assert done.stdout == b""
        return done.stderr.decode()


class Stream:
    """Output of a process, as far as it has come."""

    def __init__(self, descriptor):
        self.descriptor = descriptor
        self.text = ""
        self.ended = False
        self.changed = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        data = b""
        while True:
            try:
                got = os.read(self.descriptor, 65536)
            except OSError:  # what a terminal says when its other side is gone
                got = b""
            with self.changed:
                data += got
                self.text = data.decode(errors="replace")
                self.ended = not got
                self.changed.notify_all()
            if not got:
                return

    def wait(self, predicate):
        deadline = time.monotonic() + REPLY_S
        with self.changed:
            while not (found := predicate(self.text)):
                if self.ended:
                    raise Ended(self.text)
                left = deadline - time.monotonic()
                assert left > 0, f"not seen in:\n{self.text}"
                self.changed.wait(left)
            return found

    def wait_for(self, text, after=0):
        """The place behind the first `text` from `after` on."""
        return self.wait(lambda all: all.find(text, after) + 1 and all.find(text, after) + len(text))


class PipeChat:
    def __init__(self, ctl, *arguments):
        self.process = subprocess.Popen([ctl.binary, "chat", *arguments], cwd=ctl.folder,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, env=environment())
        self.out = Stream(self.process.stdout.fileno())

    def say(self, *lines):
        self.process.stdin.write("".join(line + "\n" for line in lines).encode())
        self.process.stdin.flush()

    def end(self):
        self.process.stdin.close()
        return self.process.wait(REPLY_S)


class TerminalChat:
    """msgctl in a terminal of its own."""

    def __init__(self, ctl, *arguments, columns=80, rows=24):
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.chdir(ctl.folder)
            os.execve(ctl.binary, [ctl.binary, "chat", *arguments], environment())
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.out = Stream(self.master)

    def press(self, keys):
        os.write(self.master, keys.encode())

    def end(self):
        """Exit code, once it has ended; what it said last is in `out`."""
        _, status = os.waitpid(self.pid, 0)
        try:
            self.out.wait(lambda text: False)
        except Ended:
            pass
        os.close(self.master)
        return os.waitstatus_to_exitcode(status)


@pytest.fixture
def ctl(msgctl, tmp_path):
    """Far from any server."""
    return Ctl(msgctl, tmp_path)


@pytest.fixture
def dev(msgctl, start_msgd):
    """In the folder of a server with alice, bob and carol: (Ctl, Msgd)."""
    server = start_msgd()
    server.dev_tokens()
    return Ctl(msgctl, server.folder), server


@pytest.fixture
def restart(start_msgd):
    """Kills a server like a power cut and starts it again in its place."""

    def do(first, latest, down=lambda: None):
        latest.kill()
        down()
        store = f"sqlite:{first.folder}/msg-data/msg.db"
        return start_msgd("--store", store, "--listen", f"{HOST}:{first.port}")

    return do


# Against a store --------------------------------------------------------------------------------


def test_first_user_token_and_key_on_a_store(ctl):
    store = ("--store", "sqlite:chat.db")
    key = ctl.ok(*store, "key", "new", "--name", "backend").strip()
    assert key.startswith("msk_")
    made = json.loads(ctl.ok(*store, "--json", "user", "add", "--phone", "+1 (415) 555-0100",
                             "--username", "dora", "--name", "Dora D."))
    assert made["phone"] == "+14155550100" and made["username"] == "dora"
    assert "dora" in ctl.ok(*store, "user", "list")
    for who in ("dora", "+14155550100", "0014155550100", made["id"]):
        assert "Dora D." in ctl.ok(*store, "user", "show", who)
    token = ctl.ok(*store, "token", "new", "dora", "--device", "laptop").strip()
    assert token.startswith("mss_")
    sessions = json.loads(ctl.ok(*store, "--json", "token", "list", "dora"))["items"]
    assert [s["device_name"] for s in sessions] == ["laptop"]
    ctl.ok(*store, "token", "revoke", "dora", sessions[0]["id"])
    assert json.loads(ctl.ok(*store, "--json", "token", "list", "dora"))["items"] == []
    keys = json.loads(ctl.ok(*store, "--json", "key", "list"))["items"]
    assert [k["name"] for k in keys] == ["backend"] and key not in str(keys)
    ctl.ok(*store, "key", "revoke", keys[0]["id"])


def test_a_refusal_names_what_is_wrong(ctl):
    store = ("--store", "sqlite:chat.db")
    ctl.ok(*store, "user", "add", "--phone", "+14155550100", "--username", "dora")
    assert "phone" in ctl.fails(1, *store, "user", "add", "--phone", "+14155550100")
    assert ctl.fails(1, *store, "user", "add", "--phone", "12").strip()
    assert "not_found" in ctl.fails(1, *store, "user", "show", "nobody")
    assert "sqlite:PATH" in ctl.fails(1, "--store", "paper:x", "user", "list")


def test_wrong_usage_is_2_and_says_how(ctl):
    for arguments in ((), ("chat",), ("user",), ("user", "add"), ("nonsense",), ("send", "bob"),
                      ("history", "bob", "--limit", "500", "--as", "alice"),
                      ("--url", "ftp://x", "health"), ("--token", "a", "--token-file", "b", "sync")):
        assert ctl.fails(2, *arguments).strip(), arguments


def test_help_teaches(ctl):
    for arguments in (("--help",), ("chat", "--help"), ("user", "add", "--help")):
        assert "msgctl" in ctl.ok(*arguments)
    assert "Exit codes" in ctl.ok("--help")


def test_no_server_is_3(ctl):
    assert "unreachable" in ctl.fails(3, "--url", f"http://{HOST}:1", "health")


def test_a_store_that_a_server_has_open_is_refused(dev):
    ctl, _ = dev
    assert ctl.fails(1, "--store", "sqlite:msg-data/msg.db", "user", "list").strip()


# Against a server -------------------------------------------------------------------------------


def test_messages_over_http(dev):
    ctl, _ = dev
    first = ctl.ok("send", "--as", "alice", "bob", "Hello Bob", "--client-id", "k1").strip()
    assert ctl.ok("send", "--as", "alice", "bob", "Hello Bob", "--client-id", "k1").strip() == first
    assert "conflict" in ctl.fails(1, "send", "--as", "alice", "bob", "Other", "--client-id", "k1")
    assert "alice: Hello Bob" in ctl.ok("history", "--as", "bob", "alice")
    assert "sent: 1 recipients" in ctl.ok("status", "--as", "alice", first)
    assert "Hello Bob" in ctl.ok("conversations", "--as", "bob")
    group = ctl.ok("group", "new", "--as", "alice", "--title", "Team", "bob", "carol").strip()
    ctl.ok("send", "--as", "carol", "--group", group, "to all")
    synced = json.loads(ctl.ok("sync", "--as", "bob", "--json"))
    assert [len(c["messages"]) for c in synced["conversations"]] == [1, 1]
    assert "conversations" in synced and json.loads(
        ctl.ok("sync", "--as", "bob", "--json", "--cursor", synced["cursor"]))["conversations"] == []
    assert ctl.ok("health") == "ready\n"


def test_administration_over_http_with_the_dev_key(dev):
    ctl, server = dev
    ctl.ok("user", "add", "--phone", "+14155550100", "--username", "dora")
    token = ctl.ok("token", "new", "dora").strip()
    ctl.ok("send", "bob", "from dora", MSG_TOKEN=token)
    assert "dora: from dora" in ctl.ok("history", "--as", "bob", "dora")
    # Who is named comes before a token that just lies around.
    ctl.ok("send", "--as", "alice", "bob", "from alice", MSG_TOKEN=token)
    assert "alice: from alice" in ctl.ok("history", "--as", "bob", "alice")
    # A token that was given on purpose must be of who is named.
    assert "belongs to dora" in ctl.fails(2, "send", "--as", "alice", "bob", "x", "--token", token)
    key = server.dev_tokens()["key"]
    ctl.ok("send", "--as", "carol", "bob", "by key", "--url", server.url, "--key", key)


def test_the_tokens_of_one_server_are_not_sent_to_another(dev):
    ctl, server = dev
    elsewhere = server.url.replace(HOST, "localhost")
    assert "is for " + server.url in ctl.fails(2, "sync", "--as", "alice", "--url", elsewhere)


def test_edit_and_delete(dev):
    ctl, _ = dev
    sent = ctl.ok("send", "--as", "alice", "bob", "helo").strip()
    chat = PipeChat(ctl, "--as", "bob", "alice", "--stay", "--history", "10")
    chat.out.wait_for("helo\n")
    assert ctl.ok("edit", "--as", "alice", sent, "hello") == "#1  hello\n"
    chat.out.wait_for("\talice\thello\n", chat.out.wait_for("\nedited\t1\t"))
    assert "permission_denied" in ctl.fails(1, "delete", "--as", "bob", sent)
    assert ctl.ok("delete", "--as", "alice", sent) == "#1  (deleted)\n"
    chat.out.wait_for("\talice\n", chat.out.wait_for("\ndeleted\t1\t"))
    assert "conflict" in ctl.fails(1, "edit", "--as", "alice", sent, "again")
    assert json.loads(ctl.ok("delete", "--as", "alice", sent, "--json"))["deleted"] is True
    chat.process.send_signal(signal.SIGTERM)
    chat.end()


# A chat in pipes --------------------------------------------------------------------------------


def test_lines_go_in_and_events_come_out(dev):
    ctl, _ = dev
    bob = PipeChat(ctl, "--as", "bob", "alice")
    bob.out.wait_for("online\n")
    alice = PipeChat(ctl, "--as", "alice", "bob")
    alice.out.wait_for("online\n")
    alice.say("one", "two\twords \\ and a slash")
    bob.out.wait(lambda text: text.count("\nmessage\t") == 2)
    lines = [line.split("\t") for line in bob.out.text.splitlines() if line.startswith("message")]
    assert [(seq, who, text) for _, seq, _, who, text in lines] == [
        ("1", "alice", "one"), ("2", "alice", "two\\twords \\\\ and a slash")]
    alice.out.wait_for("read\t2\n")
    assert bob.end() == 0 and alice.end() == 0


def test_a_refused_line_is_told_and_ends_in_1(dev):
    ctl, _ = dev
    done = ctl.run("chat", "--as", "alice", "bob", text="good\n" + "x" * 70_000 + "\nalso good\n")
    assert done.returncode == 1
    assert b"refused\ttoo_large\t" in done.stdout
    history = ctl.ok("history", "--as", "alice", "bob")
    assert "alice: good" in history and "alice: also good" in history


def test_three_hundred_lines_survive_kills_each_once(dev, restart):
    ctl, first = dev
    server = first
    bob = PipeChat(ctl, "--as", "bob", "alice", "--stay")
    bob.out.wait_for("online\n")
    alice = PipeChat(ctl, "--as", "alice", "bob")
    alice.say(*(f"line {i}" for i in range(300)))
    for seen in (50, 150):
        alice.out.wait(lambda text, n=seen: text.count("sent\t") >= n)
        server = restart(first, server)
    assert alice.end() == 0
    bob.out.wait(lambda text: text.count("\nmessage\t") >= 300)
    texts = [line.split("\t")[4] for line in bob.out.text.splitlines() if line.startswith("message")]
    assert texts == [f"line {i}" for i in range(300)]
    bob.process.send_signal(signal.SIGTERM)
    assert bob.process.wait(REPLY_S) == 0


def test_nobody_reading_the_output_ends_it(dev):
    ctl, _ = dev
    mouth, ear = os.pipe()
    os.close(mouth)
    bob = subprocess.Popen([ctl.binary, "chat", "--as", "bob", "alice", "--stay"], cwd=ctl.folder,
                           stdin=subprocess.DEVNULL, stdout=ear, env=environment())
    os.close(ear)
    assert bob.wait(REPLY_S) == 1


# A chat in terminals ----------------------------------------------------------------------------


def test_two_people_talk_in_terminals(dev):
    ctl, _ = dev
    ctl.ok("send", "--as", "alice", "bob", "from before")
    alice = TerminalChat(ctl, "--as", "alice", "bob")
    bob = TerminalChat(ctl, "--as", "bob", "alice", columns=40)
    for one in (alice, bob):
        one.out.wait_for("from before")
    alice.press("Grüße 日本")
    bob.out.wait_for("alice typing")
    alice.press("\r")
    bob.out.wait_for("alice:\x1b[0m Grüße 日本")
    place = alice.out.wait_for("you:\x1b[0m Grüße 日本")
    alice.out.wait_for("✔✔", place)  # read: bob's terminal has shown it
    bob.press("a long answer " * 10 + "\r")
    place = alice.out.wait_for("a long answer a long")
    alice.press("/status\r")
    alice.out.wait_for("is read", place)
    alice.press("/nonsense\r")
    alice.out.wait_for("There is no /nonsense")
    alice.press("/quit\r")
    assert alice.end() == 0
    bob.press("\x04")
    assert bob.end() == 0, bob.out.text


def test_a_terminal_chat_survives_a_killed_server(dev, restart):
    ctl, server = dev
    alice = TerminalChat(ctl, "--as", "alice", "bob")
    bob = TerminalChat(ctl, "--as", "bob", "alice")
    alice.press("before\r")
    bob.out.wait_for("before")

    def while_down():
        alice.out.wait_for("Connection lost")
        bob.out.wait_for("Connection lost")
        alice.press("during\r")
        alice.out.wait_for("1 waiting")

    restart(server, server, while_down)
    place = bob.out.wait_for("alice:\x1b[0m during")
    bob.press("after\r")
    alice.out.wait_for("bob:\x1b[0m after")
    assert bob.out.text.count(":\x1b[0m during") == 1 and place
    for one in (alice, bob):
        one.press("\x04")
        assert one.end() == 0


def test_what_others_write_cannot_drive_the_terminal(dev):
    ctl, server = dev
    alice = TerminalChat(ctl, "--as", "alice", "bob")
    alice.out.wait_for("as alice")
    ctl.ok("send", "--as", "bob", "alice", "evil \x1b]0;title\x07 \x1b[2J \u202e end")
    text = alice.out.wait(lambda all: "evil" in all and " end" in all and all)
    line = text[text.index("evil"):text.index(" end")]
    assert "\x1b" not in line and "\x07" not in line and "\u202e" not in line
    alice.press("\x04")
    assert alice.end() == 0


def test_interrupted_with_unsent_lines_says_so(dev):
    ctl, server = dev
    alice = TerminalChat(ctl, "--as", "alice", "bob")
    alice.out.wait_for("as alice")
    alice.press("x\r")
    alice.out.wait_for("you")
    server.kill()
    place = alice.out.wait_for("Connection lost")
    alice.press("never sent\r")
    alice.out.wait_for("1 waiting", place)
    os.kill(alice.pid, signal.SIGTERM)
    alice.out.wait_for("1 messages were not acknowledged")
    assert alice.end() == 1
