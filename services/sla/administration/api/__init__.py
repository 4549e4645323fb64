"""HTTP of what a region decides."""

from services.sla.administration.api.calendars import router as calendars_router
from services.sla.administration.api.operations import router as operations_router
from services.sla.administration.api.policies import router as policies_router
from services.sla.administration.api.settings import router as settings_router

routers = (policies_router, calendars_router, settings_router, operations_router)
