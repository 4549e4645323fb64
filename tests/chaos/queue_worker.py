"""An organisation's own system: ten workers that claim, accept and answer in bulk until its queue is empty. Each is a process
of its own; the tests end all of them at once with kill -9 of their group.

    python -m tests.chaos.queue_worker URL CLIENT_ID CLIENT_SECRET FOLDER ROUND

What a worker was promised it writes down at once in a file of its own, one JSON line each: a claim's leases, an answer's text.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2

WORKERS = 10
# At reduced size less is in a worker's hands when it dies: what it had accepted is nobody's to claim any more.
FULL = os.environ.get("OTKLIK_FULL") == "1"
AT_ONCE, LEASE_SECONDS = (10, 15) if FULL else (4, 10)
_TRY_AGAIN = (409, 429, 502, 503, 504)
Item = dict[str, Any]


@dataclass
class Worker:
    """One worker with its connection and the file of what it was promised. `credentials`: what its tokens are had for."""

    http: httpx2.Client
    credentials: dict[str, str]
    ledger: Path
    name: str
    busy_at: float = field(default_factory=time.monotonic)
    _written: Iterator[int] = field(default_factory=lambda: iter(range(10**9)))

    def work(self) -> None:
        """Until nothing is left that anybody could claim, what the dead had leased included."""
        while time.monotonic() < self.busy_at + LEASE_SECONDS + 3:
            claimed = self._post("/api/v1/queue/claim", {"limit": AT_ONCE, "lease_seconds": LEASE_SECONDS})
            items: list[Item] = claimed["items"] if claimed else []
            if not items:
                time.sleep(random.uniform(0.2, 0.5))
                continue
            self._write("leased", [[i["id"], i["lease_token"], i["lease_expires_at"]] for i in items])
            self._finish(items)
            self.busy_at = time.monotonic()

    def _finish(self, items: list[Item]) -> None:
        """Accept them with a number of our own, and answer those that are accepted."""
        accept = [
            {
                "id": item["id"],
                "version": item["version"],
                "lease_token": item["lease_token"],
                "external_ref": f"{self.name}-{next(self._written)}",
            }
            for item in items
        ]
        accepted = self._bulk({"action": "accept", "items": accept})
        self._write("accepted", [[each["id"], each["assignment"]["external_ref"]] for each in accepted])
        text = f"{self.name}: {uuid4()}"
        answer = [{"id": each["id"], "version": each["assignment"]["version"]} for each in accepted]
        if answer:
            body = {"action": "answer", "text": text, "outcome": "solved", "items": answer}
            self._write("answered", [[each["id"], text] for each in self._bulk(body)])

    def _bulk(self, body: dict[str, Any]) -> list[Item]:
        """Those items that it was done with."""
        answer = self._post("/api/v1/assignments/bulk", body)
        return [item for item in answer["items"] if item["status"] == 200] if answer else []

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        """Repeat with the same key until there is an answer; None for one that is no use."""
        key = str(uuid4())
        while True:
            try:
                answer = self.http.post(path, json=body, headers={"Idempotency-Key": key})
                if answer.status_code == 401:
                    self._renew_token()
                    continue
            except (httpx2.HTTPError, OSError):
                time.sleep(random.uniform(0.05, 0.3))
                continue
            if answer.status_code == 200:
                found: dict[str, Any] = answer.json()
                return found
            if answer.status_code not in _TRY_AGAIN:
                self._write("refused", [[answer.status_code, answer.text[:300]]])
                return None
            time.sleep(random.uniform(0.05, 0.3))

    def _renew_token(self) -> None:
        """Tokens end after minutes, and the work goes on for longer; whoever is not answered comes back."""
        answer = self.http.post("/oauth/token", data={"grant_type": "client_credentials", **self.credentials})
        if answer.status_code == 200:
            self.http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        else:
            time.sleep(random.uniform(0.05, 0.3))

    def _write(self, what: str, entries: list[list[Any]]) -> None:
        with self.ledger.open("a", encoding="utf-8") as file:
            file.write("".join(json.dumps([what, time.time(), *entry]) + "\n" for entry in entries))


def main() -> int:
    """Ten workers as the command line says; 0 when all have come to the end of the queue."""
    url, client_id, secret, folder, number = sys.argv[1:6]
    credentials = {"client_id": client_id, "client_secret": secret}
    workers = [_fork(url, credentials, Path(folder), f"w{number}-{each}") for each in range(WORKERS)]
    return max(os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]) for worker in workers)


def _fork(url: str, credentials: dict[str, str], folder: Path, name: str) -> int:
    """One worker: a copy of this process, which has loaded everything once for all of them."""
    if child := os.fork():
        return child
    status = 1
    try:
        with httpx2.Client(base_url=url, timeout=60) as http:
            Worker(http, credentials, folder / f"{name}.jsonl", name).work()
        status = 0
    finally:
        os._exit(status)


if __name__ == "__main__":
    raise SystemExit(main())
