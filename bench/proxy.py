"""What the door costs: requests/s and CPU per request through the gateway, beside the same service asked directly.

`python -m bench.proxy [--requests 8000] [--rounds 5]`: a trivial service on a unix socket, the real gateway process
with a real database in front of it, one client process; rounds interleaved, medians reported.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import uvicorn
import uvloop

from gateway.proxy.requests import make_request
from gateway.proxy.upstreams import Upstream
from infra.local.embedded import embedded_servers

KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
BODY = json.dumps({"text": "Во дворе дома яма, машины объезжают по газону. " * 8, "region": "46"}).encode()
ANSWER = json.dumps({"id": "0" * 36, "number": "46-2026-0000042", "tracking_code": "abc"}).encode()
CONCURRENCY = 32


async def trivial(scope: Any, receive: Any, send: Any) -> None:
    """Reads a body, gives a fixed answer."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(ANSWER))]
    await send({"type": "http.response.start", "status": 201, "headers": headers})
    await send({"type": "http.response.body", "body": ANSWER})


async def load(address: str, requests: int, token: str) -> dict[str, float]:
    """Posts as fast as answers come."""
    upstream = Upstream("target", address, 2 * CONCURRENCY)
    headers = [
        (b"host", b"bench"),
        (b"content-type", b"application/json"),
        (b"accept", b"*/*"),
        (b"authorization", b"Bearer " + token.encode()),
        (b"idempotency-key", b"0123456789"),
        (b"user-agent", b"bench"),
    ]
    request = make_request("POST", b"/api/v1/appeals", headers, len(BODY))
    left, latencies = requests, []

    async def work() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            began = time.perf_counter()
            connection = await upstream.acquire()
            connection.begin(request, BODY)
            await connection.head()
            connection.take()
            connection.finish()
            assert connection.answer.status == 201, connection.answer.status
            latencies.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(CONCURRENCY)))
    seconds = time.perf_counter() - began
    return {"rate": requests / seconds, "p50_ms": statistics.median(latencies) * 1000}


@contextlib.contextmanager
def process(*command: str, **environment: str) -> Iterator[psutil.Process]:
    """A child for the time being."""
    child = subprocess.Popen([sys.executable, *command], env={**os.environ, **environment})
    try:
        yield psutil.Process(child.pid)
    finally:
        child.terminate()
        child.wait()


async def ask_token(address: str) -> str:
    """The bootstrap admin's token, as soon as the gateway answers."""
    form = b"grant_type=client_credentials&client_id=bench&client_secret=bench-secret"
    headers = [(b"host", b"x"), (b"content-type", b"application/x-www-form-urlencoded")]
    request = make_request("POST", b"/oauth/token", headers, len(form))
    for _ in range(200):
        try:
            connection = await Upstream("gateway", address, 1).acquire()
            connection.begin(request, form)
            await connection.head()
            return str(json.loads(connection.take())["access_token"])
        except Exception:
            await asyncio.sleep(0.1)
    raise SystemExit("the gateway does not answer")


def measure(target: psutil.Process, address: str, requests: int, token: str) -> dict[str, float]:
    """One round."""
    before = sum(target.cpu_times()[:2])
    figures = uvloop.run(load(address, requests, token))
    return {**figures, "cpu_us": (sum(target.cpu_times()[:2]) - before) / requests * 1e6}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=8000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        quiet: dict[str, Any] = {"access_log": False, "log_level": "error", "server_header": False}
        uvicorn.run(trivial, uds=arguments.serve, lifespan="off", date_header=False, ws="none", **quiet)
        return
    with tempfile.TemporaryDirectory() as folder, embedded_servers(Path(folder) / "home") as servers:
        place = Path(folder)
        environment = {
            "OTKLIK_HASH_KEY": "h",
            "OTKLIK_CURSOR_KEY": "c",
            "OTKLIK_ENCRYPTION_KEY": KEY,
            "OTKLIK_BOOTSTRAP_ADMIN_ID": "bench",
            "OTKLIK_BOOTSTRAP_ADMIN_SECRET": "bench-secret",
            "OTKLIK_LISTEN": f"unix:{place}/door.sock",
            "OTKLIK_UPSTREAM_INTAKE": f"unix:{place}/service.sock",
            "OTKLIK_DATABASE_URL": servers.database_url("gateway"),
        }
        owner = {**os.environ, "OTKLIK_DATABASE_URL": servers.database_url("gateway_owner")}
        migrate = [sys.executable, "-m", "chassis.migrations", "gateway", "upgrade"]
        subprocess.run(migrate, env=owner, check=True)
        with (
            process("-m", "bench.proxy", "--serve", f"{place}/service.sock") as service,
            process("-m", "gateway.main", **environment) as gateway,
        ):
            token = uvloop.run(ask_token(f"unix:{place}/door.sock"))
            report(compare(service, gateway, place, token, arguments.requests, arguments.rounds))


def compare(
    service: psutil.Process, gateway: psutil.Process, place: Path, token: str, requests: int, rounds: int
) -> dict[str, Any]:
    """Interleaved rounds; the first of each is warm-up."""
    direct, through = [], []
    for _ in range(rounds + 1):
        direct.append(measure(service, f"unix:{place}/service.sock", requests, token))
        through.append(measure(gateway, f"unix:{place}/door.sock", requests, token))
    pairs = list(zip(direct, through, strict=True))[1:]
    return {
        "direct": {name: statistics.median(pair[0][name] for pair in pairs) for name in direct[0]},
        "through": {name: statistics.median(pair[1][name] for pair in pairs) for name in through[0]},
        "ratio": statistics.median(pair[1]["rate"] / pair[0]["rate"] for pair in pairs),
        "gateway_mb": gateway.memory_full_info().pss / 2**20,
    }


def report(figures: dict[str, Any]) -> None:
    """JSON on one line."""
    print(json.dumps(figures, default=float))


if __name__ == "__main__":
    main()
