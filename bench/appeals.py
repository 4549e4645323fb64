"""What portals send: appeals like real ones, singly and as a batch."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from harness.system import Account

TEXTS = (
    "На улице Карла Маркса у дома {n} огромная яма на проезжей части, машины бьют колёса, просим отремонтировать",
    "Не горит фонарь возле дома {n} по улице Союзной, вечером страшно ходить, дети возвращаются из школы",
    "Во дворе дома {n} по проспекту Победы третий день не вывозят мусор, контейнеры переполнены, запах",
    "В квартирах дома {n} холодные батареи, управляющая компания на звонки не отвечает, замерзаем",
    "Автобус маршрута {n} ходит раз в час, на остановке толпа, на работу не уехать, добавьте транспорт",
)


def body(number: int, region: str = "46") -> dict[str, Any]:
    """An appeal like those that portals send."""
    return {
        "text": TEXTS[number % len(TEXTS)].format(n=number % 200 + 1),
        "region": region,
        "external_id": f"bench-{uuid4()}",
        "channel": "portal",
        "municipality": "38701000",
        "address": f"г. Курск, ул. Ленина, {number % 90 + 1}",
        "applicant": {"name": "Иванова Анна Петровна", "email": "anna@example.ru", "phone": "+79105550000"},
    }


def post_batch(account: Account, count: int, **fields: Any) -> None:
    """One NDJSON batch, all accepted; `fields` are the same in every appeal."""
    appeals = ({**body(number), **fields} for number in range(count))
    lines = "\n".join(json.dumps(appeal, ensure_ascii=False) for appeal in appeals).encode()
    answer = account.post(
        "/api/v1/appeals/batch", content=lines, headers={"Content-Type": "application/x-ndjson"}, timeout=120
    )
    statuses = {json.loads(line)["status"] for line in answer.text.splitlines()}
    if answer.status_code != 200 or statuses != {201}:
        raise AssertionError(f"{answer.status_code}: {statuses}")
