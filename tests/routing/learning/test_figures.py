"""What learning computes: intervals, the comparison of two models, the split by time, the draw."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import pytest

from services.routing.learning.rules.comparison import Ranking, Row, Terms, compare, is_better
from services.routing.learning.rules.drawing import is_drawn
from services.routing.learning.rules.figures import ShadowFigures
from services.routing.learning.rules.intervals import precision_of, sign_test
from services.routing.learning.rules.training import TooFewLabels, require_enough, split_by_time

TERMS = Terms({"Ямы": "holes", "Свет": "lamps"}, threshold=0.3)


def row(topic: str, at: float = 0.0, agency: str = "") -> Row:
    return Row(text="x", topic=topic, agency=agency, received_at=at)


def ranking(*topics: tuple[str, float], agencies: Sequence[tuple[str, float]] = ()) -> Ranking:
    return Ranking(topics, agencies)


def test_intervals_are_wilsons() -> None:
    """Figures of the literature: 8 of 10 is 0.490 to 0.943; of nothing nothing is known; 1.0 is never certain."""
    assert precision_of(8, 10).model_dump() == {"precision": 0.8, "low": 0.4902, "high": 0.9433, "sample": 10}
    assert precision_of(0, 0).model_dump() == {"precision": None, "low": None, "high": None, "sample": 0}
    perfect = precision_of(20, 20)
    assert (perfect.high, perfect.low) == (1.0, 0.8389)
    assert precision_of(0, 20).low == 0.0


def test_the_sign_test_is_one_sided_and_exact() -> None:
    assert sign_test(5, 0) == 1 / 32
    assert sign_test(0, 5) == 1.0
    assert sign_test(0, 0) == 1.0
    assert sign_test(1500, 1500) == pytest.approx(0.5, abs=0.02), "large samples as well"


@pytest.mark.parametrize(
    ("gained", "lost", "rows", "better"),
    [(5, 0, 100, True), (4, 0, 100, False), (0, 5, 100, False), (40, 20, 100, True), (40, 20, 5000, False)],
)
def test_better_is_by_a_margin_and_not_by_chance(gained: int, lost: int, rows: int, better: bool) -> None:
    assert is_better(gained, lost, rows) is better


def test_two_models_are_judged_on_the_same_rows_in_the_regions_names() -> None:
    """Labels the region does not have are passed over, as in routing; case and spaces do not matter."""
    rows = [row("Ямы", 1.0, "Дороги"), row("Свет", 2.0, "Горсвет"), row("Свет", 3.0, "Горсвет")]
    candidate = [
        ranking(("Отлов собак", 0.5), ("ямы ", 0.4), agencies=[("Дороги", 0.9)]),
        ranking(("Свет", 0.9), agencies=[("Дороги", 0.6), ("Горсвет", 0.4)]),
        ranking(("Свет", 0.2), ("Ямы", 0.1)),
    ]
    current = [ranking(("Свет", 0.9), ("Ямы", 0.1)), ranking(("Свет", 0.8)), ranking(("Ямы", 0.8))]
    found = compare(rows, candidate, current, TERMS)
    assert (found.gained, found.lost, found.rows) == (2, 0, 3)
    assert (found.candidate.topic.top1, found.current.topic.top1, found.current.topic.top3) == (
        1.0,
        0.3333,
        0.6667,
    )
    assert found.candidate.agency is not None
    assert (found.candidate.agency.top1, found.candidate.agency.top3) == (0.3333, 0.6667)
    assert found.current.agency is None, "it names no organisations"
    assert [(each.topic, each.sample) for each in found.topics] == [("holes", 1), ("lamps", 1)], (
        "at the threshold"
    )
    assert found.all.sample == 2


def test_a_hold_out_is_the_newest_fifth_and_nothing_the_current_model_knows() -> None:
    rows = [row("Ямы" if n % 2 else "Свет", float(n)) for n in range(100)]
    earlier, later = split_by_time(rows[::-1], None)
    assert [each.received_at for each in later] == [float(n) for n in range(80, 100)]
    assert max(each.received_at for each in earlier) == 79.0
    earlier, later = split_by_time(rows, current_until=89.0)
    assert min(each.received_at for each in later) == 90.0, "89 may have been in its training"
    earlier, later = split_by_time([row("Ямы", 5.0)] * 9 + [row("Свет", 6.0)], None)
    assert [each.topic for each in later] == ["Свет"], "one moment is never in both parts"


@pytest.mark.parametrize(
    ("rows", "until", "reason"),
    [
        ([row("Ямы", float(n)) for n in range(99)], None, "100 are needed"),
        ([row("Ямы", float(n)) for n in range(200)], None, "the same topic"),
        ([row(f"{n % 2}", float(n)) for n in range(120)], None, "24 labelled appeals to judge"),
        ([row(f"{n % 2}", float(n)) for n in range(200)], 180.0, "since the current model"),
    ],
)
def test_too_little_is_refused_with_the_reason(rows: list[Row], until: float | None, reason: str) -> None:
    with pytest.raises(TooFewLabels, match=reason):
        require_enough(rows, until)


def test_a_draw_takes_its_share_and_is_the_same_again() -> None:
    ids = [UUID(int=n * 0x9E3779B97F4A7C15) for n in range(20_000)]
    drawn = {id for id in ids if is_drawn(b"key", id, 0.015)}
    assert 230 <= len(drawn) <= 370
    assert drawn == {id for id in ids if is_drawn(b"key", id, 0.015)}
    assert drawn < {id for id in ids if is_drawn(b"key", id, 0.05)}, "a larger share keeps what was drawn"
    assert drawn != {id for id in ids if is_drawn(b"other", id, 0.015)}, "nobody foresees it without the key"
    assert not any(is_drawn(b"key", id, 0.0) for id in ids)
    assert all(is_drawn(b"key", id, 1.0) for id in ids)


def test_a_shadow_is_worse_only_when_it_is_not_chance() -> None:
    assert ShadowFigures(sample=200, gained=2, lost=15).is_worse
    assert not ShadowFigures(sample=200, gained=9, lost=11).is_worse
    assert not ShadowFigures(sample=10, gained=0, lost=9).is_worse, "too few to judge by"
