"""The Python client of Otklik. Needs httpx2 and pydantic, nothing else.

>>> from otklik_client import Client
>>> from otklik_client.models import NewAppeal
>>> with Client("https://otklik.example", client_id, client_secret) as otklik:
...     appeal = NewAppeal(region="46", external_id="portal-17", text="Яма на дороге")
...     print(otklik.appeals.submit_appeal(appeal).number)
"""

from otklik_client.calls import File
from otklik_client.client import AsyncClient, Client
from otklik_client.errors import (
    ExternalIdReused,
    Forbidden,
    Invalid,
    KeyReused,
    LeaseLost,
    NotAllowedNow,
    NotFound,
    NotReachable,
    OtklikError,
    ProblemError,
    RateLimited,
    Unauthorised,
    Unavailable,
    UnexpectedAnswer,
    VersionRequired,
    VersionStale,
)
from otklik_client.events import StreamEvent

__all__ = [
    "AsyncClient",
    "Client",
    "ExternalIdReused",
    "File",
    "Forbidden",
    "Invalid",
    "KeyReused",
    "LeaseLost",
    "NotAllowedNow",
    "NotFound",
    "NotReachable",
    "OtklikError",
    "ProblemError",
    "RateLimited",
    "StreamEvent",
    "Unauthorised",
    "Unavailable",
    "UnexpectedAnswer",
    "VersionRequired",
    "VersionStale",
]
