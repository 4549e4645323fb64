"""A client is revoked: no process of the system takes its token any more, by whatever way it comes."""

from __future__ import annotations

import time

from chassis.issuer import open_http_client
from harness.system import Account, System
from harness.waiting import eventually
from infra.local.paths import Home

PROCESSES = ("intake", "intake-work", "routing", "sla", "analytics")
SECONDS = 5.0


async def test_no_process_takes_a_revoked_clients_token(system: System) -> None:
    """Asked directly, not through the gateway; others' tokens stay good."""
    admin, home = system.account("admin"), Home.at(system.home)
    body = {"name": "Временный", "role": "admin", "regions": ["*"]}
    made = admin.post("/api/v1/clients", json=body).json()
    gone = Account(system, made["client_id"], made["client_secret"])

    async def statuses(account: Account) -> dict[str, int]:
        found = {}
        for process in PROCESSES:
            async with open_http_client(home.address(process)) as (client, base):
                path = f"/api/v1/operations/{process.removesuffix('-work')}/counts"
                answer = await client.get(base + path, headers=account.headers())
                found[process] = answer.status_code
        return found

    async def refused() -> bool:
        return set((await statuses(gone)).values()) == {401}

    everywhere = dict.fromkeys(PROCESSES, 200)
    assert await statuses(gone) == everywhere
    assert admin.request("DELETE", f"/api/v1/clients/{made['id']}").status_code == 204
    began = time.monotonic()
    assert gone.get("/api/v1/appeals").status_code == 401  # at once through the gateway
    await eventually(refused, seconds=SECONDS)
    assert time.monotonic() - began < SECONDS
    assert await statuses(admin) == everywhere
    # Asking every two seconds is not worth a line each.
    assert not any("revocations" in system.tail(process, 10_000) for process in PROCESSES)
