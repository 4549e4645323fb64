"""Which rule gives a clock its length: versioned policies of a region, the most specific of them, and why."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from typing import Any, Final, Literal, cast, get_args

from chassis.faults import Wording
from contracts.intake import Regime
from contracts.sla import ClockKind
from services.sla.calendars.rules.counting import WeekendRule
from services.sla.calendars.rules.explanations import Step
from services.sla.calendars.rules.terms import Term, dump_term, parse_term

PauseReason = Literal["clarification", "documents"]
StartFrom = Literal["registration", "assignment"]

ANY_REGION: Final = "*"
DANGER: Final = "danger"

# A narrower condition outweighs all wider ones together, so that two policies compare like numbers in binary.
_WEIGHTS: Final[Mapping[str, int]] = {
    "case": 64,
    "topic": 32,
    "group": 16,
    "importance": 8,
    "kind": 4,
    "channel": 2,
    "region": 1,
}
_WORDS: Final[Mapping[str, str]] = {
    "case": "случай", "topic": "тема", "group": "группа тем", "importance": "важность", "kind": "вид",
    "channel": "канал",
}  # fmt: skip
# The conditions that an appeal has one value of and that fit as they are.
_named = attrgetter("topic", "group", "channel", "kind")


@dataclass(frozen=True, slots=True)
class Policy:
    """A region's rule for one clock of one regime; a condition left None fits everything.

    `region`: two digits, or "*" for a federal default. `case`: a circumstance the appeal was marked with
    ("migration", "migration_head", "special_outcome", "fast_track") or the fold adds ("after_interim").
    `valid_from` (inclusive) and `valid_to` (exclusive) are instants: a version starts in mid-day, and clocks
    begun before keep theirs. `start_from`: an answer counts from registration, a reaction from the
    assignment. `restart_on_redirect`: the receiver's term starts anew at the redirect (59-ФЗ ст. 8 ч. 3, ст.
    12 ч. 1), else it goes on from registration. `pauses`: what stops the clock. `max_extension_days`: 0 = the
    clock cannot be extended; only one extension counts. `basis`: the source in law or practice.
    """

    id: str
    region: str
    regime: Regime
    clock: ClockKind
    term: Term
    valid_from: datetime
    valid_to: datetime | None = None
    version: int = 1
    name: str = ""
    group: str | None = None
    topic: str | None = None
    channel: str | None = None
    importance: str | None = None
    kind: str | None = None
    case: str | None = None
    weekend_rule: WeekendRule = "previous"
    start_from: StartFrom = "registration"
    restart_on_redirect: bool = True
    pauses: tuple[PauseReason, ...] = ()
    max_extension_days: int = 0
    basis: str = ""

    def __post_init__(self) -> None:
        if any(moment.tzinfo is None for moment in (self.valid_from, self.valid_to) if moment is not None):
            raise ValueError("a policy's validity needs instants with an offset")
        for value, kind in (
            (self.regime, Regime), (self.clock, ClockKind), (self.weekend_rule, WeekendRule),
            (self.start_from, StartFrom), *((pause, PauseReason) for pause in self.pauses),
        ):  # fmt: skip
            if value not in get_args(kind):
                known = {"value": repr(value), "known": ", ".join(get_args(kind))}
                raise ValueError(Wording("{value} must be one of {known}", known))
        if self.max_extension_days < 0:
            raise ValueError("max_extension_days must not be negative")

    @property
    def title(self) -> str:
        return self.name or self.id

    def starts_anew(self, redirected: bool) -> bool:
        """Whether a receiver's term counts from when the question reached it, not from registration."""
        return self.restart_on_redirect if redirected else self.start_from == "assignment"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a policy is looked for: the clock and what is known of the appeal or assignment."""

    region: str
    regime: Regime
    clock: ClockKind
    group: str | None = None
    topic: str | None = None
    channel: str | None = None
    importance: str | None = None
    kind: str | None = None
    cases: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """The policy that applies, the sentence why, and those that would have applied without it, best first."""

    policy: Policy
    text: str
    beaten: tuple[Policy, ...]

    def __hash__(self) -> int:
        """Enough to tell choices apart, and quickly: deadlines are remembered by them."""
        return hash((self.policy.id, self.policy.version, self.text))

    @property
    def step(self) -> Step:
        """The explanation's first step."""
        policy = self.policy
        return {
            "kind": "policy",
            "policy_id": policy.id,
            "version": policy.version,
            "name": policy.name,
            "basis": policy.basis,
            "beaten": [other.id for other in self.beaten],
            "text": self.text,
        }


class PolicySet(tuple[Policy, ...]):
    """Policies that remember what was chosen of them: appeals come in crowds, and ask for the same few."""

    _MOST: Final = 4096

    def __init__(self, policies: Iterable[Policy] = ()) -> None:
        ends = (policy.valid_to for policy in self if policy.valid_to is not None)
        self._turns = sorted({*(policy.valid_from for policy in self), *ends})
        self._chosen: dict[tuple[Any, ...], Choice | None] = {}
        self._known = frozenset((policy.regime, policy.clock) for policy in self)

    def is_silent_on(self, regime: Regime, clock: ClockKind) -> bool:
        """Whether no policy is about such clocks, so that none will ever be chosen."""
        return (regime, clock) not in self._known

    def choose(self, subject: Subject, at: datetime) -> Choice | None:
        """As `choose_policy`. Between two turns the same policies are in force."""
        key = (
            bisect_right(self._turns, at), subject.region, subject.regime, subject.clock, subject.group,
            subject.topic, subject.channel, subject.importance, subject.kind, frozenset(subject.cases),
        )  # fmt: skip
        if key not in self._chosen:
            if len(self._chosen) >= self._MOST:
                self._chosen.clear()
            self._chosen[key] = _choose(self, subject, at)
        return self._chosen[key]


