"""HTTP of the citizens' pages."""

from typing import Final

from web.citizen.api import design, figures, helping, reporting, tracking

ROUTERS: Final = (reporting.router, helping.router, tracking.router, figures.router, design.router)

__all__ = ["ROUTERS"]
