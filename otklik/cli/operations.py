"""What an operator does with a running system: dead letters, replaying events, looking whether it is well."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import cast
from uuid import UUID

import httpx2

from contracts.parts import PUBLISHERS, SERVICES
from otklik.backlogs import steps_left
from otklik.cli.failures import Failed
from otklik.cli.output import fail, print_json, print_message, print_table, progress_bar
from otklik.cli.service_operations import Consumer, operations_of
from otklik.cli.system import Target, require_answer
from otklik_client import Client, OtklikError
from otklik_client.models import Backlog, Replay

POLL_SECONDS = 0.5


def show_token(target: Target, role: str, organisation: str | None, as_json: bool) -> None:
    """An access token on stdout, for `curl` and other tools."""
    if organisation:
        client_id, client_secret = target.credentials_of_organisation(organisation)
    else:
        client_id, client_secret = target.credentials(role)
    url = target.find_url()
    require_answer(url)
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
    answer = httpx2.post(f"{url}/oauth/token", data=form, timeout=10)
    if answer.status_code != 200:
        raise Failed(f"{url} gives {client_id} no token: {answer.text[:200]}")
    if as_json:
        print_json(answer.json())
    else:
        print(answer.json()["access_token"])


def dead_list(target: Target, service: str | None, limit: int, as_json: bool) -> None:
    """Events that handlers gave up on."""
    with target.client("admin") as client:
        found = {name: operations_of(client, name).letters(limit=limit) for name in _chosen(service)}
    total = sum(answer.total for answer in found.values())
    letters = [(name, letter) for name, answer in found.items() for letter in answer.items]
    if as_json:
        items = [{"service": name, **letter.as_received()} for name, letter in letters]
        print_json({"total": total, "items": items})
        return
    columns = ("service", "since", "handler", "event", "id", "tries", "error")
    rows = [
        (name, one.created_at.isoformat(), one.handler, one.subject, one.event_id, one.attempts, one.error)
        for name, one in letters
    ]
    print_table(f"Dead letters: {total}", columns, rows)


def dead_retry(target: Target, service: str | None, as_json: bool) -> None:
    """Give them to their handlers again; exit code 1 when some fail again."""
    with target.client("admin") as client:
        results = {name: operations_of(client, name).retry() for name in _chosen(service)}
    failed = sum(result.failed for result in results.values())
    if as_json:
        handled = sum(result.handled for result in results.values())
        services = {name: result.as_received() for name, result in results.items()}
        print_json({"handled": handled, "failed": failed, "services": services})
    else:
        rows = [(name, result.handled, result.failed) for name, result in results.items()]
        print_table("Dead letters tried again", ("service", "handled", "failed again"), rows)
    if failed:
        fail()


def replay_events(
    target: Target, consumer: str | None, since: datetime | None, wait: float, as_json: bool
) -> None:
    """Send the permanent event logs again, to one service or to all. Waits until all is handled."""
    publishers = [name for name in PUBLISHERS if name != consumer]
    begin = since and since.replace(tzinfo=UTC)
    with target.client("admin") as client:
        begun = {
            name: operations_of(client, name).replay(consumer=cast("Consumer | None", consumer), since=begin)
            for name in publishers
        }
        ids = {name: {item.id for item in replays.items} for name, replays in begun.items()}
        events, left = wait_until_replayed(client, ids, wait)
    if as_json:
        print_json({"events": sum(events.values()), "services": events, "unfinished": left})
    else:
        print_table("Events replayed", ("service", "events"), list(events.items()))
    if left:
        print_message(
            f"{left} steps of work are left; the services go on with them. Look again with `otklik status`."
        )
        fail()


def wait_until_replayed(
    client: Client, begun: Mapping[str, set[UUID]], wait: float
) -> tuple[dict[str, int], int]:
    """Until the replays (ids by service) are finished and all is handled: events sent by service, and what is left."""
    deadline = time.monotonic() + wait
    with progress_bar() as bar:
        task = bar.add_task("Events sent again", total=None, note="")
        while True:
            found = {name: _read_replays(client, name, ids) for name, ids in begun.items()}
            events = {name: sum(item.events for item in items) for name, items in found.items()}
            running = [item for items in found.values() for item in items if not item.finished_at]
            reached = max((f"{item.reached:%Y-%m-%dT%H:%M}" for item in running if item.reached), default="")
            bar.update(task, completed=sum(events.values()), note=f"back to {reached}")
            if not running:
                break
            if time.monotonic() > deadline:
                return events, len(running)
            time.sleep(POLL_SECONDS)
    return events, wait_until_handled(client, max(0.0, deadline - time.monotonic()))


def _read_replays(client: Client, service: str, ids: set[UUID]) -> list[Replay]:
    return [item for item in operations_of(client, service).replays().items if item.id in ids]


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


def read_backlogs(client: Client) -> dict[str, Backlog]:
    """What waits in each service."""
    return {name: operations_of(client, name).backlog() for name in SERVICES}


def work_left(client: Client) -> int:
    """What is to be published, sent and handled, in all services."""
    return sum(map(steps_left, read_backlogs(client).values()))


def status(target: Target, as_json: bool) -> None:
    """Readiness and, with an administrator's credentials, backlogs; exit code 1 when not ready."""
    url = ""
    try:
        url = target.find_url()
        answer = _get(url, "/health/ready")
    except Failed as error:
        if not as_json:
            raise
        print_json({"url": url, "ready": False, "readiness": None, "backlogs": {}, "error": str(error)})
        fail()
    backlogs, unknown = _backlogs(target)
    is_ready = answer.status_code == 200
    if as_json:
        waiting = {name: backlog.as_received() for name, backlog in backlogs.items()}
        print_json({"url": url, "ready": is_ready, "readiness": _json_of(answer), "backlogs": waiting})
    else:
        print_message(f"{url} is {'ready' if is_ready else 'NOT ready'}.")
        for line in _problems_of(answer):
            print_message(f"  {line}")
        _show_backlogs(backlogs, unknown)
    if not is_ready:
        fail()


