"""The Python client of Otklik. Needs only httpx2 and pydantic.

>>> from otklik.client import Client
>>> with Client("http://127.0.0.1:8080", "client-id", "secret") as otklik:
...     receipt = otklik.submit({"text": "Яма на дороге", "region": "46", "external_id": "portal-17"})
...     for result in otklik.submit_batch(appeals):
...         print(result.line, result.number or result.problem)
"""

from otklik.client.asynchronous import AsyncClient
from otklik.client.calls.figures import Scope
from otklik.client.errors import NotReachable, OtklikError, ProblemError
from otklik.client.synchronous import Client
from otklik.models import Applicant, Assignment, LineResult, Location, NewAppeal, Pause, Receipt

__all__ = [
    "Applicant",
    "Assignment",
    "AsyncClient",
    "Client",
    "LineResult",
    "Location",
    "NewAppeal",
    "NotReachable",
    "OtklikError",
    "Pause",
    "ProblemError",
    "Receipt",
    "Scope",
]
