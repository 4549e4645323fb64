"""The gateway as the process that `otklik up` starts."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import httpx2

from harness.databases import ENCRYPTION_KEY, PROJECT, Database
from harness.waiting import eventually
from tests.gateway.conftest import ADMIN


async def test_the_process_listens_inside_and_outside_and_ends_cleanly(
    database: Database, tmp_path: Path
) -> None:
    outside, inside = tmp_path / "outside.sock", tmp_path / "inside.sock"
    environment = {
        **os.environ,
        "OTKLIK_DATABASE_URL": database.url("gateway"),
        "OTKLIK_LISTEN": f"unix:{outside}",
        "OTKLIK_INTERNAL_LISTEN": f"unix:{inside}",
        "OTKLIK_HASH_KEY": "h",
        "OTKLIK_CURSOR_KEY": "c",
        "OTKLIK_ENCRYPTION_KEY": ENCRYPTION_KEY,
        "OTKLIK_BOOTSTRAP_ADMIN_ID": ADMIN["client_id"],
        "OTKLIK_BOOTSTRAP_ADMIN_SECRET": ADMIN["client_secret"],
    }
    transport = httpx2.AsyncHTTPTransport(uds=str(outside))
    form = {"grant_type": "client_credentials", **ADMIN}
    keys = []
    for ending in (signal.SIGKILL, signal.SIGTERM):
        process = subprocess.Popen([sys.executable, "-m", "gateway.main"], cwd=PROJECT, env=environment)
        try:
            async with httpx2.AsyncClient(transport=transport, base_url="http://gateway") as client:

                async def answers(client: httpx2.AsyncClient = client) -> bool:
                    try:
                        return (await client.get("/health/live")).status_code == 200
                    except httpx2.TransportError:
                        return False

                await eventually(answers)
                assert (await client.post("/oauth/token", data=form)).status_code == 200
                assert (await client.get("/metrics")).status_code == 401
            async with httpx2.AsyncClient(transport=httpx2.AsyncHTTPTransport(uds=str(inside))) as client:
                keys.append((await client.get("http://gateway/.well-known/jwks.json")).json())
                assert (await client.get("http://gateway/metrics")).status_code == 200
            assert stat.S_IMODE(inside.stat().st_mode) == 0o600
        finally:
            process.send_signal(ending)
            code = process.wait(timeout=20)
        transport = httpx2.AsyncHTTPTransport(uds=str(outside))
        assert ending == signal.SIGKILL or code in (0, -signal.SIGTERM)
    assert keys[0] == keys[1]
