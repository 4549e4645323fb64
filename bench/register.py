"""A register that grows: what its pages cost at two sizes, and the room an appeal takes.

In a home of its own, filled by the real pipeline with texts as people write them (the sample's, or the bench's own made
as long), of which a third waits in triage; some are answered, prolonged, asked back.
"""

from __future__ import annotations

import csv
import json
import os
import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any
from uuid import uuid4

from rich.console import Console

from bench.appeals import TEXTS
from bench.pages import REFERENCES, compare_pages, measure_pages
from bench.storage import room_of, show_room
from bench.waiting import drained
from harness.system import Account, System

console = Console(stderr=True)
BATCH = 2000
MEAN_LENGTH = 350  # characters, of the sample's texts
ACTED_ON = 0.03  # of the appeals that are in queues


@dataclass
class Register:
    """A home that is being filled."""

    system: System
    portal: Account
    appeals: int = 0

    def fill_up_to(self, total: int) -> float:
        """Post until there are so many, work on some of the new ones, wait until all services have them; seconds."""
        began = time.perf_counter()
        texts, new = made_texts(), total - self.appeals
        for start in range(0, new, BATCH):
            self._post(texts, min(BATCH, new - start))
        drained(self.system, 3600)
        self.appeals = total
        work_on(self.system, int(new * ACTED_ON))
        drained(self.system, 600)
        return time.perf_counter() - began

    def _post(self, texts: Iterator[str], count: int) -> None:
        lines = "\n".join(json.dumps(_body(next(texts)), ensure_ascii=False) for _ in range(count)).encode()
        headers = {"Content-Type": "application/x-ndjson"}
        answer = self.portal.post("/api/v1/appeals/batch", content=lines, headers=headers, timeout=300)
        statuses = {json.loads(line)["status"] for line in answer.text.splitlines()}
        if answer.status_code != 200 or statuses != {201}:
            raise AssertionError(f"{answer.status_code}: {statuses}")


def made_texts() -> Iterator[str]:
    """Texts without end, of the sample where it is at hand."""
    folder = os.environ.get("OTKLIK_SAMPLES")
    if folder:
        with (Path(folder) / "kursk_appeals.csv").open(encoding="utf-8", newline="") as file:
            yield from cycle([row["text"] for row in csv.DictReader(file)])
    chance = random.Random(46)
    while True:
        text = ""
        while len(text) < chance.expovariate(1 / MEAN_LENGTH):
            text += chance.choice(TEXTS).format(n=chance.randrange(1, 200)).capitalize() + ". "
        yield text or TEXTS[0].format(n=1)


def _body(text: str) -> dict[str, Any]:
    house = random.randrange(1, 90)
    return {
        "text": text,
        "region": "46",
        "external_id": f"register-{uuid4()}",
        "channel": "portal",
        "address": f"г. Курск, ул. Ленина, {house}",
        "applicant": {"name": "Иванова Анна Петровна", "email": "anna@example.ru", "phone": "+79105550000"},
    }


def work_on(system: System, count: int) -> None:
    """Bodies work on some of what they have: accepted, then answered, prolonged or asked back."""
    agencies = cycle(system.agencies())
    done = 0
    with ThreadPoolExecutor(4) as pool:
        for _, agency in zip(range(len(system.agencies())), agencies, strict=False):
            items = agency.post("/api/v1/queue/claim", json={"limit": 200}).json()["items"]
            items = items[: max(0, count - done)]
            list(pool.map(lambda item, by=agency: _act(by, item), items))
            done += len(items)
            if done >= count:
                return


def _act(agency: Account, item: dict[str, Any]) -> None:
    path = f"/api/v1/assignments/{item['id']}"

    def act(verb: str, version: int, **fields: Any) -> int:
        answer = agency.post(f"{path}/{verb}", json=fields, headers={"If-Match": str(version)})
        answer.raise_for_status()
        return int(answer.json()["version"])

    version = act("accept", item["version"], lease_token=item["lease_token"])
    match int(item["id"][-1], 16) % 8:
        case 0:
            act("request-extension", version, days=10, reason="Ждём ответа подрядчика о сроках работ.")
        case 1:
            act("clarify", version, question="Назовите, пожалуйста, номер дома и подъезда.")
        case _:
            act(
                "answer",
                version,
                outcome="solved",
                text="Работы выполнены, благодарим за обращение. " * 5,
            )


def measure_register(system: System, small: int, large: int) -> dict[str, Any]:
    """Fill to both sizes; pages side by side, bytes an appeal by table."""
    register = Register(system, system.account("portal"))
    empty = room_of(system)
    register.fill_up_to(small)
    first = measure_pages(system)
    console.print(f"  {large} appeals …")
    seconds = register.fill_up_to(large)
    second = measure_pages(system)
    room = room_of(system) - empty
    ratios = compare_pages(first, second)
    show_room(room, large)
    return {
        "appeals": [small, large],
        "filled_per_second": round((large - small) / seconds),
        "pages_ms": {name: [first[name], second[name], ratio] for name, ratio in ratios.items()},
        "worst_ratio": max(ratio for name, ratio in ratios.items() if name not in REFERENCES),
        "bytes_an_appeal": room.total // large,
        "bytes_by_table": room.by_table(large),
        "goal": "no page more than twice, <= 14000 bytes an appeal",
    }
