# SPDX-License-Identifier: Apache-2.0
"""What the tests of this folder share: the fixtures of tests/e2e, and a cluster."""

import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(os.environ["LIBMSG_SOURCE_DIR"])
sys.path[:0] = [str(SOURCE / "tests" / "e2e"), str(SOURCE / "scripts" / "lib")]
sys.path.append(str(SOURCE / "tests" / "python" / "native"))  # a terminal

import pytest  # noqa: E402
from cluster import Cluster  # noqa: E402
from cluster_services import MSGD  # noqa: E402
from cluster_weather import SERVERS  # noqa: E402
from link_proxy import Links  # noqa: E402


class ClusterAsServer:
    """A cluster as the players of tests/e2e know a server: they talk to the load balancer."""

    def __init__(self, cluster):
        self.port = cluster.port("haproxy")
        self.dev_tokens = cluster.tokens


@contextlib.contextmanager
def run_cluster(prepare=lambda cluster: None):
    """What scripts/cluster-local starts, all up; stopped as by Ctrl-C. `prepare` may change what is
    about to be started."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="msg-cluster-", dir="/var/tmp"))
    secret = folder / "secret"
    secret.touch(0o600)
    secret.write_text("s" * 32)
    variables = {
        "MSG_NO_RATE_LIMITS": "true",  # tests are quicker than people
        "MSG_UNPROVEN_PER_ADDRESS_MAX": "1000",  # and all come from one address
        "MSG_OUTBOX_FRAMES_MAX": "8", "MSG_OUTBOX_BYTES_MAX": "65536",  # slow readers fall behind
        "MSG_CODE_WEBHOOK": "http://127.0.0.1:9/",  # nobody; it has metrics of its own
        "MSG_CODE_WEBHOOK_SECRET_FILE": str(secret), "MSG_SIGN_IN_COUNTRY": "1"}
    programs = pathlib.Path(os.environ["MSGD"]).parent
    cluster = Cluster(folder, programs / "msgd", programs / "msgctl")
    cluster.make()
    for name in MSGD:
        cluster.services[name].environment |= variables
    prepare(cluster)
    cluster.save()
    runner = subprocess.Popen(
        [SOURCE / "scripts" / "cluster-local", f"--folder={folder}", f"--bin={programs}"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        said = ""
        while "Ctrl-C stops everything" not in said:
            line = runner.stdout.readline()
            assert line, f"cluster-local has ended: {said}"
            said += line
        yield cluster.load()
    finally:
        runner.send_signal(signal.SIGINT)
        runner.wait(120)
        cluster.load()
        still = [name for name in cluster.services if cluster.is_running(name)]
        if still:
            cluster.stop_all()
        cluster.remove()
        assert runner.returncode == 0 and not still, (runner.returncode, still)


@pytest.fixture(scope="session")
def cluster():
    with run_cluster() as running:
        yield running


@pytest.fixture
def front(cluster):
    return ClusterAsServer(cluster)


@pytest.fixture
def cluster_and_links():
    """Three nodes, each of which reaches every server by a link of its own."""
    made = []

    def put_links_in(cluster):
        servers = [name for name in cluster.services if name.startswith(tuple(SERVERS))]
        made.append(Links.between(cluster, MSGD, servers))

    try:
        with run_cluster(put_links_in) as cluster:
            assert all(made[0].of([node], ["postgres1", "nats"]) for node in MSGD)
            yield cluster, made[0]
    finally:
        for links in made:
            links.stop()
