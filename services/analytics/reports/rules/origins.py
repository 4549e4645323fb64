"""Where the figures of a report are from."""

from __future__ import annotations

from typing import Final

_BASE: Final = "/api/v1/analytics"


class Sources:
    """The queries behind the figures, numbered as they come."""

    def __init__(self, asked: str, territory: str) -> None:
        self.asked, self.territory = asked, territory
        self.queries: list[str] = []

    def add(self, path: str, parameters: str = "") -> int:
        """The number of a query: the path of analytics and what it takes beside the report's own filters."""
        return self.add_own(path, "&".join(filter(None, (parameters, self.asked))))

    def add_own(self, path: str, parameters: str) -> int:
        """The same for a query that does not take the report's filters."""
        query = f"{_BASE}/{path}" + (f"?{parameters}" if parameters else "")
        if query not in self.queries:
            self.queries.append(query)
        return self.queries.index(query) + 1
