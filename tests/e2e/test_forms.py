# SPDX-License-Identifier: Apache-2.0
"""The promised forms, spoken literally: docs/forms.md. Each with and without /api/v1."""

import concurrent.futures
import datetime
import itertools

import pytest

import document
from api import Api
from codes import NONCE, Webhook, serve
from conftest import WebSocket

_numbers = itertools.count(1)
PREFIXES = ["", "/api/v1"]


def number():
    return f"+1415555{next(_numbers):04d}"


@pytest.fixture(scope="module")
def open_server():
    """Asks nobody who they are."""
    from conftest import Msgd, binary

    server = Msgd(binary("MSGD"), ["--no-authentication"])
    yield server
    server.stop()


@pytest.fixture(scope="module")
def anybody(open_server):
    return Api(open_server.url)


@pytest.fixture(params=PREFIXES, ids=["bare", "api_v1"])
def prefix(request):
    return request.param


def register(api, prefix=""):
    answer = api.call("POST", prefix + "/register", {"phoneNumber": number()})
    assert answer.status == 201, answer
    return answer.json


# The first form -------------------------------------------------------------------------------


def test_register_send_fetch(anybody, prefix):
    alice, bob = register(anybody, prefix), register(anybody, prefix)
    sent = anybody.call(
        "POST",
        prefix + "/message/send",
        {"receiverId": bob["userId"], "content": "hello", "type": "text"},
        headers={"sessionToken": alice["sessionToken"]},
    )
    assert sent.status == 201 and sent.json["status"] == "sent", sent
    fetched = anybody.call(
        "GET",
        prefix + "/message/fetch",
        query={"chatId": sent.json["chatId"], "fromTimestamp": 0},
        headers={"sessionToken": bob["sessionToken"]},
    )
    assert fetched.status == 200, fetched
    assert [(m["id"], m["content"], m["sender_id"]) for m in fetched.json["items"]] == [
        (sent.json["messageId"], "hello", alice["userId"])
    ]


def test_register_again_is_the_same_user(anybody, prefix):
    phone = number()
    first = anybody.call("POST", prefix + "/register", {"phoneNumber": phone})
    again = anybody.call("POST", prefix + "/register", {"phoneNumber": phone})
    assert (first.status, again.status) == (201, 200)
    assert first.json["userId"] == again.json["userId"] and not again.json["isNewUser"]
    assert first.json["sessionToken"] != again.json["sessionToken"]


def test_register_by_code(start_msgd, tmp_path, prefix):
    hook = Webhook()
    server = serve(start_msgd, hook, tmp_path)
    nobody, phone = Api(server.url), "+14155550199"
    first = {"phoneNumber": phone, "deviceNonce": NONCE} if prefix else {"phoneNumber": phone}
    asked = nobody.call("POST", prefix + "/register", first)
    assert asked.status == 202 and asked.json["status"] == "code_sent", asked
    nonce = asked.json["deviceNonce"]
    assert nonce == NONCE if prefix else len(nonce) == 32
    proof = {"phoneNumber": phone, "deviceNonce": nonce, "requestId": asked.json["requestId"]}
    for missing in ("deviceNonce", "requestId"):
        part = {k: v for k, v in proof.items() if k != missing}
        refused = nobody.call("POST", prefix + "/register", {**part, "code": "123456"})
        assert (refused.status, refused.pointers) == (422, ["/" + missing])
    wrong = nobody.call("POST", prefix + "/register", {**proof, "code": "0000000"})
    assert wrong.status == 403, wrong
    right = nobody.call("POST", prefix + "/register", {**proof, "code": hook.code(phone)})
    assert right.status == 201 and right.json["phoneNumber"] == phone, right
    me = nobody.call(
        "GET",
        f"{prefix}/user/{right.json['userId']}",
        headers={"sessionToken": right.json["sessionToken"]},
    )
    assert me.json["phone"] == phone
    hook.server.shutdown()


def test_register_by_key_but_not_by_session(msgd, prefix):
    url = msgd.dev_tokens()["url"]
    session = Api(url, msgd.dev_tokens()["users"]["alice"]["token"])
    assert session.call("POST", prefix + "/register", {"phoneNumber": number()}).status == 403
    key = Api(url, msgd.dev_tokens()["key"])
    assert key.call("POST", prefix + "/register", {"phoneNumber": number()}).status == 201
    assert key.call("POST", prefix + "/register", {"phoneNumber": "5"}).status == 422


