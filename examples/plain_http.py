"""What the client package does for you, as plain HTTP for every other language: a token, an appeal that is sent until it is
answered, and never twice."""

from __future__ import annotations

import os
import sys
import time

import httpx2


def main(own_id: str) -> None:
    """Send one appeal, and once more: the same number comes."""
    http = httpx2.Client(base_url=os.environ["OTKLIK_URL"], timeout=30)
    credentials = {
        "grant_type": "client_credentials",
        "client_id": os.environ["OTKLIK_CLIENT_ID"],
        "client_secret": os.environ["OTKLIK_CLIENT_SECRET"],
    }
    made = http.post("/oauth/token", data=credentials).raise_for_status().json()
    headers = {"Authorization": f"Bearer {made['access_token']}"}  # for made["expires_in"] seconds
    appeal = {"region": "46", "external_id": own_id, "text": "На улице Карла Маркса у дома 12 яма на дороге"}
    for _ in range(2):
        while (answer := http.post("/api/v1/appeals", json=appeal, headers=headers)).status_code in (
            429,
            503,
        ):
            time.sleep(int(answer.headers.get("Retry-After", "1")))
        if answer.is_error:
            problem = answer.json()
            raise SystemExit(f"{problem['title']}: {problem['errors']}")
        print(answer.status_code, answer.json()["number"])


if __name__ == "__main__":
    main(sys.argv[1])
