# SPDX-License-Identifier: Apache-2.0
"""Our E.164 normaliser against Google's libphonenumber: one number per country, in every spelling."""

import json
import urllib.error
import urllib.parse
import urllib.request

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType


def call(server, method, path, body=None):
    request = urllib.request.Request(
        f"{server.url}/api/v1{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {server.dev_tokens()['key']}",
            "Content-Type": "application/json",
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def example_numbers():
    """(region, number), less the few that two regions share."""
    numbers = {}
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        number = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
        if number:
            e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
            numbers.setdefault(e164, (region, number))
    return numbers.values()


def test_every_country_in_every_spelling(msgd):
    seen = 0
    for region, number in example_numbers():
        e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        status, user = call(msgd, "POST", "/users", {"phone": e164, "display_name": region})
        assert status == 201, (region, e164, user)
        assert user["phone"] == e164
        spaced = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
        for spelling in (
            spaced,
            spaced.replace(" ", "-"),
            spaced.replace("+", "00"),
            phonenumbers.format_number(number, PhoneNumberFormat.RFC3966),
        ):
            path = "/users/by-phone/" + urllib.parse.quote(spelling, safe="")
            status, found = call(msgd, "GET", path)
            assert (status, found.get("id")) == (200, user["id"]), (region, spelling, found)
        seen += 1
    assert seen > 200


def test_what_is_impossible_everywhere_is_refused(msgd):
    for text in ("12345", "+", "+1", "+000000000", "+999123456789", "+1234567890123456", "phone"):
        status, problem = call(msgd, "POST", "/users", {"phone": text, "display_name": "x"})
        assert status == 422, text
        assert problem["code"] == "invalid_argument"
        assert problem["errors"][0]["pointer"] == "/phone"
