# SPDX-License-Identifier: Apache-2.0
"""Holds what msgd answers to the OpenAPI document that it serves."""

import json
import pathlib
import re

import jsonschema

PATH = pathlib.Path(__file__).parents[2] / "server" / "http" / "openapi.json"
DOCUMENT = json.loads(PATH.read_text())
CODES = DOCUMENT["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]

answered = set()  # operationId of what succeeded at least once


def operations():
    """(method, path pattern, operation) of all that is described."""
    for pattern, item in DOCUMENT["paths"].items():
        if "$ref" in item:  # another name of a path
            item = DOCUMENT["paths"][item["$ref"].removeprefix("#/paths/").replace("~1", "/")]
        for method, operation in item.items():
            yield method.upper(), pattern, operation


def find_operation(method, path):
    """The operation that serves a path; of several the one with the most fixed segments."""
    found = None, 0
    for known, pattern, operation in operations():
        expression = re.sub(r"{[^}]+}", "[^/]+", pattern)
        fixed = 1 + pattern.count("/") - pattern.count("{")
        if known == method and re.fullmatch(expression, path) and fixed > found[1]:
            found = operation, fixed
    return found[0]


def validate(value, schema):
    """Checks a value against a schema that may refer to components."""
    whole = {**schema, "components": DOCUMENT["components"]}
    jsonschema.Draft202012Validator(whole).validate(value)


def check(method, path, answer):
    """Status, media type and body are as described. What has no operation is not looked at."""
    operation = find_operation(method, path)
    if operation is None:
        return
    responses = operation["responses"]
    response = responses.get(str(answer.status))
    if response is None:
        assert answer.status >= 400, f"{method} {path} describes no {answer.status}"
        response = DOCUMENT["components"]["responses"]["Problem"]
    else:
        answered.add(operation["operationId"])
    if "content" not in response:
        assert answer.body == "", f"{method} {path} describes no body"
        return
    media_type = answer.headers["Content-Type"].partition(";")[0]
    assert media_type in response["content"], f"{method} {path} describes no {media_type}"
    if media_type.endswith("json"):
        validate(answer.json, response["content"][media_type].get("schema", {}))
