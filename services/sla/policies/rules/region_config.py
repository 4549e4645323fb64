"""Everything a region has decided about its deadlines, as it was at any instant: policies, calendars, escalation."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from contracts.intake import Regime
from contracts.territories import find_zone
from services.sla.calendars.rules.calendar_codec import parse_calendar
from services.sla.calendars.rules.calendars import Calendar
from services.sla.calendars.rules.office_hours import Office
from services.sla.policies.rules.escalation import EscalationPolicy
from services.sla.policies.rules.policies import Policy

MINIMUM_SAMPLE: Final = 2
"""An executor with fewer cases is not rated (as in Ulyanovsk's published rating: at least two a month)."""
DUE_SOON_HOURS: Final = 48

_Key = tuple[int, str | None, str | None]  # version, municipality or zone, organisation with hours of its own


@dataclass(frozen=True, slots=True)
class CalendarEdit:
    """The region's calendar from an instant on; `data` is what `parse_calendar` reads, with `zones` (ОКТМО prefix →
    IANA name) beside it."""

    version: int
    since: datetime
    data: Mapping[str, Any]


_NATIONAL: Final = CalendarEdit(1, datetime.min.replace(tzinfo=UTC), {})


@dataclass(frozen=True, slots=True)
class HoursEdit:
    """An organisation's office hours from a version of the region's calendar on; None: the region's again."""

    version: int
    hours: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class RegionConfig:
    """One region. `version` grows with every decision. `calendars` and each list of `hours` are ordered by version;
    before the first edit the national calendar counts, as version 1."""

    region: str
    version: int
    policies: Sequence[Policy]
    escalation_policies: Mapping[Regime, EscalationPolicy]
    calendars: Sequence[CalendarEdit] = ()
    hours: Mapping[str, Sequence[HoursEdit]] = field(default_factory=dict)
    minimum_sample: int = MINIMUM_SAMPLE
    due_soon_hours: int = DUE_SOON_HOURS
    settings_version: int = 1
    _found: dict[_Key, Calendar] = field(default_factory=dict, compare=False, repr=False)
    _built: dict[_Key, Calendar] = field(default_factory=dict, compare=False, repr=False)

    @property
    def newest_edit(self) -> CalendarEdit:
        """Of the calendar; the national one before the first."""
        return self.calendars[-1] if self.calendars else _NATIONAL

    def edit_at(self, moment: datetime) -> CalendarEdit | None:
        """The edit in force; None before the first."""
        if not self.calendars:
            return None
        index = bisect_right(self.calendars, moment, key=lambda edit: edit.since)
        return self.calendars[index - 1] if index else None

    def calendar_of(self, office: Office, moment: datetime) -> Calendar:
        """The calendar of an office as it stood at an instant (`clocks.CalendarOf`)."""
        edit = self.edit_at(moment) or _NATIONAL
        hours = self._hours_of(office.organisation_id, edit.version)
        key = (edit.version, office.municipality, office.organisation_id if hours else None)
        if key not in self._found:
            self._found[key] = self._build(edit, hours, office)
        return self._found[key]

    def _build(self, edit: CalendarEdit, hours: Mapping[str, Any] | None, office: Office) -> Calendar:
        """One calendar per zone and hours, however many municipalities share it."""
        data = edit.data
        zone = data.get("zone") or find_zone(self.region, office.municipality, data.get("zones"))
        key = (edit.version, zone, office.organisation_id if hours else None)
        if key not in self._built:
            own = {"office_hours": hours} if hours else {}
            described = {**data, **own, "zone": zone, "version": edit.version}
            self._built[key] = parse_calendar(described, region=self.region)
        return self._built[key]

    def _hours_of(self, organisation_id: str | None, version: int) -> Mapping[str, Any] | None:
        edits = self.hours.get(organisation_id or "")
        if not edits:
            return None
        index = bisect_right(edits, version, key=lambda edit: edit.version)
        return edits[index - 1].hours if index else None
