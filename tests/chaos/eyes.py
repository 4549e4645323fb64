"""Readers that go on asking while something is wrong: they may be told to come again, never that we are broken."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field

import httpx2

from harness.system import System

PAUSE_SECONDS = 0.1


@dataclass
class Eyes:
    """Asks every kind of route in turn, and keeps what it was answered: `status` → how often."""

    system: System
    tracking_code: str
    statuses: Counter[int] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    reasons: list[tuple[float, str]] = field(default_factory=list)  # when (monotonic), and why to come again
    silent: int = 0

    def look_until(self, over: threading.Event) -> None:
        """Ask until it is over."""
        coordinator = self.system.account("coordinator")
        paths = [
            (f"/api/v1/track/{self.tracking_code}", {}),
            ("/api/v1/appeals?region=46&limit=5", coordinator.headers()),
            ("/api/v1/triage?region=46&limit=5", coordinator.headers()),
            ("/api/v1/deadlines?region=46&limit=5", coordinator.headers()),
            ("/api/v1/analytics/summary?region=46", coordinator.headers()),
            ("/api/v1/clients", self.system.account("admin").headers()),
            ("/health/ready", {}),
        ]
        portal = self.system.credentials["portal"]
        token = {"grant_type": "client_credentials", **portal}
        with httpx2.Client(base_url=self.system.url, timeout=5) as http:
            while not over.is_set():
                for path, headers in paths:
                    self._ask(http, httpx2.Request("GET", self.system.url + path, headers=headers))
                self._ask(http, httpx2.Request("POST", self.system.url + "/oauth/token", data=token))
                time.sleep(PAUSE_SECONDS)

    def _ask(self, http: httpx2.Client, request: httpx2.Request) -> None:
        try:
            answer = http.send(request)
        except (httpx2.HTTPError, OSError):
            self.silent += 1
            return
        self.statuses[answer.status_code] += 1
        if answer.status_code == 503 and request.url.path != "/health/ready":
            self.reasons.append((time.monotonic(), str(answer.json().get("detail", ""))))
            if "retry-after" not in answer.headers:
                self.broken.append(f"{request.url.path}: 503 without Retry-After")
        elif answer.status_code not in (200, 503, 504):
            self.broken.append(f"{request.url.path}: {answer.status_code} {answer.text[:200]}")
