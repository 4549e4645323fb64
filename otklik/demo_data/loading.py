"""The past, brought in as the cases of another system, and the citizens' word on its answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from otklik.demo_data.cases import Case
from otklik.demo_data.connection import Report, in_parallel
from otklik_client import AsyncClient, ProblemError
from otklik_client.models import BatchLine, NewRating

CHUNK: Final = 500


@dataclass
class Refused:
    """What the system did not take, and why; empty unless something is wrong."""

    reasons: list[str] = field(default_factory=list)

    def add(self, what: str, error: object) -> None:
        """Note one."""
        self.reasons.append(f"{what}: {error}")


async def import_cases(
    admin: AsyncClient, region: str, import_id: UUID, cases: Sequence[Case], refused: Refused, report: Report
) -> list[BatchLine]:
    """One result for each case, in order; what was there already stays as it is."""
    results: list[BatchLine] = []
    lines = (case.as_json(region) for case in cases)
    async for result in admin.imports.import_cases(lines, import_id=import_id, chunk_lines=CHUNK):
        results.append(result)
        if result.problem is not None:
            refused.add(f"case {cases[result.line - 1].letter.external_id}", result.problem)
        if len(results) % CHUNK == 0 or len(results) == len(cases):
            report("Importing cases", len(results), len(cases))
    return results


async def rate_answers(
    portal: AsyncClient,
    cases: Sequence[Case],
    results: Sequence[BatchLine],
    refused: Refused,
    report: Report,
) -> int:
    """Citizens judge what they were answered; how many did. A repeat gets its first answer."""
    judged = [
        (case, result)
        for case, result in zip(cases, results, strict=True)
        if case.verdict is not None and result.tracking_code
    ]
    done = 0

    def count() -> None:
        nonlocal done
        done += 1
        report("Rating answers", done, len(judged))

    async def rate(pair: tuple[Case, BatchLine]) -> bool:
        case, result = pair
        assert case.verdict is not None
        assert result.tracking_code is not None
        rating = NewRating.model_validate(case.verdict.as_json())
        try:
            await portal.tracking.rate_appeal(result.tracking_code, rating)
        except ProblemError as problem:
            refused.add(f"rating of {case.letter.external_id}", problem)
            return False
        return True

    return sum(await in_parallel(judged, rate, count))
