"""A region's settings of the deadline service."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StrictInt

from chassis.bodies import Body
from chassis.replacing import Moving, ReadOnly, Replacement
from services.sla.calendars.schemas import ClockName, TermBody
from services.sla.policies.rules.escalation import Ladder, dump_rung, parse_rung
from services.sla.policies.rules.policies import Regime
from services.sla.policies.rules.region_config import Catalogue


class RungBody(Body):
    """One rung: when (`share` of the term, `before` or `after` the due time; a breach has none), whom, how often."""

    level: Annotated[StrictInt, Field(ge=1, le=9999)]
    kind: Literal["reminder", "breach", "escalation"]
    whom: Literal["executor", "head", "superior", "coordinator", "federal"]
    share: Annotated[float, Field(gt=0, lt=1)] | None = None
    before: TermBody | None = None
    after: TermBody | None = None
    every: TermBody | None = None
    times: Annotated[StrictInt, Field(ge=1, le=100)] = 1
    clocks: list[ClockName] = Field(default_factory=list, max_length=6)

    def as_data(self) -> dict[str, Any]:
        """The shape `ladder.parse_rung` reads."""
        data = self.model_dump(exclude_none=True, exclude={"before", "after", "every"})
        terms = {name: getattr(self, name) for name in ("before", "after", "every")}
        return data | {name: term.as_data() for name, term in terms.items() if term}


class Ladders(Body):
    """A ladder per regime."""

    statutory: list[RungBody] = Field(min_length=1, max_length=60)
    message: list[RungBody] = Field(min_length=1, max_length=60)

    def parse(self) -> dict[Regime, Ladder]:
        """By regime; ValueError for an impossible one."""
        sent: dict[Regime, list[RungBody]] = {"statutory": self.statutory, "message": self.message}
        rungs = {regime: [parse_rung(rung.as_data()) for rung in ladder] for regime, ladder in sent.items()}
        return {regime: Ladder(parsed) for regime, parsed in rungs.items()}


class SettingsBody(Replacement):
    """What an administrator sets; `minimum_sample`: fewer cases are not rated."""

    ladder: Ladders
    minimum_sample: Annotated[StrictInt, Field(ge=1, le=10_000)] = 2
    due_soon_hours: Annotated[StrictInt, Field(ge=1, le=2000)] = 48
    region: ReadOnly[str] = None
    version: ReadOnly[int] = None
    settled: Moving[bool] = None


class SettingsView(BaseModel):
    """The settings in force."""

    region: str
    version: int
    ladder: dict[str, list[dict[str, Any]]]
    minimum_sample: int
    due_soon_hours: int
    settled: bool = True


def describe_settings(catalogue: Catalogue, *, settled: bool = True) -> SettingsView:
    """A region's settings as GET gives them."""
    return SettingsView(
        region=catalogue.region,
        version=catalogue.settings_version,
        ladder={
            regime: [dump_rung(rung) for rung in known.rungs] for regime, known in catalogue.ladders.items()
        },
        minimum_sample=catalogue.minimum_sample,
        due_soon_hours=catalogue.due_soon_hours,
        settled=settled,
    )
