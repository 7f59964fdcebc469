# SPDX-License-Identifier: Apache-2.0
"""docker-compose.yml as docker compose reads it: merged, with its variables filled in."""

import pathlib
import re

import yaml


def read_env(path):
    """name -> value of a file such as .env."""
    lines = pathlib.Path(path).read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def filled_in(value, variables):
    """With $$, ${NAME} and ${NAME:-default} replaced, everywhere in it."""
    if isinstance(value, dict):
        return {k: filled_in(v, variables) for k, v in value.items()}
    if isinstance(value, list):
        return [filled_in(v, variables) for v in value]
    if not isinstance(value, str):
        return value

    def one(match):
        if match[0] == "$$":
            return "$"
        assert match["name"], f"{value!r}: a form this reader does not know"
        return variables.get(match["name"]) or match["default"] or ""

    return re.sub(r"\$(?:\$|\{(?P<name>\w+)(?::-(?P<default>[^}]*))?\})?", one, value)


def read_compose(source, **variables):
    """The whole file; `variables` win over .env."""
    text = (source / "docker-compose.yml").read_text()
    return filled_in(yaml.safe_load(text), read_env(source / ".env") | variables)


def of_profile(compose, *profiles):
    """name -> service, of those that start with these profiles."""
    return {name: service for name, service in compose["services"].items()
            if set(service["profiles"]) & set(profiles)}


def texts(environment):
    """A service's variables as its program sees them."""
    return {k: str(v) for k, v in environment.items()}