def choose_policy(policies: Iterable[Policy], subject: Subject, at: datetime) -> Choice | None:
    """The most specific policy in force at the instant; None when none fits.

    Of one policy's versions only the newest in force counts. Specific means, in falling weight: case, topic,
    group, importance, kind, channel, own region. What counts for `high` counts for `danger`, too, unless there is a policy
    for that; and a reaction to a danger goes by a policy for dangers before all others, however specific, but for
    those that are as quick by the clock. Equals: the later valid, then the higher version, then the id.
    """
    if isinstance(policies, PolicySet):
        return policies.choose(subject, at)
    return _choose(policies, subject, at)


def _choose(policies: Iterable[Policy], subject: Subject, at: datetime) -> Choice | None:
    asked = (subject.clock, subject.regime)
    begun = [
        policy for policy in policies if (policy.clock, policy.regime) == asked and policy.valid_from <= at
    ]
    # An older version never comes back, even where the newer one no longer fits or has ended.
    newest: dict[str, Policy] = {}
    for policy in sorted(begun, key=attrgetter("version"), reverse=True):
        newest.setdefault(policy.id, policy)
    fitting = [policy for policy in newest.values() if _fits(policy, subject, at)]
    if not fitting:
        return None
    urgent = _urgent(fitting, subject)
    best, *beaten = sorted(fitting, key=lambda policy: (policy in urgent, _rank(policy)), reverse=True)
    return Choice(best, _render_choice(best, beaten), tuple(beaten))


def _fits(policy: Policy, subject: Subject, at: datetime) -> bool:
    return (
        policy.region in (subject.region, ANY_REGION)
        and (policy.valid_to is None or at < policy.valid_to)
        and policy.case in (None, *subject.cases)
        and policy.importance in (None, *_importances(subject))
        and all(
            wanted in (None, is_so) for wanted, is_so in zip(_named(policy), _named(subject), strict=True)
        )
    )


def _importances(subject: Subject) -> tuple[str | None, ...]:
    """A danger is never slower than what is only important."""
    return (subject.importance, "high") if subject.importance == DANGER else (subject.importance,)


def _urgent(fitting: Sequence[Policy], subject: Subject) -> list[Policy]:
    """What a reaction to a danger may go by: a region's policy for a topic must not make it slower than any other danger."""
    for_dangers = [policy for policy in fitting if policy.importance == DANGER]
    if subject.clock != "react" or not for_dangers:
        return []
    longest = max(for_dangers, key=_rank).term.wall_time
    as_quick = (
        policy for policy in fitting if policy.term.passes_by_the_clock and policy.term.wall_time <= longest
    )
    return [*for_dangers, *as_quick]


def _rank(policy: Policy) -> tuple[int, bool, datetime, int, str]:
    return weigh(policy), policy.importance == DANGER, policy.valid_from, policy.version, policy.id


def weigh(policy: Policy) -> int:
    """How specific a policy is; higher wins."""
    weight = sum(_WEIGHTS[name] for name in _WORDS if getattr(policy, name) is not None)
    return weight + _WEIGHTS["region"] * (policy.region != ANY_REGION)


def _render_conditions(policy: Policy) -> str:
    conditions = ((word, getattr(policy, name)) for name, word in _WORDS.items())
    listed = ", ".join(f"{word} «{value}»" for word, value in conditions if value is not None)
    whose = "страны" if policy.region == ANY_REGION else "региона"
    return listed or f"общее правило {whose}"


def _render_choice(policy: Policy, beaten: Sequence[Policy]) -> str:
    basis = f"; основание: {policy.basis}" if policy.basis else ""
    others = ", ".join(f"«{other.title}»" for other in beaten[:3])
    word = "точнее" if not beaten or weigh(policy) >= weigh(beaten[0]) else "важнее"
    than = f"; {word}, чем {others}" if others else ""
    conditions = _render_conditions(policy)
    return f"Регламент «{policy.title}», версия {policy.version} ({conditions}): {policy.term}{basis}{than}."


def find_cases(policies: Iterable[Policy]) -> set[str]:
    """The circumstances an appeal can be marked with; `after_interim` follows from what happened."""
    return {policy.case for policy in policies if policy.case} - {"after_interim"}


_FIELDS: Final = frozenset(field.name for field in fields(Policy))
_NEEDED: Final = ("id", "region", "regime", "clock", "term", "valid_from")
_DATES: Final = ("valid_from", "valid_to")


def dump_policy(policy: Policy) -> dict[str, object]:
    """The JSON shape of `GET /api/v1/policies`; conditions that are None are left out."""
    values = ((field.name, getattr(policy, field.name)) for field in fields(policy))
    data = {
        name: value.isoformat() if name in _DATES else value for name, value in values if value is not None
    }
    return data | {"term": dump_term(policy.term), "pauses": list(policy.pauses)}


def parse_policy(data: Mapping[str, Any]) -> Policy:
    """Read `dump_policy`'s shape; unknown fields are ignored. Raises ValueError saying what is wrong."""
    values = {name: value for name, value in data.items() if name in _FIELDS and value is not None}
    missing = [name for name in _NEEDED if name not in values]
    if missing:
        raise ValueError(Wording("a policy needs {names}", {"names": ", ".join(missing)}))
    dates = {
        name: datetime.fromisoformat(values[name]) for name in _DATES if isinstance(values.get(name), str)
    }
    values |= dates
    values["term"] = parse_term(values["term"])
    values["pauses"] = tuple(cast(Sequence[PauseReason], values.get("pauses", ())))
    return Policy(**values)
