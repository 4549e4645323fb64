"""A receiver: has itself called, and believes only calls that are signed, whole and fresh."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

from otklik_client import Client
from otklik_client.models import NewWebhook

FRESH_SECONDS = 300


def is_ours(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """Whether a call is signed with our secret, and was a moment ago."""
    if abs(time.time() - int(headers["webhook-timestamp"])) > FRESH_SECONDS:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = headers["webhook-signature"].split(" ")
    return any(hmac.compare_digest(each, expected) for each in given)


class Receiver(BaseHTTPRequestHandler):
    """Takes calls; a real one keeps `webhook-id`, so that a repeat does nothing, and answers before it works."""

    secret = ""

    def do_POST(self) -> None:
        """One call: 204 once it is kept; anything else, and it comes again."""
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        genuine = is_ours(self.secret, headers, body)
        self.send_response(204 if genuine else 401)
        self.end_headers()
        call = json.loads(body)
        print("genuine" if genuine else "forged", call["type"], call["data"]["status"], flush=True)


def main(port: int) -> None:
    """Be called once, for a test."""
    with HTTPServer(("127.0.0.1", port), Receiver) as server, Client.from_environment() as otklik:
        url = f"http://127.0.0.1:{server.server_port}/otklik"
        webhook = otklik.webhooks.create_webhook(NewWebhook(url=url, events=["appeal.*"]))
        Receiver.secret = webhook.secret
        otklik.webhooks.test_webhook(webhook.id)
        server.handle_request()
        otklik.webhooks.delete_webhook(webhook.id)


if __name__ == "__main__":
    main(int(sys.argv[1]))