def _show_backlogs(backlogs: Mapping[str, Backlog], unknown: str) -> None:
    rows = [(name, one.outbox_pending, one.consumer_lag, one.dead_letters) for name, one in backlogs.items()]
    if rows:
        print_table("Backlogs", ("service", "events to send", "to handle", "dead letters"), rows)
    if unknown:
        print_message(f"Backlogs are not known: {unknown}")


def _problems_of(answer: httpx2.Response) -> Iterator[str]:
    """Which part is not ready and why, as the gateway reports it."""
    document = _json_of(answer)
    problems = document.get("problems") if isinstance(document, dict) else None
    for part, found in (problems or {}).items():
        by_cause = found if isinstance(found, dict) else {"": found}
        yield from (f"{part}: {what} – {why}" for what, why in by_cause.items())


def _backlogs(target: Target) -> tuple[dict[str, Backlog], str]:
    """By service, or why they are not known."""
    try:
        with target.client("admin", patience=2) as client:
            return read_backlogs(client), ""
    except (Failed, OtklikError) as error:
        return {}, str(error)


def openapi(target: Target, out: Path | None) -> None:
    """The OpenAPI document of the running system, to stdout or a file."""
    answer = _get(target.find_url(), "/openapi.json")
    if answer.status_code != 200:
        raise Failed(f"{answer.url} answers {answer.status_code}.")
    if out is None:
        sys.stdout.write(answer.text + "\n")
    else:
        out.write_text(answer.text + "\n", encoding="utf-8")
        print_message(f"Written to {out}.")


def _get(url: str, path: str) -> httpx2.Response:
    require_answer(url)
    try:
        return httpx2.get(url.rstrip("/") + path, timeout=10)
    except httpx2.HTTPError as error:
        raise Failed(f"{url} does not answer ({type(error).__name__}). Look into its logs.") from None


def _json_of(answer: httpx2.Response) -> object:
    try:
        return answer.json()
    except ValueError:
        return None


def _chosen(service: str | None) -> tuple[str, ...]:
    return (service,) if service else SERVICES
