# SPDX-License-Identifier: Apache-2.0
"""docs/capacity.md is what its figures give; the figures are those of docs/performance.md."""

import importlib.machinery
import importlib.util
import math
import re
import subprocess

import pytest
from conftest import SOURCE

SCRIPT = SOURCE / "scripts" / "capacity"


@pytest.fixture(scope="module")
def capacity():
    loader = importlib.machinery.SourceFileLoader("capacity", str(SCRIPT))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("capacity", loader))
    loader.exec_module(module)
    return module


def rows_of(text):
    """first cell -> the other cells, of all tables."""
    rows = {}
    for line in text.splitlines():
        if line.startswith("| "):
            first, *others = [cell.strip() for cell in line.strip("|").split("|")]
            rows[first.strip("`*")] = others
    return rows


def number(cell):
    return float(cell.replace(",", ""))


def test_the_document_is_what_the_script_says():
    done = subprocess.run([SCRIPT, "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_document_computed_once_more():
    """From its own tables of figures, by other means than the script's."""
    rows = rows_of((SOURCE / "docs" / "capacity.md").read_text())
    given = {name: number(cells[0]) for name, cells in rows.items()
             if re.fullmatch(r"[a-z_]+", name) and name not in ("name", "users", "sessions")}
    for column, users in enumerate(map(number, rows["users"])):
        def says(title):
            return number(rows[title][column])

        a_day = users * given["active_share"] * given["messages_per_day"]
        sends = a_day / 24 / 3600 * given["peak"]
        assert says("messages a second, at the peak") == pytest.approx(sends, rel=0.01)
        kept = a_day * given["retention_days"] * given["message_bytes"]
        assert says("messages kept, TB (one copy)") == pytest.approx(kept / 1e12, rel=0.01)
        by_disk = kept / (given["disk_tb"] * 1e12 * 0.7)
        by_writes = (sends * (1 + given["receipts_per_message"])
                     / (given["database_writes"] * given["write_share"]))
        shards = math.ceil(max(by_disk, by_writes))
        assert says("databases: shards") == pytest.approx(shards, rel=0.01)
        assert says("database machines") == pytest.approx(
            says("databases: shards") * given["copies"], rel=0.01)
        online = users * given["online_share"]
        assert says("memory of sessions, GiB") == pytest.approx(
            online * given["session_bytes"] / 2**30, rel=0.01)
        assert says("msgd, one of them to spare") >= max(2, online / given["sessions_per_node_max"])


def test_figures_come_from_the_measurements(capacity):
    text = capacity.PERFORMANCE.read_text()
    found = capacity.measured(text)
    assert set(found) == set(capacity.MEASURED)
    changed = text.replace("at ten million | 154 | 358 | 509", "at ten million | 154 | 358 | 510")
    assert capacity.measured(changed) == found | {"message_bytes": 510}
    with pytest.raises(SystemExit):
        capacity.measured(text.replace("CPU of a send, us: WebSocket", "CPU of a sending"))


def test_more_people_never_need_less(capacity):
    values = capacity.measured(capacity.PERFORMANCE.read_text())
    values |= {name: value for name, (value, _) in capacity.ASSUMED.items()}
    before = None
    for users in (1, 1000, 10**5, 10**6, 10**7, 10**8, 10**9):
        need = vars(capacity.compute(users, values))
        assert before is None or all(need[name] >= before[name] for name in need)
        before = need


def test_assumptions_can_be_changed_and_wrong_names_are_refused():
    twice = subprocess.run([SCRIPT, "--users", "1000000", "--set", "messages_per_day=80"],
                           capture_output=True, text=True, check=True).stdout
    once = subprocess.run([SCRIPT, "--users", "1000000"], capture_output=True, text=True,
                          check=True).stdout
    name = "messages a second, at the peak"
    doubled = 2 * number(rows_of(once)[name][0])
    assert number(rows_of(twice)[name][0]) == pytest.approx(doubled, rel=0.01)
    wrong = subprocess.run([SCRIPT, "--set", "message=1"], capture_output=True, text=True)
    assert wrong.returncode == 1 and "none of" in wrong.stderr
