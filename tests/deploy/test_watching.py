# SPDX-License-Identifier: Apache-2.0
"""The alert rules and the dashboard we ship name only metrics, and labels of them, that a running
msgd and a running HAProxy have; Prometheus takes the rules."""

import collections
import json
import re
import subprocess
import urllib.error
import urllib.request

import yaml
from conftest import SOURCE

DEPLOY = SOURCE / "scripts" / "deploy"
OF_THE_SCRAPE = {"job", "instance"}  # labels that Prometheus adds
WORDS = {"by", "and", "or", "unless", "on", "le"}
NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"


def metrics_of(url, key=None):
    """name -> the labels that its series have."""
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {key}"} if key else {})
    text = urllib.request.urlopen(request, timeout=10).read().decode()
    found = collections.defaultdict(set)
    for line in text.splitlines():
        if not line.startswith("#"):
            name = re.match(NAME, line)[0]
            labels = re.search(r"\{(.*)\}", line)
            found[name] |= set(re.findall(rf'({NAME})="', labels[1] if labels else ""))
    return found


def named_in(expression):
    """[(metric, labels that it is asked for)] of an expression in PromQL."""
    grouped = set(re.findall(NAME, " ".join(re.findall(r"\bby\s*\(([^)]*)\)", expression))))
    bare = re.sub(r"\bby\s*\([^)]*\)", " ", expression)
    bare = re.sub(r"\[[^\]]*\]", " ", bare)
    asked = []
    for match in re.finditer(rf"({NAME})(\s*\{{[^}}]*\}}|\s*\()?", bare):
        name, behind = match[1], (match[2] or "").strip()
        if behind != "(" and name not in WORDS:
            labels = set(re.findall(rf"({NAME})\s*[=!]", behind))
            asked.append((name, labels | (grouped - {"le"} if grouped else set())))
    return asked


def expressions():
    """(where it stands, expression) of all that is shipped."""
    for group in yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"]:
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"]
    board = json.loads((DEPLOY / "grafana" / "dashboards" / "msgd.json").read_text())
    for panel in board["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]
    for variable in board["templating"]["list"]:
        query = variable["query"]["query"]
        yield variable["name"], re.match(r"label_values\((\w+), \w+\)", query)[1]


def test_everything_named_is_there(cluster):
    key = cluster.tokens()["key"]
    there = metrics_of(cluster.url("msgd1") + "/metrics", key)
    there |= metrics_of(cluster.operator_url() + "/metrics")
    there["up"] = set()
    named = [(where, *asked) for where, text in expressions() for asked in named_in(text)]
    assert len({name for _, name, _ in named}) > 25, "the reader of expressions reads nothing"
    for where, name, labels in named:
        assert name in there, f"{where} names {name}, which nobody has"
        assert labels <= there[name] | OF_THE_SCRAPE, f"{where}: {name} has no {labels}"


def test_metrics_are_not_passed_on_by_the_load_balancer(cluster):
    """A node may believe programs on its own machine; the load balancer is one for everybody."""
    key = cluster.tokens()["key"]
    for path in ("/metrics", "/metrics?x", "//metrics", "/%6detrics", "/./metrics",
                 "/x/../metrics", "/metrics/", "/metrics%3Fx", "/METRICS"):
        request = urllib.request.Request(cluster.url() + path,
                                         headers={"Authorization": f"Bearer {key}"})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                assert b"msgd_build_info" not in answer.read(), path
        except urllib.error.HTTPError as error:
            assert error.code in (400, 404), (path, error.code)


def test_prometheus_takes_the_rules_and_the_configuration(tmp_path):
    for name in ("prometheus.yml", "alerts.yml"):
        text = (DEPLOY / name).read_text()
        text = text.replace("/run/secrets/metrics_key", str(tmp_path / "key"))
        (tmp_path / name).write_text(text)
    (tmp_path / "key").write_text("msk_x")
    done = subprocess.run(["promtool", "check", "config", tmp_path / "prometheus.yml"],
                          capture_output=True, text=True)
    assert done.returncode == 0 and "14 rules found" in done.stdout, done.stdout + done.stderr


def test_the_reader_of_expressions_finds_metrics_and_labels():
    text = 'sum by (status) (rate(a_total{x=~"b c", y!="d"}[5m])) > 2 * resets(e[1h]) and f == 1'
    assert named_in(text) == [
        ("a_total", {"x", "y", "status"}), ("e", {"status"}), ("f", {"status"})]
