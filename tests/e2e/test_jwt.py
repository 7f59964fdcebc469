# SPDX-License-Identifier: Apache-2.0
"""Signing in with tokens of another application, whose keys are in a file or at a URL."""

import http.server
import json
import os
import signal
import ssl
import subprocess
import threading
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from api import Api
from conftest import HOST

ISSUER = "https://app.example"
SECRET = "a secret of at least thirty-two bytes"
OPTIONS = [f"--jwt-issuer={ISSUER}", "--jwt-audience=chat", "--jwt-audience=chat-2"]


def b64(data):
    return jwt.utils.base64url_encode(data).decode()


class Signer:
    """A key of the application. The tokens are made by another implementation than ours."""

    def __init__(self, algorithm, kid):
        self.algorithm, self.kid = algorithm, kid
        if algorithm == "HS256":
            self.key = SECRET
            public = {"kty": "oct", "k": b64(SECRET.encode())}
        elif algorithm == "RS256":
            self.key = rsa.generate_private_key(65537, 2048)
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        elif algorithm == "ES256":
            self.key = ec.generate_private_key(ec.SECP256R1())
            point = self.key.public_key().public_numbers()
            public = {"kty": "EC", "crv": "P-256", "x": b64(point.x.to_bytes(32, "big")),
                      "y": b64(point.y.to_bytes(32, "big"))}
        else:
            self.key = ed25519.Ed25519PrivateKey.generate()
            public = json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(self.key.public_key()))
        self.jwk = {**public, "kid": kid, "alg": algorithm}

    def token(self, **claims):
        now = int(time.time())
        given = {"iss": ISSUER, "aud": "chat", "sub": "user-17", "iat": now, "exp": now + 600, **claims}
        given = {k: v for k, v in given.items() if v is not None}
        return jwt.encode(given, self.key, self.algorithm, headers={"kid": self.kid})


def exchange(server, token, **more):
    return Api(server.url).call("POST", "/api/v1/auth/jwt", {"token": token, **more})


def write_keys(path, *signers):
    path.write_text(json.dumps({"keys": [s.jwk for s in signers]}))
    path.chmod(0o600)


@pytest.fixture
def signers():
    return [Signer("HS256", "h"), Signer("RS256", "r"), Signer("ES256", "e"), Signer("EdDSA", "o")]


@pytest.fixture
def server(start_msgd, signers, tmp_path):
    write_keys(tmp_path / "keys.json", *signers)
    return start_msgd(f"--jwt-keys={tmp_path / 'keys.json'}", "--log-level=debug", *OPTIONS)


def test_a_token_of_each_kind_is_exchanged_for_a_session(server, signers):
    users = set()
    for signer in signers:
        answer = exchange(server, signer.token(name="Ann"), device_name="Phone")
        assert answer.status == 201, (signer.algorithm, answer)
        users.add(answer.json["user"]["id"])
        assert answer.json["is_new_user"] == (len(users) == 1 and signer is signers[0])
        assert answer.json["user"]["display_name"] == "Ann"
        me = Api(server.url, answer.json["token"])
        assert me.get("/me").json["id"] == answer.json["user"]["id"]
    assert len(users) == 1, "the subject is the user, whatever the key"
    assert len(me.get("/sessions").json["items"]) == 4
    assert me.call("DELETE", "/api/v1/sessions").status == 204
    assert len(me.get("/sessions").json["items"]) == 1


