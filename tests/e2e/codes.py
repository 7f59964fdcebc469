# SPDX-License-Identifier: Apache-2.0
"""One-time codes that msgd posts to a webhook of ours, and a msgd that does."""

import hashlib
import hmac
import http.server
import json
import queue
import ssl
import threading
import time

from conftest import HOST, REPLY_S

SECRET = "a secret of sixteen bytes or more"
NONCE = "0123456789abcdef"


class Webhook:
    """Receives codes. `failures` is how many of the next posts it answers with 500."""

    def __init__(self, certificate=None):
        self.posts = queue.Queue()
        self.failures = 0
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = 204
                if hook.failures > 0:
                    hook.failures -= 1
                    status = 500
                hook.posts.put((status, dict(self.headers), body))
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer((HOST, 0), Handler)
        self.url = f"http://{HOST}:{self.server.server_port}/codes?from=msgd"
        if certificate:
            self.url = f"https://localhost:{self.server.server_port}/codes"
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def next(self):
        """The next code that was taken, once it is here."""
        while True:
            status, headers, body = self.posts.get(timeout=REPLY_S)
            parts = dict(p.split("=", 1) for p in headers["X-Msg-Signature"].split(","))
            signed = f"{parts['t']}.".encode() + body
            wanted = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
            assert hmac.compare_digest(parts["v1"], wanted)
            assert abs(int(parts["t"]) - time.time()) < 60
            if status == 204:
                return json.loads(body), headers["X-Msg-Delivery"]

    def code(self, phone):
        post, _ = self.next()
        assert post["phone"] == phone and post["lifetime_s"] == 300
        return post["code"]


def serve(start_msgd, webhook, folder, *more, environment=None):
    secret = folder / "secret"
    secret.write_text(SECRET + "\n")
    secret.chmod(0o600)
    return start_msgd(
        "--sign-in-country=1",
        f"--code-webhook={webhook.url}",
        f"--code-webhook-secret-file={secret}",
        *more,
        environment=environment,
    )
