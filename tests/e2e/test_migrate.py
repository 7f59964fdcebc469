# SPDX-License-Identifier: Apache-2.0
"""`msgd migrate`: the schema before any server, and what it would do."""

import subprocess

from conftest import binary


def migrate(*arguments):
    done = subprocess.run([binary("MSGD"), "migrate", *arguments], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_the_plan_changes_nothing_and_migrating_does_what_it_said(own_postgres):
    code, plan = migrate("--plan", f"--store={own_postgres.url}")
    assert code == 0 and "number 0 is there" in plan and "to run" in plan, plan
    assert own_postgres.query("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == "0"
    assert migrate(f"--store={own_postgres.url}")[0] == 0
    code, plan = migrate(f"--store={own_postgres.url}", "--plan")
    assert code == 0 and "to run" not in plan
    assert own_postgres.query("SELECT count(*) FROM node_lease") == "0", "it is no server"
    assert "NOT one shard alone" in plan, "what does not stay on one is said"


def test_usage_and_failures_have_codes():
    assert migrate("--plam", "--store=memory:")[0] == 2
    assert migrate("--plan", "--store=memory:")[0] == 1
    assert migrate("--plan", "--store=postgresql://127.0.0.1:1/x")[0] == 1
