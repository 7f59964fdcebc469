# SPDX-License-Identifier: Apache-2.0
"""Starts, breaks, mends and ends a cluster on this machine: scripts/cluster-local is its face.

A folder is a cluster. `cluster.json` in it says what runs, so that another process can look at the
cluster and do something to it. Each service's data and log are in the folder, too.
"""

import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

from cluster_services import DATABASES, HOST, MSGD, Service, services

START_S = 90.0
STOP_S = 30.0
PEOPLE = ("alice", "bob", "carol")


class ClusterError(Exception):
    pass


class Cluster:
    """Thread safety: none; one process at a time does something to a service."""

    def __init__(self, folder, msgd, msgctl):
        self.folder = pathlib.Path(folder).resolve()
        self.msgd = pathlib.Path(msgd).resolve()
        self.msgctl = pathlib.Path(msgctl).resolve()
        self.services = {}
        self.pids = {}  # name -> [pid, when it began]: numbers of processes are used again
        self.children = {}  # name -> Popen, of those that this process started

    # What a folder says.

    def make(self, **options):
        """Chooses ports for a new cluster; nothing runs yet."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.services = services(self.folder, self.msgd, **options)
        if os.geteuid() == 0:  # PostgreSQL's user goes through it
            self.folder.chmod(0o755)
        self.save()

    def load(self):
        path = self.folder / "cluster.json"
        if not path.exists():
            raise ClusterError(f"there is no cluster in {self.folder}")
        saved = json.loads(path.read_text())
        self.services = {s["name"]: Service(**s) for s in saved["services"]}
        self.pids = saved["pids"]
        return self

    def save(self):
        saved = {"services": [vars(s) for s in self.services.values()], "pids": self.pids}
        fresh = self.folder / "cluster.json.new"
        fresh.touch(0o600)
        fresh.write_text(json.dumps(saved, indent=2))
        fresh.rename(self.folder / "cluster.json")

    def port(self, name):
        return self.services[name].port

    def url(self, name="haproxy"):
        return f"http://{HOST}:{self.port(name)}"

    def operator_url(self):
        return "http://" + self.services["haproxy"].environment["LB_OPERATOR"]

    def database_url(self):
        node = self.services[MSGD[0]].environment
        return (f"postgresql://{node['DB_USER']}:{node['DB_PASSWORD']}@{node['DB_HOST']}"
                f"/{node['DB_NAME']}")

    def tokens(self):
        """As msgd --dev writes them: the URL, a key, and three users with their tokens."""
        return json.loads((self.folder / "tokens.json").read_text())

    # One service.

    def start(self, name):
        service = self.services[name]
        place = self.folder / name
        place.mkdir(exist_ok=True)
        variables = {k: os.environ[k] for k in ("PATH", "LANG", "TZ") if k in os.environ}
        variables |= {"HOME": str(place), **service.environment}
        # Where Debian has HAProxy and NATS.
        variables["PATH"] = variables.get("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin"
        user = {}
        if service.as_postgres and os.geteuid() == 0:
            account = pwd.getpwnam("postgres")
            os.chown(place, account.pw_uid, account.pw_gid)
            place.chmod(0o700)
            user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        with open(self.folder / f"{name}.log", "ab") as log:
            child = subprocess.Popen(
                service.command, cwd=place, env=variables, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True, **user)
        self.children[name] = child
        self.note(name, child.pid)

    def note(self, name, pid):
        """For other processes: who that is."""
        self.pids[name] = [pid, _begin_of(pid)]
        self.save()

    def is_running(self, name):
        pid, begin = self.pids.get(name, (None, None))
        return pid is not None and begin is not None and _begin_of(pid) == begin

    def _processes(self, name):
        """Its pids: the one that was started, and those that its files name."""
        service = self.services[name]
        pids = [self.pids[name][0]] if self.is_running(name) else []
        for path in map(pathlib.Path, service.kill_with):
            if path.exists() and (first := path.read_text().split()[:1]):
                # What is left of an earlier life may name somebody else by now.
                if service.environment["PGDATA"] in _command_of(int(first[0])):
                    pids.append(int(first[0]))
        return pids

    def kill(self, name):
        """As if its machine had lost its power."""
        pids = with_descendants(self._processes(name))
        # All at once: who finds another gone must not act on it.
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in pids:
                _signal(pid, number)
        self._wait(name)
        wait_until(lambda: not any(map(_begin_of, pids)), f"{name} is still there")

    def hold_replication(self, name):
        """A primary's standby gets nothing more from it: the worst moment to lose it."""
        for pid in with_descendants(self._processes(name)):
            if _command_of(pid).startswith("postgres: walsender"):
                _signal(pid, signal.SIGSTOP)

    def freeze(self, name):
        """It is there, and says nothing, until thaw()."""
        for pid in with_descendants(self._processes(name)):
            _signal(pid, signal.SIGSTOP)

    def thaw(self, name):
        for pid in with_descendants(self._processes(name)):
            _signal(pid, signal.SIGCONT)

    def terminate(self, name):
        """SIGTERM, and its end; the exit code, if this process started it."""
        if self.is_running(name):
            _signal(self.pids[name][0], signal.SIGTERM)
            return self._wait(name)
        return None

    def _wait(self, name):
        wait_until(lambda: not self.is_running(name), f"{name} does not end", STOP_S)
        child = self.children.get(name)
        return child.wait() if child and child.pid == self.pids[name][0] else None

    def is_up(self, name):
        """Whether it answers as its users need it to."""
        if name in MSGD:
            return http_status(self.url(name) + "/readyz") == 200
        if name == "haproxy":
            return http_status(self.url() + "/healthz") == 200
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex((HOST, self.port(name))) == 0

    def wait_until_up(self, name):
        def look():
            if not self.is_running(name):
                raise ClusterError(f"{name} has ended: {self.log(name)[-2000:]}")
            return self.is_up(name)

        wait_until(look, f"{name} does not answer; {self.folder}/{name}.log says why")

    def log(self, name):
        return (self.folder / f"{name}.log").read_text(errors="replace")

    # All of it.

    def start_all(self, say=lambda text: None):
        say("databases: a monitor, a primary and its synchronous standby")
        is_new = not (self.folder / "key").exists()
        for name in ("monitor", "redis", "nats", DATABASES[0]):
            self.start(name)
        if is_new:  # the first one there is the primary
            wait_until(lambda: self.roles().get(DATABASES[0]) == "single",
                       f"no primary; {self.folder}/{DATABASES[0]}.log says why")
        self.start(DATABASES[1])
        self.wait_until_whole()
        say("three msgd and the load balancer")
        if is_new:
            made = self.run_msgctl("--store", self.database_url(), "--json", "key", "new",
                                   "--name", "cluster-local")
            key = self.folder / "key"
            key.touch(0o600)
            key.write_text(json.loads(made)["secret"])
        for name in (*MSGD, "haproxy"):
            self.start(name)
        for name in (*MSGD, "haproxy"):
            self.wait_until_up(name)
        if not (self.folder / "tokens.json").exists():
            self._make_people()

    def stop_all(self):
        """Clients first, then what they use."""
        for name in reversed(self.services):
            try:
                self.terminate(name)
            except ClusterError:
                self.kill(name)
        for name in ("monitor", *DATABASES):  # a postmaster whose supervisor was killed
            for pid in with_descendants(self._processes(name)):
                _signal(pid, signal.SIGKILL)

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def run_msgctl(self, *arguments):
        done = subprocess.run([self.msgctl, *arguments], capture_output=True, text=True,
                              cwd=self.folder, env={"PATH": os.environ["PATH"]})
        if done.returncode != 0:
            raise ClusterError(f"msgctl {arguments}: {done.stderr}")
        return done.stdout

    def _make_people(self):
        key = (self.folder / "key").read_text()
        told = {"url": self.url(), "key": key, "users": {}}
        common = ("--url", self.url(), "--key-file", str(self.folder / "key"), "--json")
        for number, name in enumerate(PEOPLE, 1):
            user = json.loads(self.run_msgctl(*common, "user", "add", "--username", name,
                                              "--phone", f"+1415555010{number}"))
            token = json.loads(self.run_msgctl(*common, "token", "new", name))
            told["users"][name] = {"id": user["id"], "token": token["token"]}
        for name, url in (("tokens", self.url()), *((m, self.url(m)) for m in MSGD)):
            path = self.folder / f"{name}.json"
            path.touch(0o600)
            path.write_text(json.dumps(told | {"url": url}, indent=2))

    # The databases.

    def roles(self):
        """name -> what pg_auto_failover's monitor was told that it is; {} without a monitor."""
        done = subprocess.run(
            ["psql", "-XAtq", "-d",
             f"postgresql://autoctl_node@{HOST}:{self.port('monitor')}/pg_auto_failover", "-c",
             "SELECT nodename, CASE WHEN reportedstate = goalstate AND health > 0 "
             "THEN reportedstate::text ELSE 'changing' END FROM pgautofailover.node"],
            capture_output=True, text=True, env={"PATH": os.environ["PATH"]})
        return dict(line.split("|") for line in done.stdout.split())

    def primary(self):
        """The name of the database that writes go to, or None while there is none."""
        found = [n for n, r in self.roles().items() if r in ("primary", "single", "wait_primary")]
        return found[0] if len(found) == 1 else None

    def wait_until_whole(self):
        """Until there are a primary and a synchronous standby."""
        wait_until(lambda: sorted(self.roles().values()) == ["primary", "secondary"],
                   f"the standby does not come back; logs are in {self.folder}")

    # The load balancer.

    def tell_haproxy(self, command):
        with socket.socket(socket.AF_UNIX) as admin:
            admin.settimeout(5)
            admin.connect(self.services["haproxy"].environment["LB_ADMIN"])
            admin.sendall(command.encode() + b"\n")
            return b"".join(iter(lambda: admin.recv(65536), b"")).decode()

    def nodes_seen(self):
        """name of each msgd -> its row of HAProxy's statistics."""
        head, *rows = self.tell_haproxy("show stat").strip().splitlines()
        names = head.removeprefix("# ").split(",")
        told = [dict(zip(names, row.split(","))) for row in rows]
        return {r["svname"]: r for r in told if r["pxname"] == "msgd" and r["svname"] in MSGD}

    def restart_node(self, name):
        """Nobody sees an error: no new requests, then SIGTERM, which sessions survive elsewhere."""
        self.tell_haproxy(f"set server msgd/{name} state drain")
        # What HAProxy has begun to connect must have arrived: SIGTERM refuses connections at once.
        last = None
        while (seen := self.nodes_seen()[name]["stot"]) != last:
            last = seen
            time.sleep(0.1)
        code = self.terminate(name)
        self.start(name)
        self.wait_until_up(name)
        self.tell_haproxy(f"set server msgd/{name} state ready")
        wait_until(lambda: self.nodes_seen()[name]["status"] == "UP",
                   f"HAProxy does not see {name}")
        return code


def http_status(url):
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


def wait_until(condition, otherwise, seconds=START_S):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise ClusterError(otherwise)
        time.sleep(0.05)


def _signal(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def _stat_of(pid):
    """The fields of /proc/PID/stat from the third on, of a process that has not ended."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text.rsplit(")", 1)[1].split()
    return None if fields[0] in "ZX" else fields


def _begin_of(pid):
    """When it began, in ticks since the machine's start; None when it has ended."""
    fields = _stat_of(pid)
    return int(fields[19]) if fields else None


def _command_of(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def with_descendants(pids):
    """These processes and all that they started, and so on."""
    everybody = [int(p.name) for p in pathlib.Path("/proc").iterdir() if p.name.isdigit()]
    parents = {pid: int(fields[1]) for pid in everybody if (fields := _stat_of(pid))}
    found = [pid for pid in dict.fromkeys(pids) if pid in parents]
    for pid in found:  # grows
        found += [child for child, parent in parents.items()
                  if parent == pid and child not in found]
    return found