def test_user(anybody, prefix):
    alice = register(anybody)
    answer = anybody.call("GET", f"{prefix}/user/{alice['userId']}")
    assert answer.json["phone"] == alice["phoneNumber"]
    assert anybody.call("GET", f"{prefix}/user/1").status == 404


def test_send_is_idempotent(anybody, prefix):
    alice, bob = register(anybody), register(anybody)
    body = {"receiverId": bob["userId"], "content": "once", "clientId": "k 1"}
    headers = {"sessionToken": alice["sessionToken"]}
    first, again = (
        anybody.call("POST", prefix + "/message/send", body, headers=headers) for _ in range(2)
    )
    assert first.json["messageId"] == again.json["messageId"]
    other = {**body, "content": "twice"}
    clash = anybody.call("POST", prefix + "/message/send", other, headers=headers)
    assert (clash.status, clash.pointers) == (422, ["/clientId"])
    chat = {"chatId": first.json["chatId"], "content": "there"}
    assert anybody.call("POST", prefix + "/message/send", chat, headers=headers).status == 201


@pytest.mark.parametrize(
    "body, pointer",
    [
        ({"content": "x"}, "/receiverId"),
        ({"content": "x", "receiverId": "1", "chatId": "1"}, "/receiverId"),
        ({"receiverId": "1"}, "/content"),
        ({"content": "x", "receiverId": "1", "type": "hologram"}, "/type"),
        ({"content": "x", "receiverId": 7}, "/receiverId"),
    ],
)
def test_a_bad_send_is_refused(anybody, prefix, body, pointer):
    alice = register(anybody)
    answer = anybody.call(
        "POST", prefix + "/message/send", body, headers={"sessionToken": alice["sessionToken"]}
    )
    assert (answer.status, answer.pointers) == (422, [pointer])


def test_fetch_from_a_moment(anybody, prefix):
    alice, bob = register(anybody), register(anybody)
    headers = {"sessionToken": alice["sessionToken"]}
    sent = []
    for i in range(4):
        body = {"receiverId": bob["userId"], "content": str(i)}
        sent.append(anybody.call("POST", "/message/send", body, headers=headers).json)
    chat, moment = sent[0]["chatId"], sent[2]["timestamp"]
    since = datetime.datetime.fromisoformat(moment.replace("Z", "+00:00"))
    for text in (moment, str(int(since.timestamp() * 1000))):
        query = {"chatId": chat, "fromTimestamp": text}
        page = anybody.call("GET", prefix + "/message/fetch", query=query, headers=headers).json
        contents = [m["content"] for m in page["items"]]
        assert contents == ["0", "1", "2", "3"][4 - len(contents) :] and len(contents) >= 2
    page = anybody.call(
        "GET", prefix + "/message/fetch", query={"chatId": chat, "limit": 3}, headers=headers
    ).json
    assert page["page"]["has_more"]
    rest = {"chatId": chat, "cursor": page["page"]["next"]}
    page = anybody.call("GET", prefix + "/message/fetch", query=rest, headers=headers).json
    assert [m["content"] for m in page["items"]] == ["3"]
    stranger = {"sessionToken": register(anybody)["sessionToken"]}
    query = {"chatId": chat}
    assert anybody.call("GET", prefix + "/message/fetch", query=query, headers=stranger).status == 404
    for query, pointer in [({}, "?chatId"), ({"chatId": chat, "fromTimestamp": "noon"}, "?fromTimestamp"),
                           ({"chatId": chat, "fromTimestamp": "9" * 15}, "?fromTimestamp"),
                           ({"chatId": chat, "fromTimestamp": "9" * 30}, "?fromTimestamp")]:
        answer = anybody.call("GET", prefix + "/message/fetch", query=query, headers=headers)
        assert (answer.status, answer.pointers) == (422, [pointer])


def test_status_is_what_others_see(anybody, prefix):
    alice, bob = register(anybody), register(anybody)
    as_alice = {"sessionToken": alice["sessionToken"]}
    as_bob = {"sessionToken": bob["sessionToken"]}
    body = {"receiverId": bob["userId"], "content": "now we are contacts"}
    anybody.call("POST", "/message/send", body, headers=as_alice)

    def seen():
        answer = anybody.call(
            "GET", "/api/v1/presence", query={"user_ids": alice["userId"]}, headers=as_bob
        )
        return answer.json["users"][0]["state"]

    assert seen() == "offline"
    for state in ("online", "away", "online"):
        answer = anybody.call(
            "POST", prefix + "/user/status/update", {"status": state}, headers=as_alice
        )
        assert answer.status == 200 and answer.json["expiresInSeconds"] == 90
        assert seen() == state
    answer = anybody.call(
        "POST", prefix + "/user/status/update", {"status": "asleep"}, headers=as_alice
    )
    assert (answer.status, answer.pointers) == (422, ["/status"])


