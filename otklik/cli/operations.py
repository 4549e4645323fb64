"""What an operator does with a running system: dead letters, replaying events, looking whether it is well."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2

from contracts.parts import PUBLISHERS, SERVICES
from otklik.cli.failures import Failed
from otklik.cli.output import fail, print_json, print_table, progress_bar, say
from otklik.cli.system import Place, require_answer
from otklik.client import Client, OtklikError

POLL_SECONDS = 0.5


def show_token(place: Place, role: str, as_json: bool) -> None:
    """An access token on stdout, for `curl` and other tools."""
    client_id, client_secret = place.credentials(role)
    url = place.find_url()
    require_answer(url)
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
    answer = httpx2.post(f"{url}/oauth/token", data=form, timeout=10)
    if answer.status_code != 200:
        raise Failed(f"{url} gives {client_id} no token: {answer.text[:200]}")
    if as_json:
        print_json(answer.json())
    else:
        print(answer.json()["access_token"])


def dead_list(place: Place, service: str | None, limit: int, as_json: bool) -> None:
    """Events that handlers gave up on."""
    with place.client("admin") as client:
        found = {
            name: client.request("GET", path_of(name, "dead-letters"), params={"limit": limit})
            for name in _chosen(service)
        }
    total = sum(answer["total"] for answer in found.values())
    if as_json:
        items = [{"service": name, **item} for name, answer in found.items() for item in answer["items"]]
        print_json({"total": total, "items": items})
        return
    rows = [
        (
            name,
            item["created_at"],
            item["handler"],
            item["subject"],
            item["event_id"],
            item["attempts"],
            item["error"],
        )
        for name, answer in found.items()
        for item in answer["items"]
    ]
    print_table(
        f"Dead letters: {total}", ("service", "since", "handler", "event", "id", "tries", "error"), rows
    )


def dead_retry(place: Place, service: str | None, as_json: bool) -> None:
    """Give them to their handlers again; exit code 1 when some fail again."""
    with place.client("admin") as client:
        results = {
            name: client.request("POST", path_of(name, "dead-letters/retry")) for name in _chosen(service)
        }
    failed = sum(result["failed"] for result in results.values())
    if as_json:
        handled = sum(result["handled"] for result in results.values())
        print_json({"handled": handled, "failed": failed, "services": results})
    else:
        rows = [(name, result["handled"], result["failed"]) for name, result in results.items()]
        print_table("Dead letters tried again", ("service", "handled", "failed again"), rows)
    if failed:
        fail()


def replay_events(
    place: Place, consumer: str | None, since: datetime | None, wait: float, as_json: bool
) -> None:
    """Send the permanent event logs again, to one service or to all. Waits until all is handled."""
    publishers = [name for name in PUBLISHERS if name != consumer]
    params = {
        **({"consumer": consumer} if consumer else {}),
        **({"since": since.replace(tzinfo=UTC).isoformat()} if since else {}),
    }
    with place.client("admin") as client:
        begun = {
            name: {
                item["id"] for item in client.request("POST", path_of(name, "replay"), params=params)["items"]
            }
            for name in publishers
        }
        events, left = wait_until_replayed(client, begun, wait)
    if as_json:
        print_json({"events": sum(events.values()), "services": events, "unfinished": left})
    else:
        print_table("Events replayed", ("service", "events"), list(events.items()))
    if left:
        say(f"{left} steps of work are left; the services go on with them. Look again with `otklik status`.")
        fail()


def wait_until_replayed(
    client: Client, begun: dict[str, set[str]], wait: float
) -> tuple[dict[str, int], int]:
    """Until the replays (ids by service) are finished and all is handled: events sent by service, and what is left."""
    deadline = time.monotonic() + wait
    with progress_bar() as bar:
        task = bar.add_task("Events sent again", total=None, note="")
        while True:
            found = {name: _read_replays(client, name, ids) for name, ids in begun.items()}
            events = {name: sum(item["events"] for item in items) for name, items in found.items()}
            running = [item for items in found.values() for item in items if not item["finished_at"]]
            reached = max((item["reached"] or "" for item in running), default="")
            bar.update(task, completed=sum(events.values()), note=f"back to {reached[:16]}")
            if not running:
                break
            if time.monotonic() > deadline:
                return events, len(running)
            time.sleep(POLL_SECONDS)
    return events, wait_until_handled(client, max(0.0, deadline - time.monotonic()))


def _read_replays(client: Client, service: str, ids: set[str]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.request("GET", path_of(service, "replays"))["items"]
    return [item for item in items if item["id"] in ids]


def wait_until_handled(client: Client, wait: float) -> int:
    """Until nothing is to be sent and nothing to be handled; what is left when the time is over."""
    deadline = time.monotonic() + wait
    most = 0
    with progress_bar() as bar:
        task = bar.add_task("Handling events", total=None, note="")
        while left := work_left(client):
            most = max(most, left)
            bar.update(task, total=most, completed=most - left)
            if time.monotonic() > deadline:
                return left
            time.sleep(POLL_SECONDS)
        bar.update(task, total=most or 1, completed=most or 1)
    return 0


def work_left(client: Client) -> int:
    """What is to be said, sent and handled, in all services."""
    backlogs = [client.request("GET", path_of(name, "backlog")) for name in SERVICES]
    waiting = ("unsaid", "outbox_pending", "consumer_lag", "replays")
    return sum(one[what] for one in backlogs for what in waiting)


def status(place: Place, as_json: bool) -> None:
    """Readiness and, with an administrator's credentials, backlogs; exit code 1 when not ready."""
    url = place.find_url()
    answer = _get(url, "/health/ready")
    backlogs, unknown = _backlogs(place)
    is_ready = answer.status_code == 200
    if as_json:
        print_json({"url": url, "ready": is_ready, "readiness": _json_of(answer), "backlogs": backlogs})
    else:
        say(f"{url} is {'ready' if is_ready else 'NOT ready'}.")
        for line in _problems_of(answer):
            say(f"  {line}")
        members = ("outbox_pending", "consumer_lag", "dead_letters")
        rows = [(name, *(one[member] for member in members)) for name, one in backlogs.items()]
        if rows:
            print_table("Backlogs", ("service", "events to send", "to handle", "dead letters"), rows)
        if unknown:
            say(f"Backlogs are not known: {unknown}")
    if not is_ready:
        fail()


