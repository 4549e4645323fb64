"""What past cases name and the region does not have: topics, their groups and bodies to add out of use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from services.routing.reference.rules.region_reference import RegionBook, archive_code, plain_name

NO_GROUP = "Темы прежней системы"
Named = tuple[str | None, str | None, str | None]  # topic, group, organisation: code or name


@dataclass(frozen=True)
class Missing:
    """Code → name of groups and bodies; code → (name, code of the group) of topics."""

    groups: dict[str, str] = field(default_factory=dict)
    topics: dict[str, tuple[str, str]] = field(default_factory=dict)
    organisations: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.topics or self.organisations)


def find_missing(book: RegionBook, named: Iterable[Named]) -> Missing:
    """What has to be added before these cases can be placed."""
    missing = Missing()
    groups = {plain_name(topic.group_name): topic.group for topic in book.topics.values()}
    for topic, group, organisation in dict.fromkeys(named):
        if topic is not None and book.topic_called(topic) is None:
            name = group or NO_GROUP
            code = name if name in book.groups else groups.get(plain_name(name), archive_code(name))
            if code not in book.groups:
                missing.groups[code] = name
            missing.topics.setdefault(archive_code(topic), (topic, code))
        if organisation is not None and book.body_called(organisation) is None:
            missing.organisations[archive_code(organisation)] = organisation
    return missing