def test_a_token_that_is_not_believed_gets_one_answer(server, signers):
    now = int(time.time())
    good = signers[3].token()
    head, body, signature = good.split(".")
    none = b64(json.dumps({"alg": "none", "kid": "o"}).encode())
    bad = [
        "", "x", "a.b.c", good + "x", f"{head}.{body}.", f"{none}.{body}.", f"{none}.{body}.{signature}",
        signers[3].token(iss="https://other.example"),
        signers[3].token(aud="other"),
        signers[3].token(aud=None),
        signers[3].token(sub=None),
        signers[3].token(exp=None),
        signers[3].token(exp=now - 61, iat=None),
        signers[3].token(exp=now + 7200),
        signers[3].token(nbf=now + 120),
        Signer("EdDSA", "o").token(),
        Signer("EdDSA", "unknown").token(),
        "x" * 9000,
    ]
    answers = [exchange(server, token) for token in bad]
    assert {a.status for a in answers} == {401}
    bodies = [{k: v for k, v in a.json.items() if k != "request_id"} for a in answers]
    assert all(b == bodies[0] for b in bodies)
    assert server.wait_for_log("jwt.refused", why="expired")
    for entry in server.log:
        assert signature not in json.dumps(entry)
    assert Api(server.url, good).get("/me").status == 401, "it is no token of ours"


def test_a_body_without_a_token_is_told_what_is_missing(server):
    answer = Api(server.url).call("POST", "/api/v1/auth/jwt", {})
    assert answer.status == 422 and answer.pointers == ["/token"]


def test_numbers_count_where_the_issuer_is_trusted_with_them(start_msgd, signers, tmp_path, server):
    claims = {"phone_number": "+14155550150"}
    assert exchange(server, signers[1].token(**claims)).json["user"]["phone"] is None
    trusting = start_msgd(f"--jwt-keys={tmp_path / 'keys.json'}", "--jwt-trust-phone", *OPTIONS)
    unproven = exchange(
        trusting, signers[1].token(sub="1", phone_number_verified=False, **claims))
    assert unproven.json["user"]["phone"] is None
    key = Api(trusting.url, trusting.dev_tokens()["key"])
    old = key.post("/users", {"phone": "+14155550150"}).json
    assert exchange(trusting, signers[1].token(sub="2", **claims)).json["user"]["id"] == old["id"]
    other = exchange(trusting, signers[1].token(sub="3", **claims)).json
    assert other["is_new_user"] and other["user"]["phone"] is None


def test_a_file_is_read_again_on_sighup(server, signers, tmp_path):
    fresh = Signer("ES256", "fresh")
    assert exchange(server, fresh.token()).status == 401
    path = tmp_path / "keys.json"
    path.write_text("{")
    server.process.send_signal(signal.SIGHUP)
    assert "JSON" in server.wait_for_log("reload.failed")["why"]
    assert exchange(server, signers[0].token()).status == 201, "the keys in use stay"
    write_keys(path, fresh)
    server.process.send_signal(signal.SIGHUP)
    server.wait_for_log("reloaded", keys=str(path))
    assert exchange(server, fresh.token()).status == 201
    assert exchange(server, signers[0].token()).status == 401


