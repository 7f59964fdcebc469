# SPDX-License-Identifier: Apache-2.0
"""msgctl copy and check: stores moved by the real programs, also when one of them is killed."""

import json
import os
import pty
import signal
import sqlite3
import subprocess

import pytest
from test_msgctl import Ctl, environment

REPLY_S = 60.0


@pytest.fixture
def ctl(msgctl, tmp_path):
    return Ctl(msgctl, tmp_path)


@pytest.fixture
def filled(msgctl, start_msgd):
    """(Ctl in the folder of a server that has ended, URL of its store, cursor of bob, token)."""
    server = start_msgd()
    server.dev_tokens()
    ctl = Ctl(msgctl, server.folder)
    ctl.ok("send", "--as", "alice", "bob", "before")
    cursor = json.loads(ctl.ok("sync", "--as", "bob", "--json"))["cursor"]
    for i in range(5):
        ctl.ok("send", "--as", "alice", "bob", f"after {i}", "--client-id", f"key {i}")
    server.terminate()
    store = f"sqlite:{next((server.folder / 'msg-data').glob('*.db'))}"
    return ctl, store, cursor


def test_a_copy_is_served_like_its_source(filled, start_msgd):
    ctl, store, cursor = filled
    target = f"rocksdb:{ctl.folder}/copy"
    done = ctl.run("copy", "--from", store, "--to", target, "--verify")
    assert done.returncode == 0, done.stderr
    assert b"Verified: both stores hold the same." in done.stdout
    assert b"copying messages: " in done.stderr and b"\r" not in done.stderr
    assert "Everything fits together." in ctl.ok("check", "--quiet", target)

    tokens = json.loads((ctl.folder / "msg-data" / "dev-tokens.json").read_text())
    server = start_msgd("--store", target)
    news = json.loads(ctl.ok("sync", "--json", "--cursor", cursor, "--url", server.url,
                             MSG_TOKEN=tokens["users"]["bob"]["token"]))
    texts = [m["content"] for c in news["conversations"] for m in c["messages"]]
    assert texts == [f"after {i}" for i in range(5)]


def test_a_store_in_use_is_left_alone(filled, start_msgd):
    ctl, store, _ = filled
    server = start_msgd("--store", store)
    words = ctl.fails(1, "copy", "--from", store, "--to", "rocksdb:copy")
    assert words.startswith("msgctl: conflict: the source: ")
    words = ctl.fails(1, "copy", "--from", f"sqlite:{ctl.folder}/new.db", "--to", "rocksdb:copy")
    assert words.startswith("msgctl: not_found: the source: there is no store at ")
    assert not (ctl.folder / "new.db").exists()
    server.assert_alive()


def many_users(ctl):
    """A store with enough rows that a copy of it can be killed halfway."""
    ctl.ok("--store", "sqlite:from.db", "user", "add", "--phone", "+1 415 555 0100")
    with sqlite3.connect(ctl.folder / "from.db") as db:
        ((user,),) = db.execute("SELECT id FROM user_account").fetchall()
        people = [(user + i, f"+1415556{i:05}") for i in range(1, 200_000)]
        db.executemany("INSERT INTO user_account (id, phone, display_name, about, avatar, created_at, updated_at) "
                           "SELECT ?1, ?2, 'x', '', '', 0, 0", people)
        db.executemany("INSERT INTO user_phone (user_id, phone) VALUES (?1, ?2)", people)
    db.close()


def test_a_killed_copy_goes_on(ctl):
    many_users(ctl)
    command = ["copy", "--from", "sqlite:from.db", "--to", "sqlite:to.db"]
    copying = subprocess.Popen([ctl.binary, *command], cwd=ctl.folder, env=environment())
    # It is in the middle once a first batch has been committed.
    while not count_rows(ctl.folder / "to.db"):
        assert copying.poll() is None, "it ended before it could be killed"
    copying.send_signal(signal.SIGKILL)
    assert copying.wait(REPLY_S) == -signal.SIGKILL
    assert 0 < count_rows(ctl.folder / "to.db") < 200_000

    words = ctl.fails(1, "--store", "sqlite:to.db", "user", "list", "--limit", "1")
    assert "the store is a copy that is not complete" in words
    words = ctl.fails(1, "check", "sqlite:to.db")
    assert "the store is a copy that is not complete" in words
    report = json.loads(ctl.ok(*command, "--verify", "--json", "--quiet"))
    assert report["resumed"] and report["verified"] and report["difference_count"] == 0
    assert report["rows"] == 200_001, "and that the first was added, in the audit trail"
    ctl.ok("check", "--quiet", "sqlite:to.db")


def count_rows(path):
    """What a reader beside the copy sees of its target."""
    try:
        db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    except sqlite3.OperationalError:
        return 0
    try:
        return db.execute("SELECT count(*) FROM user_account").fetchone()[0]
    except sqlite3.OperationalError:  # not made yet
        return 0
    finally:
        db.close()


def test_damage_and_differences_end_with_one(filled):
    ctl, store, _ = filled
    ctl.ok("copy", "--quiet", "--from", store, "--to", "sqlite:copy.db")
    db = sqlite3.connect(ctl.folder / "copy.db")
    with db:
        db.execute("DELETE FROM message WHERE seq = 2")
    db.close()
    done = ctl.run("copy", "--quiet", "--verify", "--from", store, "--to", "sqlite:copy.db")
    assert done.returncode == 1
    assert b"-2 is missing in the target" in done.stdout
    done = ctl.run("check", "--quiet", "sqlite:copy.db")
    assert done.returncode == 1 and done.stderr == b""
    assert b": message 2 is missing." in done.stdout
    done = ctl.run("check", "--quiet", "--json", "sqlite:copy.db")
    report = json.loads(done.stdout)
    assert report["problem_count"] == len(report["problems"]) > 0
    assert report["users"] == 3


def test_progress_stays_in_one_line_on_a_terminal(ctl):
    many_users(ctl)
    pid, master = pty.fork()
    if pid == 0:
        os.chdir(ctl.folder)
        os.execve(ctl.binary, [ctl.binary, "copy", "--from", "sqlite:from.db", "--to",
                               "rocksdb:to", "--verify"], environment())
    shown = b""
    while True:
        try:
            shown += os.read(master, 65536)
        except OSError:  # its other side is gone
            break
    os.close(master)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0, shown
    assert b"\rcopying users: " in shown
    assert shown.count(b"\n") == 2, "the report, and nothing else, has lines of its own"


def test_wrong_usage(ctl):
    ctl.fails(2, "copy", "--from", "sqlite:a.db")
    ctl.fails(2, "copy", "--from", "sqlite:a.db", "--to", "sqlite:a.db")
    ctl.fails(2, "check", "nonsense")
    assert "--verify" in ctl.ok("copy", "--help")
