"""What past cases name and the region does not have: topics, their groups and bodies to add out of use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from services.routing.rules.books import RegionBook, plain_name

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
    for topic, group, organisation in dict.fromkeys(named):
        if topic is not None and book.topic_called(topic) is None:
            code = group if group in book.groups else archive_code(group or NO_GROUP)
            if code not in book.groups:
                missing.groups[code] = group or NO_GROUP
            missing.topics.setdefault(archive_code(topic), (topic, code))
        if organisation is not None and book.body_called(organisation) is None:
            missing.organisations[archive_code(organisation)] = organisation
    return missing


def archive_code(name: str) -> str:
    """The code of something that is known by its name only; equal names, equal codes."""
    return f"past-{sha256(plain_name(name).encode()).hexdigest()[:12]}"