def test_notifications(anybody, prefix):
    alice, bob = register(anybody), register(anybody)
    as_alice = {"sessionToken": alice["sessionToken"]}
    as_bob = {"sessionToken": bob["sessionToken"]}

    def fetched():
        answer = anybody.call("GET", prefix + "/notification/fetch", headers=as_bob)
        assert answer.status == 200, answer
        return answer.json["items"]

    def seen(**body):
        answer = anybody.call("POST", prefix + "/notification/read", body, headers=as_bob)
        assert answer.status == 204, answer

    assert fetched() == []
    body = {"receiverId": bob["userId"], "content": "hello"}
    sent = anybody.call("POST", prefix + "/message/send", body, headers=as_alice).json
    group = anybody.call(
        "POST",
        "/api/v1/conversations",
        {"kind": "group", "title": "Team", "user_ids": [bob["userId"]]},
        headers=as_alice,
    ).json["id"]
    call = {"content": "come", "mentions": [bob["userId"]]}
    anybody.call("POST", f"/api/v1/conversations/{group}/messages", call, headers=as_alice)
    alert = {"user_ids": [bob["userId"]], "text": "maintenance at noon"}
    assert anybody.call("POST", "/api/v1/alerts", alert).status == 204

    items = fetched()
    assert [i["kind"] for i in items] == ["alert", "group", "mention", "message", "message"]
    assert items[0]["text"] == "maintenance at noon"
    assert (items[1]["news"], items[1]["by"]) == ("added", alice["userId"])
    assert (items[2]["conversation_id"], items[2]["count"]) == (group, 1)
    assert items[4]["last_message"]["id"] == sent["messageId"]
    seen(ids=[items[0]["id"], items[2]["id"]])
    assert [i["kind"] for i in fetched()] == ["group", "message"]
    seen(all=True)
    assert fetched() == []
    chat = {"chatId": sent["chatId"]}
    page = anybody.call("GET", prefix + "/message/fetch", query=chat, headers=as_alice).json
    assert page["items"][0]["status"] == "read", "seen is read"
    for wrong in ({}, {"ids": ["x"]}, {"ids": [], "all": True}, {"ids": "message-1-1"}):
        answer = anybody.call("POST", prefix + "/notification/read", wrong, headers=as_bob)
        assert (answer.status, answer.pointers) == (422, ["/ids"]), wrong


# The second form ------------------------------------------------------------------------------


@pytest.fixture
def pair(anybody, prefix):
    """Two users made by POST /users, and one conversation of them."""
    users = [anybody.call("POST", prefix + "/users", {"phone": number()}).json for _ in range(2)]
    answer = anybody.call(
        "POST", f"{prefix}/users/{users[0]['id']}/conversations", {"recipient": users[1]["id"]}
    )
    assert answer.status == 200, answer
    return users[0], users[1], answer.json["id"]


def test_both_sides_at_once_make_one_conversation(anybody, prefix):
    users = [anybody.call("POST", prefix + "/users", {"phone": number()}).json for _ in range(2)]

    def open_one(i):
        me, other = users[i % 2], users[1 - i % 2]
        recipient = other["phone"] if i % 4 < 2 else other["id"]
        return anybody.call(
            "POST", f"{prefix}/users/{me['id']}/conversations", {"recipient": recipient}
        ).json["id"]

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(open_one, range(32)))) == 1


