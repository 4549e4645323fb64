"""HTTP of analytics: figures, the map, the operator's rebuild."""

from services.analytics.api.figures import router as figures_router
from services.analytics.api.maps import router as maps_router
from services.analytics.api.operations import router as operations_router

routers = (figures_router, maps_router, operations_router)
