# SPDX-License-Identifier: Apache-2.0
"""docker-compose.yml cannot be run where the tests run. So it is compared with what can:
scripts/cluster-local, which the tests of the cluster use, and msgd itself."""

import os
import pathlib
import re
import subprocess

import pytest
from cluster_services import DATABASES, MSGD, services
from compose import of_profile, read_compose, texts
from conftest import SOURCE

MSGD_PROGRAM = os.environ["MSGD"]
DEPLOY = SOURCE / "scripts" / "deploy"


@pytest.fixture(scope="module")
def compose():
    return read_compose(SOURCE, DB_PASSWORD="p@ss/word")


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    return services(tmp_path_factory.mktemp("cluster"), MSGD_PROGRAM)


def without(options, *names):
    """A command without these options and their values."""
    kept, skip = [], False
    for option in options:
        if skip or option in names:
            skip = not skip
        else:
            kept.append(option)
    return kept


def test_profiles_start_what_they_say(compose):
    assert set(of_profile(compose, "default")) == {"msgd"}
    assert set(of_profile(compose, "postgres")) == {"app", "postgres", "redis"}
    assert set(of_profile(compose, "observability")) == {"prometheus", "grafana"}
    env = (SOURCE / ".env").read_text()
    assert "COMPOSE_PROFILES=default\n" in env and "PASSWORD" not in env
    for name, service in compose["services"].items():
        for needed in service.get("depends_on", {}):
            there = compose["services"][needed]
            assert set(service["profiles"]) <= set(there["profiles"]), f"{name} needs {needed}"


def test_the_cluster_has_the_services_of_the_local_one(compose, local):
    assert set(of_profile(compose, "cluster")) == set(local)


def test_nodes_are_configured_as_locally(compose, local):
    for name in MSGD:
        here, there = local[name].environment, texts(compose["services"][name]["environment"])
        assert set(here) == set(there)
        for same in ("MSG_LOG_FORMAT", "DB_NAME", "DB_USER"):
            assert here[same] == there[same], (name, same)
        by_port = {f"127.0.0.1:{local[d].port}": d for d in DATABASES}
        assert [by_port[h] for h in here["DB_HOST"].split(",")] == there["DB_HOST"].split(",")
        assert here["MSG_BUS"] == f"nats://127.0.0.1:{local['nats'].port}"
        assert there["MSG_BUS"] == "nats://nats:4222"
        assert here["MSG_CACHE"] == f"redis://127.0.0.1:{local['redis'].port}"
        assert there["MSG_CACHE"] == "redis://redis:6379"
    proxy = compose["services"]["haproxy"]["networks"]["front"]["ipv4_address"]
    assert compose["services"]["msgd1"]["environment"]["MSG_TRUSTED_PROXY"] == proxy


def test_databases_are_run_by_the_same_script(compose, local):
    dockerfile = (DEPLOY / "postgres.Dockerfile").read_text()
    assert 'ENTRYPOINT ["postgres-node"]' in dockerfile
    defaults = {"PGDATA", "NODE_PORT", "NODE_LISTEN"}  # in a container: of the image, the script
    assert "ENV PGDATA=" in dockerfile
    for name in ("monitor", *DATABASES):
        script, *arguments = local[name].command
        there = compose["services"][name]
        assert pathlib.Path(script) == DEPLOY / "postgres-node"
        assert there["command"] == arguments
        assert set(there["environment"]) == set(local[name].environment) - defaults
        assert there["environment"]["NODE_HOST"] == name
        volume, folder = there["volumes"][0].split(":")
        assert volume == name and f"VOLUME {folder}" in dockerfile
    for name in DATABASES:
        assert compose["services"][name]["environment"]["MONITOR"] == "monitor:5432"