class KeyServer:
    """Where the application publishes its keys, over https."""

    def __init__(self, folder):
        self.folder = folder
        certificate, key = folder / "certificate.pem", folder / "key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
             "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
             "-keyout", key, "-out", certificate],
            check=True, capture_output=True,
        )
        self.certificate = str(certificate)
        self.status, self.text, self.asked = 200, "", 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked += 1
                self.send_response(outer.status)
                if outer.status == 302:
                    self.send_header("Location", "/elsewhere")
                body = outer.text.encode()
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer((HOST, 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"https://localhost:{self.server.server_port}/jwks.json"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def publish(self, *signers):
        self.status, self.text = 200, json.dumps({"keys": [s.jwk for s in signers]})


@pytest.fixture
def key_server(tmp_path):
    made = KeyServer(tmp_path)
    yield made
    made.server.shutdown()


def from_url(start_msgd, key_server, pause=1, trusted=True):
    environment = {"SSL_CERT_FILE": key_server.certificate} if trusted else {}
    return start_msgd(f"--jwt-keys={key_server.url}", f"--jwt-fetch-pause-s={pause}", *OPTIONS,
                      environment=environment)


def exchange_soon(server, token, wanted):
    """Keys are fetched when somebody asks, at most once in the pause: so this asks until the pause is over."""
    deadline = time.monotonic() + 20
    while True:
        answer = exchange(server, token)
        if answer.status == wanted or time.monotonic() > deadline:
            return answer
        time.sleep(0.1)


def have_keys_fetched(server, key_server):
    """A key that nobody knows has them fetched once the pause is over."""
    asked = key_server.asked
    deadline = time.monotonic() + 20
    while key_server.asked == asked:
        assert time.monotonic() < deadline, "it does not ask for keys"
        exchange(server, Signer("EdDSA", "unknown").token())
        time.sleep(0.1)


def test_keys_at_a_url_are_rotated(start_msgd, key_server):
    first, second = Signer("RS256", "2026-1"), Signer("ES256", "2026-2")
    key_server.publish(first)
    server = from_url(start_msgd, key_server)
    assert exchange(server, first.token()).status == 201
    key_server.publish(first, second)
    assert exchange_soon(server, second.token(), 201).status == 201
    assert exchange(server, first.token()).status == 201
    key_server.publish(second)
    have_keys_fetched(server, key_server)
    assert exchange_soon(server, first.token(), 401).status == 401, "withdrawn"
    # Whatever is wrong there, what was fetched stays.
    for status, text in ((500, ""), (302, ""), (200, "{"), (200, '{"keys":[]}'), (200, "x" * 200_000)):
        key_server.status, key_server.text = status, text
        have_keys_fetched(server, key_server)
        assert exchange(server, second.token()).status == 201, (status, text[:20])
    server.assert_alive()


def test_many_unknown_keys_make_one_fetch(start_msgd, key_server):
    known = Signer("ES256", "known")
    key_server.publish(known)
    server = from_url(start_msgd, key_server, pause=3600)
    before = key_server.asked
    token = Signer("ES256", "unknown").token()
    assert {exchange(server, token).status for _ in range(20)} == {401}
    assert key_server.asked == before
    assert exchange(server, known.token()).status == 201


def test_a_url_that_does_not_answer_at_start_is_asked_again(start_msgd, key_server):
    signer = Signer("ES256", "k")
    key_server.status = 503
    server = from_url(start_msgd, key_server)
    assert server.wait_for_log("jwt.keys_not_fetched")["why"] == "it answered 503"
    answer = exchange(server, signer.token())
    assert answer.status == 503 and "Retry-After" in answer.headers
    key_server.publish(signer)
    assert exchange_soon(server, signer.token(), 201).status == 201


def test_a_url_with_a_certificate_that_nobody_vouches_for_is_not_believed(start_msgd, key_server):
    signer = Signer("ES256", "k")
    key_server.publish(signer)
    server = from_url(start_msgd, key_server, pause=3600, trusted=False)
    assert "certificate" in server.wait_for_log("jwt.keys_not_fetched")["why"]
    assert exchange(server, signer.token()).status == 503
    assert key_server.asked == 0


def test_without_an_issuer_there_is_no_way_in(start_msgd):
    assert exchange(start_msgd(), Signer("EdDSA", "o").token()).status == 503


@pytest.mark.parametrize(
    "options, why",
    [
        ([f"--jwt-issuer={ISSUER}"], "jwt-keys"),
        (["--jwt-keys=https://app.example/keys"], "jwt-issuer"),
        (["--jwt-keys=http://app.example/keys", *OPTIONS], "https"),
        (["--jwt-keys=missing.json", *OPTIONS], "cannot be read"),
        (["--jwt-keys=open.json", *OPTIONS], "chmod"),
        (["--jwt-keys=weak.json", *OPTIONS], "32 to 1024"),
    ],
)
def test_the_configuration_is_checked(tmp_path, options, why):
    write_keys(tmp_path / "open.json", Signer("HS256", "h"))
    (tmp_path / "open.json").chmod(0o644)
    (tmp_path / "weak.json").write_text('{"keys":[{"kty":"oct","k":"AAAA"}]}')
    (tmp_path / "weak.json").chmod(0o600)
    done = subprocess.run([os.path.abspath(os.environ["MSGD"]), "--dev", "--check-config", *options], cwd=tmp_path, text=True,
                          capture_output=True, timeout=20)
    assert done.returncode == 2 and why in done.stderr, done
