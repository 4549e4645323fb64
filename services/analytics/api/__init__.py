"""HTTP of analytics: figures and the map."""

from services.analytics.api.figures import router as figures_router
from services.analytics.api.maps import router as maps_router

routers = (figures_router, maps_router)
