"""Analytics: projects everybody's events and answers figures."""

from __future__ import annotations

from typing import Final

from chassis.app import create_app
from chassis.fast_path import App
from chassis.serve import serve
from chassis.service import Operations, ServiceDefinition
from services.analytics.comparison import api as comparison
from services.analytics.decisions import api as decisions
from services.analytics.digest import api as digest
from services.analytics.evidence import api as evidence
from services.analytics.exports import api as exports
from services.analytics.figures import api as figures
from services.analytics.finish import api as finish
from services.analytics.forecasts import api as forecasts
from services.analytics.handlers import handlers
from services.analytics.maps import api as maps
from services.analytics.problems import api as problems
from services.analytics.public import api as public
from services.analytics.reports import api as reports
from services.analytics.resources import AnalyticsResources
from services.analytics.settings import AnalyticsSettings
from services.analytics.situation import api as situation
from services.analytics.stream import api as stream
from services.analytics.tables import metadata, tables
from services.analytics.workers import WORKERS

ANALYTICS: Final = ServiceDefinition(
    name="analytics",
    routers=(
        figures.router,
        maps.router,
        comparison.router,
        evidence.router,
        exports.router,
        stream.router,
        public.router,
        problems.router,
        finish.router,
        forecasts.router,
        decisions.router,
        reports.router,
        digest.router,
        situation.router,
    ),
    handlers=handlers,
    metadata=metadata,
    tables=tables,
    workers=WORKERS,
    operations=Operations(
        counts={
            "appeals": "SELECT count(received_at) FROM analytics.fact_appeal WHERE removed_at IS NULL",
            "assignments": "SELECT count(created_at) FROM analytics.fact_assignment",
            "answers": "SELECT count(answered_at) FROM analytics.fact_answer",
        }
    ),
)


def create(settings: AnalyticsSettings) -> App:
    """The service with these settings."""
    return create_app(ANALYTICS, AnalyticsResources(settings, ANALYTICS))


def main() -> None:
    """The process: serves until it is told to end. Its settings are those of the environment."""
    process_settings = AnalyticsSettings()
    serve(create(process_settings), process_settings)


if __name__ == "__main__":
    main()
