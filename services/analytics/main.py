"""Analytics: projects everybody's events and answers figures."""

from __future__ import annotations

from chassis.app import create_app
from chassis.serve import serve
from services.analytics.facts.queries import Freshness
from services.analytics.figures import api as figures
from services.analytics.handlers import handlers
from services.analytics.maps import api as maps
from services.analytics.settings import AnalyticsSettings
from services.analytics.tables import metadata, tables

settings = AnalyticsSettings()
app = create_app(
    settings,
    service="analytics",
    routers=(figures.router, maps.router),
    handlers=handlers,
    metadata=metadata,
    tables=tables,
    counts={
        "appeals": "SELECT count(received_at) FROM analytics.fact_appeal WHERE removed_at IS NULL",
        "assignments": "SELECT count(created_at) FROM analytics.fact_assignment",
        "answers": "SELECT count(answered_at) FROM analytics.fact_answer",
    },
)
app.state.freshness = Freshness()

if __name__ == "__main__":
    serve(app, settings)