def _problems_of(answer: httpx2.Response) -> list[str]:
    """Which part is not ready and why, as the gateway says it."""
    document = _json_of(answer)
    problems = document.get("problems") if isinstance(document, dict) else None
    return [
        f"{part}: {what} – {why}"
        for part, found in (problems or {}).items()
        for what, why in (found.items() if isinstance(found, dict) else [("", found)])
    ]


def _backlogs(place: Place) -> tuple[dict[str, Any], str]:
    try:
        with place.client("admin", patience=2) as client:
            return {name: client.request("GET", path_of(name, "backlog")) for name in SERVICES}, ""
    except (Failed, OtklikError) as error:
        return {}, str(error)


def openapi(place: Place, out: Path | None) -> None:
    """The OpenAPI document of the running system, to stdout or a file."""
    answer = _get(place.find_url(), "/openapi.json")
    if answer.status_code != 200:
        raise Failed(f"{answer.url} answers {answer.status_code}.")
    if out is None:
        sys.stdout.write(answer.text + "\n")
    else:
        out.write_text(answer.text + "\n", encoding="utf-8")
        say(f"Written to {out}.")


def _get(url: str, path: str) -> httpx2.Response:
    require_answer(url)
    try:
        return httpx2.get(url.rstrip("/") + path, timeout=10)
    except httpx2.HTTPError as error:
        raise Failed(f"{url} does not answer ({type(error).__name__}). Look into its logs.") from None


def _json_of(answer: httpx2.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None


def path_of(service: str, what: str) -> str:
    """Of an operator's route."""
    return f"/api/v1/operations/{service}/{what}"


def _chosen(service: str | None) -> tuple[str, ...]:
    return (service,) if service else SERVICES
