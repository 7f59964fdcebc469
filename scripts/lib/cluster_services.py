# SPDX-License-Identifier: Apache-2.0
"""What a cluster on this machine consists of: the services of docker-compose.yml's profile
`cluster`, by the same names, with the same files and options, on ports of this machine.

A test compares the two: tests/deploy/test_compose.py.
"""

import dataclasses
import pathlib
import socket

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "scripts" / "deploy"
NODES = 3
DATABASES = ("postgres1", "postgres2")
MSGD = tuple(f"msgd{n}" for n in range(1, NODES + 1))
HOST = "127.0.0.1"


@dataclasses.dataclass
class Service:
    """A program, its variables (beside the few that every program gets), and where it answers."""

    name: str
    command: list
    environment: dict
    port: int
    as_postgres: bool = False  # it refuses to be root
    kill_with: list = dataclasses.field(default_factory=list)  # files that begin with a pid


def free_ports(count):
    """Numbers of ports that nobody has now, all different."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for probe in sockets:
            probe.bind((HOST, 0))
        return [probe.getsockname()[1] for probe in sockets]
    finally:
        for probe in sockets:
            probe.close()


def services(folder, msgd, password="local", connections_max=4000):
    """All of them, in the order they are started in. `msgd`: the program."""
    names = ["monitor", *DATABASES, "redis", "nats", *MSGD, "haproxy", "operator"]
    ports = dict(zip(names, free_ports(len(names))))
    listed = [
        _database(folder, ports, "monitor", {}),
        *(_database(folder, ports, name, {
            "MONITOR": f"{HOST}:{ports['monitor']}", "DB_NAME": "libmsg", "DB_USER": "msg",
            "DB_PASSWORD": password}) for name in DATABASES),
        # Nothing of it is worth a disk.
        Service("redis", ["redis-server", "--save", "", "--appendonly", "no", "--maxmemory", "256mb",
                          "--maxmemory-policy", "allkeys-lru", "--bind", HOST,
                          "--port", str(ports["redis"])], {}, ports["redis"]),
        Service("nats", ["nats-server", "--addr", HOST, "--port", str(ports["nats"])], {},
                ports["nats"]),
        *(_msgd(msgd, ports, number, password) for number in range(1, NODES + 1)),
        Service("haproxy", ["haproxy", "-W", "-db", "-f", str(DEPLOY / "haproxy.cfg")], {
            "LB_LISTEN": f"{HOST}:{ports['haproxy']}",
            "LB_OPERATOR": f"{HOST}:{ports['operator']}",
            "LB_ADMIN": str(folder / "haproxy.sock"),
            "LB_CONNECTIONS_MAX": str(connections_max),
            # Everybody here has one address.
            "LB_CONNECTIONS_PER_ADDRESS_MAX": str(connections_max),
            "LB_REQUESTS_PER_10S_MAX": "1000000",
            **{f"LB_{name.upper()}": f"{HOST}:{ports[name]}" for name in MSGD},
        }, ports["haproxy"]),
    ]
    return {service.name: service for service in listed}


def _database(folder, ports, name, more):
    data = folder / name / "data"
    environment = {"PGDATA": str(data), "NODE_HOST": HOST, "NODE_PORT": str(ports[name]),
                   "NODE_LISTEN": HOST, **more}
    state = folder / name / "run" / "pg_autoctl" / str(data).lstrip("/")
    return Service(name, [str(DEPLOY / "postgres-node"), name], environment, ports[name],
                   as_postgres=True,
                   kill_with=[str(state / "pg_autoctl.pid"), str(data / "postmaster.pid")])


def _msgd(program, ports, number, password):
    return Service(f"msgd{number}", [str(program)], {
        "MSG_LISTEN": f"{HOST}:{ports[f'msgd{number}']}",
        "MSG_BUS": f"nats://{HOST}:{ports['nats']}",
        "MSG_CACHE": f"redis://{HOST}:{ports['redis']}",
        "MSG_TRUSTED_PROXY": HOST,
        "MSG_LOG_FORMAT": "json",
        "DB_HOST": ",".join(f"{HOST}:{ports[name]}" for name in DATABASES),
        "DB_NAME": "libmsg",
        "DB_USER": "msg",
        "DB_PASSWORD": password,
    }, ports[f"msgd{number}"])
