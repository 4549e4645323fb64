"""Rows that are not taken: all are counted, the first ones are kept to be shown."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

SHOWN = 20


@dataclass(frozen=True)
class Refusal:
    """Why a row was not taken; `status`: of the answer, None where nothing was sent."""

    row: int
    external_id: str | None
    status: int | None
    reason: str

    def as_json(self) -> dict[str, object]:
        """For programs."""
        return {name: value for name, value in asdict(self).items() if name != "status" or value is not None}


@dataclass
class Refusals:
    """How many there are, and the first of them."""

    count: int = 0
    first: list[Refusal] = field(default_factory=list)

    def add(self, row: int, external_id: str | None, reason: str, status: int | None = None) -> None:
        """Count a refused row."""
        self.count += 1
        if len(self.first) < SHOWN:
            self.first.append(Refusal(row, external_id, status, reason))

    def as_json(self) -> list[dict[str, object]]:
        """The first ones, for programs."""
        return [refusal.as_json() for refusal in self.first]

    def lines(self, form: str) -> list[str]:
        """The first ones for people, each in the `form`, and how many more there are."""
        shown = [
            form.format(refusal=refusal, external_id=refusal.external_id or "-") for refusal in self.first
        ]
        more = self.count - len(self.first)
        return [*shown, f"  … and {more} more"] if more else shown