def test_messages_of_a_users_conversation(anybody, prefix, pair):
    alice, bob, conversation = pair
    path = f"{prefix}/users/{alice['id']}/conversations/{conversation}/messages"
    headers = {"Idempotency-Key": "first"}
    first = anybody.call("POST", path, {"content": "0"}, headers=headers)
    assert first.status == 201
    assert anybody.call("POST", path, {"content": "0"}, headers=headers).json["id"] == first.json["id"]
    ids = [first.json["id"]]
    ids += [anybody.call("POST", path, {"content": str(i)}).json["id"] for i in range(1, 7)]

    def walk(order):
        seen, query = [], {"limit": 3, "order": order}
        while True:
            page = anybody.call("GET", path, query=query).json
            seen += [m["id"] for m in page["items"]]
            assert len(page["items"]) <= 3
            if not page["page"]["has_more"]:
                return seen
            query["last_id"] = page["items"][-1]["id"]

    assert walk("asc") == ids
    assert walk("desc") == ids[::-1]
    of_bob = f"{prefix}/users/{bob['id']}/conversations/{conversation}/messages"
    assert len(anybody.call("GET", of_bob).json["items"]) == 7
    listed = anybody.call("GET", f"{prefix}/users/{bob['id']}/conversations").json["items"]
    assert [v["conversation"]["id"] for v in listed] == [conversation]
    assert listed[0]["unread_count"] == 7


def test_bad_last_ids_are_refused(anybody, prefix, pair):
    alice, _, conversation = pair
    path = f"{prefix}/users/{alice['id']}/conversations/{conversation}/messages"
    for last in ("x", "1", f"{int(conversation) + 1}-1", "-1"):
        answer = anybody.call("GET", path, query={"last_id": last})
        assert (answer.status, answer.pointers) == (422, ["?last_id"]), last


def test_a_session_speaks_for_its_own_user_only(anybody, prefix, pair):
    alice, bob, conversation = pair
    token = anybody.call("POST", f"/api/v1/users/{alice['id']}/sessions", {}).json["token"]
    api = Api(anybody.url, token)
    mine, others = (f"{prefix}/users/{u['id']}/conversations" for u in (alice, bob))
    assert api.call("GET", mine).status == 200
    assert api.call("GET", others).status == 403
    assert api.call("POST", others, {"recipient": alice["id"]}).status == 403
    assert api.call("GET", f"{others}/{conversation}/messages").status == 403
    assert api.call("POST", f"{others}/{conversation}/messages", {"content": "x"}).status == 403
    answer = api.call("POST", mine, {"recipient": bob["phone"]})
    assert (answer.status, answer.pointers) == (403, ["/recipient"])
    assert api.call("POST", mine, {"recipient": bob["id"]}).status == 200


def test_recipients_that_are_none(anybody, prefix, pair):
    path = f"{prefix}/users/{pair[0]['id']}/conversations"
    for recipient, status in [("5", 404), ("+19995550000", 404), ("bob", 422), ("+x", 422)]:
        assert anybody.call("POST", path, {"recipient": recipient}).status == status, recipient


# Without authentication -----------------------------------------------------------------------


def test_the_server_says_that_it_asks_nobody(open_server):
    assert open_server.wait_for_log("server.no_authentication")["level"] == "warn"


def test_a_token_counts_where_none_is_needed(anybody):
    alice = register(anybody)
    assert Api(anybody.url, alice["sessionToken"]).get("/me").json["id"] == alice["userId"]
    assert Api(anybody.url, "mss_" + "x" * 43).get("/me").status == 401
    assert anybody.get("/me").status == 422, "nobody is named"


def test_a_websocket_needs_no_token_either(open_server, anybody):
    alice, bob = register(anybody), register(anybody)
    with WebSocket(open_server.address) as ws:
        ws.send_json({"op": "hello", "id": 1, "user_id": alice["userId"]})
        assert ws.read_json()["result"]["user"]["id"] == alice["userId"]
        body = {"receiverId": alice["userId"], "content": "there"}
        anybody.call(
            "POST", "/message/send", body, headers={"sessionToken": bob["sessionToken"]}
        )
        contents = []
        while "there" not in contents:
            contents.append(ws.read_json().get("message", {}).get("content"))


def test_with_authentication_the_forms_need_tokens(msgd, prefix):
    nobody = Api(msgd.url)
    for method, path in [
        ("GET", "/user/1"),
        ("POST", "/message/send"),
        ("GET", "/message/fetch"),
        ("POST", "/user/status/update"),
        ("POST", "/users"),
        ("GET", "/users/1/conversations"),
        ("POST", "/users/1/conversations"),
        ("GET", "/users/1/conversations/1/messages"),
        ("POST", "/users/1/conversations/1/messages"),
    ]:
        assert nobody.call(method, prefix + path, {} if method == "POST" else None).status == 401


def test_every_form_was_answered():
    forms = {o["operationId"] for _, _, o in document.operations() if "forms" in o["tags"]}
    assert forms <= document.answered