def test_the_load_balancer_has_the_same_file_and_variables(compose, local):
    here, there = local["haproxy"], compose["services"]["haproxy"]
    (mount,) = there["volumes"]
    outside, inside, mode = mount.split(":")
    assert mode == "ro" and there["command"][-1] == inside
    assert pathlib.Path(here.command[-1]) == (SOURCE / outside).resolve()
    assert here.command[:-1] == there["command"][:-1]
    assert set(here.environment) == set(there["environment"])
    used = set(re.findall(r'"\$\{(\w+)\}"', (SOURCE / outside).read_text()))
    assert used == set(here.environment), "a variable that is not used, or not given"
    for name in MSGD:
        assert there["environment"][f"LB_{name.upper()}"] == f"{name}:3000"
        assert here.environment[f"LB_{name.upper()}"].endswith(f":{local[name].port}")


def test_the_load_balancers_file_is_good_with_the_variables_of_both(compose, local, tmp_path):
    for variables in (local["haproxy"].environment, compose["services"]["haproxy"]["environment"]):
        hosts = {k: v.replace("msgd", "127.0.0.") for k, v in texts(variables).items()
                 if k.startswith("LB_MSGD")}  # names are known in the containers' network only
        done = subprocess.run(
            ["/usr/sbin/haproxy", "-c", "-f", DEPLOY / "haproxy.cfg"], capture_output=True,
            text=True, env=texts(variables) | hosts)
        assert done.returncode == 0 and "WARNING" not in done.stderr, done.stderr


def test_redis_and_nats_have_the_same_options(compose, local):
    places = ("--bind", "--addr", "--port")
    assert without(local["redis"].command, *places) == compose["services"]["redis"]["command"]
    assert without(local["nats"].command, *places)[1:] == compose["services"]["nats"]["command"]


def test_msgd_takes_what_each_service_gives_it(compose):
    """As it is configured in its container: the image's file, and the service's variables."""
    stores = {"msgd": "sqlite:/var/lib/msgd/msg.db",
              "app": "postgresql://msg@postgres:5432/libmsg"}
    stores |= dict.fromkeys(MSGD, "postgresql://msg@postgres1:5432,postgres2:5432/libmsg")
    for name, store in stores.items():
        service = compose["services"][name]
        variables = {"MSG_CONFIG": str(DEPLOY / "msgd.toml")} | texts(service["environment"])
        done = subprocess.run([MSGD_PROGRAM, "--check-config"], capture_output=True, text=True,
                              env=variables, check=False)
        assert done.returncode == 0, done.stderr
        assert f'store = "{store}"' in done.stdout
        assert 'listen = "0.0.0.0:3000"' in done.stdout
        bus = {"msgd": "", "app": "redis://redis:6379"}.get(name, "nats://nats:4222")
        assert f'bus = "{bus}"' in done.stdout
        cache = "" if name == "msgd" else "redis://redis:6379"
        assert f'cache = "{cache}"' in done.stdout


def test_nothing_has_more_rights_than_it_needs(compose):
    own_account = {"postgres"}  # its image begins as root, to change to another user
    for name, service in compose["services"].items():
        if name not in own_account:
            assert service["read_only"] and service["cap_drop"] == ["ALL"], name
            assert service["security_opt"] == ["no-new-privileges:true"], name
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), f"{name} publishes {port} to everybody"
        for mount in service.get("volumes", []):
            outside, _, rest = mount.partition(":")
            if outside.startswith("."):
                assert (SOURCE / outside).exists() and rest.endswith(":ro"), mount
            else:
                assert outside in compose["volumes"], mount
    for name in ("monitor", *DATABASES, "postgres"):
        assert compose["services"][name]["networks"] == ["database"]
    assert compose["networks"]["database"]["internal"]


def test_what_is_published_is_published_once_in_each_profile(compose):
    for profile in ("default", "postgres", "cluster"):
        together = of_profile(compose, profile, "observability").values()
        ports = [p.rsplit(":", 1)[0] for s in together for p in s.get("ports", [])]
        assert len(ports) == len(set(ports)) and "127.0.0.1:3000" in ports, ports
