# SPDX-License-Identifier: Apache-2.0
"""Holds the frames of a WebSocket to the AsyncAPI document that msgd serves."""

import json
import pathlib

import jsonschema

import document

PATH = pathlib.Path(__file__).parents[2] / "server" / "live" / "asyncapi.json"
TEXT = PATH.read_text()
DOCUMENT = json.loads(TEXT)
# References into openapi.json lead to the same place in one document of both.
_MERGED = json.loads(TEXT.replace('"openapi.json#/', '"#/'))
_SCHEMAS = {"schemas": {**document.DOCUMENT["components"]["schemas"], **_MERGED["components"]["schemas"]}}
_VALIDATORS = {
    key: jsonschema.Draft202012Validator({**message["payload"], "components": _SCHEMAS})
    for key, message in _MERGED["components"]["messages"].items()
}
CLOSE_CODES = {int(code) for code in DOCUMENT["channels"]["session"]["x-close-codes"]}

seen = set()  # keys of the messages that were exchanged


def _check(key, frame):
    _VALIDATORS[key].validate(frame)
    seen.add(key)


def check_event(frame):
    _check(frame["event"] + "Event", frame)


def check_exchange(request, reply):
    """A request that was carried out is as described, and whatever it was answered is."""
    if not reply["ok"]:
        return _check("refusal", reply)
    _check(request["op"], request)
    _check(request["op"] + "Reply", reply)
