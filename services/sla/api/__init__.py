"""HTTP of the deadline service."""

from services.sla.api.calendars import router as calendars_router
from services.sla.api.deadlines import router as deadlines_router
from services.sla.api.escalations import router as escalations_router
from services.sla.api.extensions import router as extensions_router
from services.sla.api.operations import router as operations_router
from services.sla.api.policies import router as policies_router
from services.sla.api.settings import router as settings_router

routers = (
    deadlines_router,
    policies_router,
    calendars_router,
    extensions_router,
    escalations_router,
    settings_router,
    operations_router,
)
