"""A form that got no answer, to be sent again as it was: its key or token makes it the same request, so nothing is done twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from web.partial import is_partial

_LATER: Final = (429, 503)
# What a form has that may be sent twice; others, such as those with passwords, are not kept in a page.
_KEYS: Final = ("once", "key", "form_token")


@dataclass(frozen=True, slots=True)
class Repeat:
    """Where it goes, how it is written, and its fields in their order."""

    action: str
    enctype: str
    fields: list[tuple[str, str]]


async def repeat_of(request: Request, status: int) -> Repeat | None:
    """None where sending it again helps nothing, may do it twice, or loses its files."""
    if status not in _LATER or request.method != "POST" or is_partial(request):
        return None
    try:
        sent = (await request.form()).multi_items()
    except (HTTPException, RuntimeError):  # unreadable, or read by somebody else
        return None
    fields = [(name, value) for name, value in sent if isinstance(value, str)]
    has_files = any(isinstance(value, UploadFile) and value.size for _, value in sent)
    if has_files or not any(name in _KEYS and value for name, value in fields):
        return None
    enctype = request.headers.get("content-type", "").partition(";")[0]
    query = f"?{request.url.query}" if request.url.query else ""
    return Repeat(request.url.path + query, enctype, fields)
