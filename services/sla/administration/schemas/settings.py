"""A region's settings of the deadline service."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StrictInt

from chassis.bodies import Body
from chassis.replacing import Moving, ReadOnly, Replacement
from contracts.intake import Regime
from contracts.sla import ClockKind
from services.sla.calendars.schemas import TermBody
from services.sla.policies.rules.escalation import EscalationPolicy, dump_level, parse_level
from services.sla.policies.rules.region_config import RegionConfig


class EscalationLevelBody(Body):
    """One level: when (`share` of the term, `before` or `after` the due time; a breach has none), whom, how often."""

    level: Annotated[StrictInt, Field(ge=1, le=9999)]
    kind: Literal["reminder", "breach", "escalation"]
    whom: Literal["executor", "head", "superior", "coordinator", "federal"]
    share: Annotated[float, Field(gt=0, lt=1)] | None = None
    before: TermBody | None = None
    after: TermBody | None = None
    every: TermBody | None = None
    times: Annotated[StrictInt, Field(ge=1, le=100)] = 1
    clocks: list[ClockKind] = Field(default_factory=list, max_length=6)

    def as_data(self) -> dict[str, object]:
        """The shape `escalation.parse_level` reads."""
        data = self.model_dump(exclude_none=True, exclude={"before", "after", "every"})
        terms = {name: getattr(self, name) for name in ("before", "after", "every")}
        return data | {name: term.as_data() for name, term in terms.items() if term}


class EscalationPolicies(Body):
    """An escalation policy per regime."""

    statutory: list[EscalationLevelBody] = Field(min_length=1, max_length=60)
    message: list[EscalationLevelBody] = Field(min_length=1, max_length=60)

    def parse(self) -> dict[Regime, EscalationPolicy]:
        """By regime; ValueError for an impossible one."""
        sent: dict[Regime, list[EscalationLevelBody]] = {"statutory": self.statutory, "message": self.message}
        levels = {
            regime: [parse_level(level.as_data()) for level in wanted] for regime, wanted in sent.items()
        }
        return {regime: EscalationPolicy(parsed) for regime, parsed in levels.items()}


class SettingsBody(Replacement):
    """What an administrator sets; `minimum_sample`: fewer cases are not rated."""

    ladder: EscalationPolicies
    minimum_sample: Annotated[StrictInt, Field(ge=1, le=10_000)] = 2
    due_soon_hours: Annotated[StrictInt, Field(ge=1, le=2000)] = 48
    region: ReadOnly[str] = None
    version: ReadOnly[int] = None
    settled: Moving[bool] = None


class SettingsView(BaseModel):
    """The settings in force."""

    region: str
    version: int
    ladder: dict[str, list[dict[str, object]]]
    minimum_sample: int
    due_soon_hours: int
    settled: bool = True


def describe_settings(config: RegionConfig, *, settled: bool = True) -> SettingsView:
    """A region's settings as GET gives them."""
    return SettingsView(
        region=config.region,
        version=config.settings_version,
        ladder={
            regime: [dump_level(level) for level in known.levels]
            for regime, known in config.escalation_policies.items()
        },
        minimum_sample=config.minimum_sample,
        due_soon_hours=config.due_soon_hours,
        settled=settled,
    )
