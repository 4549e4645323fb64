"""The form of a planned work: what people write in it, and what is wrong with that, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from contracts.territories import find_zone
from web.centre.rules import find_named
from web.centre.views.incidents import Work
from web.platform.problems import PlatformProblem
from web.reference import Topics
from web.words import local

# By field; under an empty name what concerns the whole.
Faults = Mapping[str, str]
NO_FAULTS: Final[Faults] = {}
_REFUSED: Final = {
    "title": "Название – не длиннее двухсот знаков.",
    "notice": "Из слов в фигурных скобках подставляется только {number}.",
    "municipality": "Такого муниципалитета в регионе нет.",
    "streets": "Каждая улица – с новой строки, не больше пятисот.",
}


class WorkForm(BaseModel):
    """A work as a person writes it: names of topics or groups, streets one a line, local times."""

    title: str = ""
    kind: str = "outage"
    topic: list[str] = []
    organisation_name: str = ""
    municipality: str = ""
    streets: str = ""
    starts_at: str = ""
    ends_at: str = ""
    notice: str = ""
    version: int = 0
    once: str = ""

    @property
    def topics(self) -> list[str]:
        """Those that are written."""
        return [each.strip() for each in self.topic if each.strip()]

    @property
    def street_names(self) -> list[str]:
        """Those that are written."""
        return [line.strip() for line in self.streets.splitlines() if line.strip()]


def form_of(work: Work, names: Mapping[str, str]) -> WorkForm:
    """A work to be changed. `names`: of topics and groups, by their codes."""
    return WorkForm(
        title=work.title,
        kind=work.kind,
        topic=[names.get(code, code) for code in work.topics],
        organisation_name=work.organisation.name,
        municipality=work.municipality or "",
        streets="\n".join(work.streets),
        starts_at=f"{local(work.starts_at, work.region):%Y-%m-%dT%H:%M}",
        ends_at=f"{local(work.ends_at, work.region):%Y-%m-%dT%H:%M}",
        notice=work.notice,
        version=work.version,
    )


def find_faults(form: WorkForm, region: str, *, has_place: bool) -> dict[str, str]:
    """What nobody has to be asked for. `has_place`: the work lies somewhere whatever the form says."""
    starts, ends = read_time(form.starts_at, region), read_time(form.ends_at, region)
    wanted = {
        "title": (bool(form.title.strip()), "Напишите, что происходит."),
        "topic": (bool(form.topics), "Выберите тему или группу."),
        "organisation_name": (bool(form.organisation_name.strip()), "Выберите, кто отвечает."),
        "starts_at": (starts is not None, "Укажите день и час начала."),
        "ends_at": (ends is not None, "Укажите день и час конца."),
        "notice": (bool(form.notice.strip()), "Напишите, что ответить гражданам."),
    }
    faults = {field: words for field, (is_right, words) in wanted.items() if not is_right}
    if faults:
        return faults
    if starts and ends and ends <= starts:
        faults["ends_at"] = "Конец позже начала."
    if not (has_place or form.street_names or form.municipality.strip()):
        faults["streets"] = "Укажите улицы или муниципалитет."
    return faults


def read_time(value: str, region: str) -> datetime | None:
    """A local time of the region as an instant; None for what is none."""
    try:
        return datetime.fromisoformat(value).replace(tzinfo=ZoneInfo(find_zone(region)))
    except ValueError:
        return None


def code_of(topics: Topics, name: str) -> str | None:
    """Of the topic of that name, or of the group."""
    topic = find_named(topics.items, name)
    group = next((each.group for each in topics.items if each.group_name == name), None)
    return topic.code if topic else group


def faults_of(problem: PlatformProblem) -> Faults:
    """What the platform finds wrong."""
    by_field = {field: words for field, words in _REFUSED.items() if problem.is_about(field)}
    return by_field or {"": problem.words}
