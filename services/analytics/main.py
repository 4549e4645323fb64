"""Analytics: projects everybody's events and answers figures."""

from __future__ import annotations

from chassis.app import create_app
from chassis.serve import serve
from services.analytics.api import routers
from services.analytics.handlers import handlers
from services.analytics.models import metadata, tables
from services.analytics.queries.freshness import Freshness
from services.analytics.settings import AnalyticsSettings

settings = AnalyticsSettings()
app = create_app(
    settings,
    service="analytics",
    routers=routers,
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
