# SPDX-License-Identifier: Apache-2.0
"""TLS in msgd: what is spoken and what is not, and certificates that change while it runs."""

import json
import os
import signal
import socket
import ssl
import subprocess

import pytest

from conftest import Msgd, Peer, WebSocket, binary, memory_factor, upgrade_request, ws_frame

GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1"


def make_certificate(folder, names=NAMES):
    """A certificate that is its own authority, and its key: their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-keyout", key, "-out", cert, "-subj", "/CN=msgd", "-addext", names],
        check=True, capture_output=True)
    key.chmod(0o600)
    return cert, key


def make_expired(folder, cert, key):
    """The certificate again, with an end in the past."""
    folder.mkdir()
    (folder / "index").touch()
    (folder / "ca.cnf").write_text(
        f"[ca]\ndefault_ca=c\n[c]\ndatabase={folder}/index\nnew_certs_dir={folder}\n"
        "default_md=sha256\npolicy=p\nrand_serial=yes\n[p]\ncommonName=supplied\n")
    request, expired = folder / "request.pem", folder / "cert.pem"
    subprocess.run(["openssl", "req", "-new", "-key", key, "-subj", "/CN=msgd", "-out", request],
                   check=True, capture_output=True)
    subprocess.run(["openssl", "ca", "-batch", "-config", folder / "ca.cnf", "-selfsign", "-in", request, "-keyfile", key,
                    "-startdate", "20200101000000Z", "-enddate", "20210101000000Z", "-out", expired],
                   check=True, capture_output=True)
    return expired


@pytest.fixture(scope="module")
def identity(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("tls"))


class TlsMsgd(Msgd):
    """A msgd that speaks TLS."""

    def __init__(self, cert, key, *arguments, **more):
        self.cert = cert
        super().__init__(binary("MSGD"), (f"--tls-cert={cert}", f"--tls-key={key}", *arguments), **more)
        self.url = f"https://localhost:{self.port}"

    def client_context(self):
        return ssl.create_default_context(cafile=str(self.cert))

    def wait_until_healthy(self):
        with self.tls() as peer:
            assert peer.get().status == 200

    def tls(self, context=None):
        return TlsPeer(self.address, context or self.client_context())


class TlsPeer(Peer):
    def __init__(self, address, context):
        super().__init__(address)
        try:
            self.socket = context.wrap_socket(self.socket, server_hostname="localhost")
        except BaseException:
            self.socket.close()
            raise

    def get(self, request=GET):
        self.send(request)
        return self.read_response()

    def serial(self):
        return self.socket.getpeercert()["serialNumber"]

    def expect_end(self):
        """The server closes, with a close_notify."""
        assert self.socket.recv(1) == b""


class TlsWebSocket(WebSocket):
    def __init__(self, address, context):
        Peer.__init__(self, address)
        self.socket = context.wrap_socket(self.socket, server_hostname="localhost")
        self.send(upgrade_request())
        assert self.read_response(head_only=True).status == 101


@pytest.fixture(scope="module")
def tls_msgd(identity):
    server = TlsMsgd(*identity, "--head-timeout-ms=1500")
    yield server
    server.stop()


# What is spoken.


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_speaks_tls_1_2_and_1_3(tls_msgd, version):
    context = tls_msgd.client_context()
    context.minimum_version = context.maximum_version = version
    context.set_alpn_protocols(["h2", "http/1.1"])
    with tls_msgd.tls(context) as peer:
        assert peer.socket.version() == {ssl.TLSVersion.TLSv1_2: "TLSv1.2", ssl.TLSVersion.TLSv1_3: "TLSv1.3"}[version]
        assert peer.socket.selected_alpn_protocol() == "http/1.1"
        assert peer.socket.compression() is None
        assert any(word in peer.socket.cipher()[0] for word in ("GCM", "CHACHA20"))
        for _ in range(3):  # on one connection
            answer = peer.get()
            assert answer.status == 200
            assert answer.header("strict-transport-security") == "max-age=31536000"


def test_answers_larger_than_a_record_come_whole(tls_msgd):
    with tls_msgd.tls() as peer:
        answer = peer.get(b"GET /openapi.json HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
        assert answer.status == 200 and len(answer.body) > 40_000
        json.loads(answer.body)
        peer.expect_end()


def test_requests_that_share_a_record_are_all_answered(tls_msgd):
    """Decrypted bytes that wait do not make the socket readable again."""
    with tls_msgd.tls() as peer:
        peer.send(GET * 100)
        assert [peer.read_response().status for _ in range(100)] == [200] * 100


def test_body_across_records(tls_msgd):
    key = tls_msgd.dev_tokens()["key"]
    body = json.dumps({"phone": "+14155550177", "display_name": "x" * 60}).encode()
    with tls_msgd.tls() as peer:
        peer.send(b"POST /api/v1/users HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
                  b"Authorization: Bearer " + key.encode() +
                  b"\r\nContent-Length: %d\r\n\r\n" % len(body))
        for at in range(0, len(body), 7):
            peer.send(body[at:at + 7])
        assert peer.read_response().status == 201


def test_websocket_over_tls(tls_msgd):
    token = tls_msgd.dev_tokens()["users"]["alice"]["token"]
    with TlsWebSocket(tls_msgd.address, tls_msgd.client_context()) as session:
        session.send_json({"id": 1, "op": "hello", "token": token})
        assert session.read_json()["ok"]
        # Frames that share a record, and records that share a frame.
        session.send(b"".join(ws_frame(0x81, json.dumps({"id": n, "op": "ping"}).encode()) for n in range(2, 50)))
        frame = ws_frame(0x81, b'{"id":50,"op":"ping"}')
        for at in range(len(frame)):
            session.send(frame[at:at + 1])
        replies = []
        while len(replies) < 49:
            reply = session.read_json()
            if "event" not in reply:
                replies.append(reply["id"])
        assert replies == list(range(2, 51))
        session.send(ws_frame(0x88, b"\x03\xe8"))
        assert session.read_close()[0] == 1000
        session.expect_end()


# What is not.


def refused(server, context):
    with pytest.raises((ssl.SSLError, ConnectionError)) as caught:
        with server.tls(context) as peer:
            peer.get()
    return str(caught.value)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_refuses_a_downgrade(tls_msgd, version):
    context = tls_msgd.client_context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    assert "PROTOCOL_VERSION" in refused(tls_msgd, context).upper()
    tls_msgd.wait_until_healthy()


@pytest.mark.parametrize("ciphers", ["AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA", "AES256-SHA"])
def test_refuses_suites_without_forward_secrecy_or_authentication(tls_msgd, ciphers):
    context = tls_msgd.client_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(ciphers)
    assert "HANDSHAKE_FAILURE" in refused(tls_msgd, context).upper()


def test_refuses_another_protocol_by_alpn(tls_msgd):
    context = tls_msgd.client_context()
    context.set_alpn_protocols(["h2"])
    assert "NO_APPLICATION_PROTOCOL" in refused(tls_msgd, context).upper().replace(" ", "_")


def test_no_session_is_resumed(tls_msgd):
    context = tls_msgd.client_context()
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1_2, version
        with tls_msgd.tls(context) as peer:
            peer.get()
            session = peer.socket.session
            assert not session.has_ticket
        with tls_msgd.connect() as raw:
            again = context.wrap_socket(raw.socket, server_hostname="localhost", session=session)
            assert not again.session_reused
            again.close()


def test_renegotiation_is_refused(tls_msgd):
    client = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{tls_msgd.port}", "-tls1_2", "-legacy_renegotiation"],
        input=b"R\n", capture_output=True, timeout=20)
    assert b"no renegotiation" in client.stderr.lower() + client.stdout.lower()
    tls_msgd.wait_until_healthy()


PLAIN = [
    ("GET", b"GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n"),
    ("POST with a token", b"POST /api/v1/messages HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer mss_x\r\n\r\n"),
    ("upgrade", upgrade_request()),
    ("first byte only", b"G"),
]


@pytest.mark.parametrize("data", [c[1] for c in PLAIN], ids=[c[0] for c in PLAIN])
def test_plain_http_is_told_so_and_not_redirected(tls_msgd, data):
    with tls_msgd.connect() as peer:
        peer.send(data)
        answer = peer.read_response()
        assert (answer.status, answer.json()["code"]) == (400, "tls_required")
        assert answer.header("location") is None
        assert answer.header("connection") == "close"
        peer.expect_end()
    tls_msgd.wait_until_healthy()


GARBAGE = [
    ("zeros", bytes(300)),
    ("noise", bytes(range(128, 256)) * 3),
    ("SSL 2 hello", b"\x80\x2e\x01\x00\x02" + bytes(40)),
    ("record too long", b"\x16\x03\x01\xff\xff" + bytes(500)),
    ("hello of noise", b"\x16\x03\x01\x00\x40\x01" + b"\xff" * 200),
    ("alert first", b"\x15\x03\x01\x00\x02\x02\x00"),
    ("data first", b"\x17\x03\x03\x00\x05hello"),
    ("small letters", b"get / http/1.1\r\n\r\n"),
]


@pytest.mark.parametrize("data", [c[1] for c in GARBAGE], ids=[c[0] for c in GARBAGE])
def test_garbage_is_closed_at_once(tls_msgd, data):
    with tls_msgd.connect() as peer:
        peer.socket.settimeout(1.4)  # before the deadline of the handshake
        peer.send(data)
        said = peer.read_to_end()
        assert said == b"" or said[0] == 0x15, said  # at most an alert
    tls_msgd.wait_until_healthy()


@pytest.mark.parametrize("data", [b"", b"\x16", b"\x16\x03\x01\x00\x00", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc"],
                         ids=["nothing", "one byte", "an empty record", "half a hello"])
def test_handshake_has_a_deadline(tls_msgd, data):
    with tls_msgd.connect() as peer:
        peer.send(data)
        peer.expect_end()
    tls_msgd.wait_until_healthy()


def test_garbage_behind_the_handshake_ends_that_connection_only(tls_msgd):
    with tls_msgd.tls() as peer, tls_msgd.tls() as other:
        assert peer.get().status == 200
        raw = socket.socket(fileno=os.dup(peer.socket.fileno()))
        raw.send(b"\x17\x03\x03\x00\x20" + bytes(32))
        with pytest.raises((ssl.SSLError, ConnectionError)):
            if peer.socket.recv(1) == b"":
                raise ConnectionError("closed")
        raw.close()
        assert other.get().status == 200


# Certificates.


def hangup(server):
    """SIGHUP, and what came of it."""
    before = len(server.log)
    server.process.send_signal(signal.SIGHUP)
    return server.wait_for_any_log(("reloaded", "reload.failed"), before)


def test_new_certificate_is_taken_over_and_a_broken_one_is_not(tmp_path):
    cert, key = make_certificate(tmp_path / "live")
    server = TlsMsgd(cert, key)
    try:
        old = server.client_context()
        with server.tls(old) as kept:
            first = kept.serial()
            new_cert, new_key = make_certificate(tmp_path / "new")
            os.replace(new_cert, cert)
            # The key is still the old one: nothing changes.
            entry = hangup(server)
            assert entry["event"] == "reload.failed" and "key" in entry["why"]
            with server.tls(old) as peer:
                assert peer.serial() == first
            os.replace(new_key, key)
            assert hangup(server)["event"] == "reloaded"
            with server.tls() as peer:
                assert peer.serial() != first
                second = peer.serial()
            for broken in ("", "no certificate\n", cert.read_text()[:300]):
                saved = cert.read_text()
                cert.write_text(broken)
                assert hangup(server)["event"] == "reload.failed"
                cert.write_text(saved)
                with server.tls() as peer:
                    assert peer.serial() == second
            # Through all of it the first connection lives.
            assert kept.get().status == 200
    finally:
        server.stop()


def test_hangup_without_tls_changes_nothing(start_msgd):
    server = start_msgd()
    assert hangup(server)["event"] == "reloaded"
    server.assert_alive()


def check_config(*arguments):
    done = subprocess.run([binary("MSGD"), "--store=memory:", "--check-config", *arguments],
                          capture_output=True, text=True, env={}, timeout=20)
    return done.returncode, done.stderr


def test_files_are_checked_before_the_start(tmp_path, identity):
    cert, key = identity
    other_cert, other_key = make_certificate(tmp_path / "other")
    open_key = tmp_path / "open.pem"
    open_key.write_text(key.read_text())
    open_key.chmod(0o644)
    locked = tmp_path / "locked.pem"
    subprocess.run(["openssl", "ec", "-in", key, "-aes128", "-passout", "pass:x", "-out", locked],
                   check=True, capture_output=True)
    locked.chmod(0o600)
    expired = make_expired(tmp_path / "expired", cert, key)
    cases = [
        ([f"--tls-cert={cert}"], "takes both"),
        ([f"--tls-cert={tmp_path}/none.pem", f"--tls-key={key}"], "Cannot read"),
        ([f"--tls-cert={cert}", f"--tls-key={tmp_path}/none.pem"], "Cannot read"),
        ([f"--tls-cert={key}", f"--tls-key={key}"], "no certificate chain"),
        ([f"--tls-cert={cert}", f"--tls-key={cert}"], ""),
        ([f"--tls-cert={cert}", f"--tls-key={other_key}"], "of " + str(cert)),
        ([f"--tls-cert={cert}", f"--tls-key={open_key}"], "open to other users"),
        ([f"--tls-cert={cert}", f"--tls-key={locked}"], "passphrase"),
        ([f"--tls-cert={expired}", f"--tls-key={key}"], "expired"),
    ]
    for arguments, sentence in cases:
        code, said = check_config(*arguments)
        assert code == 2 and sentence in said, (arguments, said)
    assert check_config(f"--tls-cert={cert}", f"--tls-key={key}")[0] == 0
    # With TLS others may reach it without being asked for by name.
    assert check_config(f"--tls-cert={cert}", f"--tls-key={key}", "--listen=0.0.0.0:443")[0] == 0
    assert check_config("--listen=0.0.0.0:443")[0] == 2


# msgctl.


def run_msgctl(msgctl, *arguments, **environment):
    return subprocess.run([msgctl, *arguments], capture_output=True, text=True, timeout=30,
                          env={"PATH": os.environ["PATH"], **environment})


def test_msgctl_verifies_the_server(tls_msgd, msgctl, tmp_path):
    key = tls_msgd.dev_tokens()["key"]
    ca = f"--ca-file={tls_msgd.cert}"
    url = f"--url=https://localhost:{tls_msgd.port}"
    good = run_msgctl(msgctl, url, ca, "user", "list", MSG_KEY=key)
    assert good.returncode == 0 and "alice" in good.stdout, good.stderr
    by_address = run_msgctl(msgctl, f"--url=https://127.0.0.1:{tls_msgd.port}", ca, "user", "list", MSG_KEY=key)
    assert by_address.returncode == 0, by_address.stderr
    # An authority that nobody knows, and a name that is not the server's.
    unknown = run_msgctl(msgctl, url, "user", "list", MSG_KEY=key)
    assert unknown.returncode == 3 and "certificate verify failed" in unknown.stderr
    other, _ = make_certificate(tmp_path / "ca")
    assert run_msgctl(msgctl, url, f"--ca-file={other}", "user", "list", MSG_KEY=key).returncode == 3
    missing = run_msgctl(msgctl, url, "--ca-file=/none.pem", "user", "list", MSG_KEY=key)
    assert missing.returncode == 2 and "/none.pem" in missing.stderr


def test_msgctl_refuses_a_certificate_for_another_name(msgctl, tmp_path):
    cert, key = make_certificate(tmp_path, "subjectAltName=DNS:elsewhere.example")
    server = TlsMsgd(cert, key)
    try:
        done = run_msgctl(msgctl, server.url.replace("https", "--url=https"), f"--ca-file={cert}", "user", "list",
                          MSG_KEY=server.dev_tokens()["key"])
        assert done.returncode == 3 and "certificate verify failed" in done.stderr
    finally:
        server.stop()


def test_msgctl_chats_over_tls(tls_msgd, msgctl):
    key = tls_msgd.dev_tokens()["key"]
    chat = subprocess.run([msgctl, f"--url=https://localhost:{tls_msgd.port}", f"--ca-file={tls_msgd.cert}",
                           "chat", "--as", "alice", "bob"], input="over the wire\n", capture_output=True,
                          text=True, timeout=30, env={"PATH": os.environ["PATH"], "MSG_KEY": key})
    assert chat.returncode == 0, chat.stderr
    assert "over the wire" in chat.stdout


# What it costs.


def test_idle_tls_connection_costs_bounded_memory(identity):
    server = TlsMsgd(*identity)
    count = 500
    held = []
    try:
        context = server.client_context()
        for _ in range(20):  # whatever is made once
            with server.tls(context) as peer:
                peer.get()
        before = server.memory_kib()
        for _ in range(count):
            peer = server.tls(context)
            assert peer.get().status == 200
            held.append(peer)
        each = (server.memory_kib() - before) / count
        print(f"an idle TLS connection: {each:.1f} KiB")
        assert each < 48 * memory_factor()
    finally:
        for peer in held:
            peer.socket.close()
        server.stop()


def test_the_first_look_is_told_https(identity):
    server = TlsMsgd(*identity)
    try:
        assert server.dev_tokens()["url"].startswith("https://")
    finally:
        server.stop()
