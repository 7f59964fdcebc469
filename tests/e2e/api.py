# SPDX-License-Identifier: Apache-2.0
"""A small client of msgd's HTTP interface for the tests in this folder."""

import itertools
import json
import urllib.error
import urllib.parse
import urllib.request

import document

TIMEOUT_S = 20
_phones = itertools.count(1)


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        """The code of a problem."""
        assert self.headers["Content-Type"] == "application/problem+json", self.body
        return self.json["code"]

    @property
    def pointers(self):
        return [e["pointer"] for e in self.json.get("errors", [])]

    def __repr__(self):
        return f"{self.status} {self.body}"


class Api:
    """Calls as one principal; `answer.json` is what came back."""

    def __init__(self, url, token=None, user_id=None):
        self.url = url
        self.token = token
        self.user_id = user_id  # a key acts as this user
        self.id = user_id

    def call(self, method, path, body=None, query=None, headers=None, raw=None):
        url = self.url + path
        if query:
            url += "?" + urllib.parse.urlencode(query)
        fields = dict(headers or {})
        if self.token and "Authorization" not in fields:
            fields["Authorization"] = f"Bearer {self.token}"
        if self.user_id and self.token and self.token.startswith("msk_"):
            fields.setdefault("X-User-Id", self.user_id)
        data = raw
        if body is not None:
            data = json.dumps(body).encode()
        if data is not None:
            fields.setdefault("Content-Type", "application/json")
        request = urllib.request.Request(url, data=data, method=method, headers=fields)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:
                answer = Answer(response.status, response.headers, response.read().decode())
        except urllib.error.HTTPError as error:
            answer = Answer(error.code, error.headers, error.read().decode())
        document.check(method, path, answer)
        return answer

    def get(self, path, **query):
        return self.call("GET", "/api/v1" + path, query=query)

    def post(self, path, body=None, **headers):
        return self.call("POST", "/api/v1" + path, {} if body is None else body, headers=headers)

    def patch(self, path, body):
        return self.call("PATCH", "/api/v1" + path, body)

    def put(self, path, body=None):
        return self.call("PUT", "/api/v1" + path, {} if body is None else body)

    def delete(self, path, **query):
        return self.call("DELETE", "/api/v1" + path, query=query)


class World:
    """A server with a key, and people as a test needs them."""

    def __init__(self, msgd):
        tokens = msgd.dev_tokens()
        self.url = tokens["url"]
        self.key = Api(self.url, tokens["key"])
        self.nobody = Api(self.url)

    def person(self, display_name="Somebody"):
        """A new user with a session of its own."""
        number = next(_phones)
        made = self.key.post("/users", {"phone": f"+4930{number:08d}", "display_name": display_name})
        assert made.status == 201, made
        user = made.json["id"]
        session = self.key.post(f"/users/{user}/sessions", {"device_name": "test"})
        assert session.status == 201, session
        api = Api(self.url, session.json["token"])
        api.id = user
        api.session_id = session.json["session"]["id"]
        return api

    def people(self, count):
        return [self.person() for _ in range(count)]

    def group(self, owner, *members, title="Team"):
        made = owner.post(
            "/conversations",
            {"kind": "group", "title": title, "user_ids": [m.id for m in members]},
        )
        assert made.status == 201, made
        return made.json["id"]
