"""What legacy cases name and the region does not have: topics, their groups and organisations to add out of use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from services.routing.reference.rules.codes import legacy_code, plain_name
from services.routing.reference.rules.region_reference import RegionReference

NO_GROUP = "Темы прежней системы"
CaseNames = tuple[str | None, str | None, str | None]  # topic, group, organisation: code or name


@dataclass(frozen=True)
class MissingReference:
    """Code → name of groups and organisations; code → (name, code of the group) of topics."""

    groups: dict[str, str] = field(default_factory=dict)
    topics: dict[str, tuple[str, str]] = field(default_factory=dict)
    organisations: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.topics or self.organisations)


def find_missing(reference: RegionReference, named: Iterable[CaseNames]) -> MissingReference:
    """What has to be added before these cases can be placed."""
    missing = MissingReference()
    groups = {plain_name(topic.group_name): topic.group for topic in reference.topics.values()}
    for topic, group, organisation in dict.fromkeys(named):
        if topic is not None and reference.topic_called(topic) is None:
            name = group or NO_GROUP
            code = name if name in reference.groups else groups.get(plain_name(name), legacy_code(name))
            if code not in reference.groups:
                missing.groups[code] = name
            missing.topics.setdefault(legacy_code(topic), (topic, code))
        if organisation is not None and reference.organisation_called(organisation) is None:
            missing.organisations[legacy_code(organisation)] = organisation
    return missing
