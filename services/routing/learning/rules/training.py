"""A candidate for a region, from rows that people labelled: trained on the earlier ones, judged on the later.

`python -m services.routing.learning.rules.training` is the process in which that happens (see `actions.children`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from pydantic import BaseModel

from chassis.faults import Wording
from services.routing.classifier.model import Model, load_model, to_bytes
from services.routing.classifier.model import from_bytes as read_model
from services.routing.classifier.training import train
from services.routing.learning.rules.comparison import HoldOut, Ranking, Row, Terms, compare
from services.routing.learning.rules.parcels import Parcel, become_modest, read_parcel, write_parcel

HOLD_OUT_SHARE: Final = 0.2  # of the rows, the newest
LEAST_ROWS: Final = 100
LEAST_HELD_OUT: Final = 30
AT_ONCE: Final = 64


class TooFewLabels(ValueError):
    """There is too little to learn from, or to judge by."""


class TrainingOrder(BaseModel):
    """What a candidate is made of.

    `topics`: names of the region's topics and their codes; `groups`: and their groups. `levels`: names of its organisations
    and of the topmost one of their level; `stems`: its places and by which words they are named. `threshold`: for deciding without a person, 0..1.
    `current_until`: when the newest appeal came that the current model was trained on (seconds since 1970); null for the
    shipped one.
    """

    rows: list[Row]
    topics: dict[str, str]
    groups: dict[str, str]
    threshold: float
    current_until: float | None = None
    levels: dict[str, str] = {}
    stems: dict[str, list[str]] = {}


class TrainingOutcome(BaseModel):
    """What became of it. `error`: why there is no model (for the administrator); otherwise the model goes along.

    `thresholds`: kind of label → precision → score from which it is reached.
    """

    error: str = ""
    rows: int = 0
    trained_until: float | None = None
    hold_out: HoldOut | None = None
    thresholds: dict[str, dict[str, float]] = {}


def split_by_time(rows: Sequence[Row], current_until: float | None) -> tuple[list[Row], list[Row]]:
    """The earlier rows, and the later that a candidate is judged on: at most a fifth, and none that the current model may
    have been trained on, which would judge it too well."""
    ordered = sorted(rows, key=lambda row: row.received_at)
    start = len(ordered) - round(len(ordered) * HOLD_OUT_SHARE)
    if current_until is not None:
        known = sum(row.received_at <= current_until for row in ordered)
        start = max(start, known)
    # Appeals that came at one moment stay together.
    while 0 < start < len(ordered) and ordered[start].received_at == ordered[start - 1].received_at:
        start += 1
    return ordered[:start], ordered[start:]


def require_enough(rows: Sequence[Row], current_until: float | None) -> None:
    """TooFewLabels where a training could not end well."""
    if len(rows) < LEAST_ROWS:
        raise TooFewLabels(
            Wording(
                "There are {count} labelled appeals, {least} are needed.",
                {"count": len(rows), "least": LEAST_ROWS},
            )
        )
    earlier, later = split_by_time(rows, current_until)
    if len({row.topic for row in earlier}) < 2:
        raise TooFewLabels("All labelled appeals have the same topic.")
    if len(later) < LEAST_HELD_OUT:
        raise TooFewLabels(
            Wording(
                "There are {count} labelled appeals to judge a model by, {least} are needed."
                if current_until is None
                else "There are {count} labelled appeals to judge a model by since the current model was trained, {least} are needed.",
                {"count": len(later), "least": LEAST_HELD_OUT},
            )
        )


def train_candidate(order: TrainingOrder, current: Model) -> tuple[TrainingOutcome, bytes]:
    """The candidate and its figures. A better one has been trained once more on all rows."""
    require_enough(order.rows, order.current_until)
    earlier, later = split_by_time(order.rows, order.current_until)
    candidate = _fit(earlier, order)
    terms = Terms(order.topics, order.threshold)
    hold_out = compare(later, rank_all(candidate, later), rank_all(current, later), terms)
    used = earlier
    if hold_out.better:
        candidate, used = _fit(order.rows, order), order.rows
    outcome = TrainingOutcome(
        rows=len(used),
        trained_until=max(row.received_at for row in used),
        hold_out=hold_out,
        thresholds=_thresholds_of(candidate),
    )
    return outcome, to_bytes(candidate)


def _fit(rows: Sequence[Row], order: TrainingOrder) -> Model:
    labelled = [row.model_dump(include={"text", "topic", "group", "agency"}) for row in rows]
    return train(labelled, order.levels, order.stems, order.groups)


def rank_all(model: Model, rows: Sequence[Row]) -> list[Ranking]:
    """What a model makes of rows."""
    texts = [row.text for row in rows]
    parts = [model.predict(texts[start : start + AT_ONCE]) for start in range(0, len(texts), AT_ONCE)]
    return [
        Ranking([(each.topic, each.confidence), *each.alternatives], each.agencies)
        for part in parts
        for each in part
    ]


def _thresholds_of(model: Model) -> dict[str, dict[str, float]]:
    thresholds: Mapping[str, Mapping[float, float]] = getattr(model, "thresholds", {})
    return {
        kind: {f"{precision:.2f}": score for precision, score in of_kind.items()}
        for kind, of_kind in thresholds.items()
    }


def carry_out(parcel: Parcel) -> Parcel:
    """An order with the current model (nothing: the shipped one) → the outcome with the candidate."""
    order = TrainingOrder.model_validate_json(parcel.head)
    current = read_model(parcel.data) if parcel.data else load_model()
    try:
        outcome, data = train_candidate(order, current)
    except ValueError as error:
        outcome, data = TrainingOutcome(error=str(error)), b""
    return Parcel(outcome.model_dump_json().encode(), data)


def main(work: Callable[[Parcel], Parcel] = carry_out) -> None:
    """Standard input → standard output, at the lowest priority."""
    become_modest()
    write_parcel(sys.stdout.buffer, work(read_parcel(sys.stdin.buffer)))


if __name__ == "__main__":
    main()
