"""A request as the standard sends it, made an appeal like any other."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.faults import Wording, message_of
from chassis.languages import language_now
from chassis.problems import Problem
from services.intake.history.rules.public import PUBLIC_CHANNEL
from services.intake.open311.queries.requests import LONGEST
from services.intake.open311.queries.services import read_definition, require_topic
from services.intake.open311.rules.attributes import faults_of, put_into_words
from services.intake.open311.rules.forms import Sent
from services.intake.originals.rules import Secrets
from services.intake.registration.actions.preparing import RepeatKey, Submission, prepare_submission
from services.intake.registration.schemas import NewAppeal

_LONGEST_URL: Final = 2_000
# What the standard calls the fields of an appeal.
_NAMES: Final[Mapping[str, str]] = {
    "text": "description",
    "address": "address_string",
    "location/lat": "lat",
    "location/lon": "long",
    "applicant/name": "first_name and last_name",
    "applicant/email": "email",
    "applicant/phone": "phone",
}


class Faulty(Problem):
    """What is wrong with a request, one description for each fault."""

    def __init__(self, faults: Iterable[str | Wording]) -> None:
        super().__init__("See errors.", errors=[{"pointer": "", "message": fault} for fault in faults])


@dataclass(frozen=True, slots=True)
class Sender:
    """Which client sends a request, and what makes a repeat of it recognisable."""

    client_id: str
    once: RepeatKey | None
    traceparent: str | None


async def prepare_request(
    session: AsyncSession, secrets: Secrets, region: str, sent: Sent, sender: Sender, now: datetime
) -> Submission:
    """The appeal ready to be registered; 404 for an unknown service_code, 400 that names what is missing or malformed."""
    code = sent.get("service_code")
    if code is None:
        raise Problem("service_code was not provided.")
    topic = await require_topic(session, region, code)
    asked = (await read_definition(session, region, topic.code)).attributes
    faults = [*_faults_of(sent), *faults_of(asked, sent.attributes)]
    if faults:
        raise Faulty(faults)
    lines = put_into_words(asked, sent.attributes)
    return prepare_submission(
        secrets,
        _appeal_of(sent, region, topic.code, lines),
        client_id=sender.client_id,
        now=now,
        once=sender.once,
        traceparent=sender.traceparent,
    )


def _faults_of(sent: Sent) -> Iterator[str | Wording]:
    description = sent.get("description")
    if description is None:
        yield "description was not provided"
    elif len(description) > LONGEST:
        yield Wording("description has more than {most} characters", {"most": LONGEST})
    if not (sent.get("address_string") or sent.get("lat") or sent.get("long")):
        yield "lat and long, or address_string, were not provided (addresses have no ids here)"
    if bool(sent.get("lat")) != bool(sent.get("long")):
        yield "lat and long belong together"
    no_numbers = [name for name in ("lat", "long") if not _is_number(sent.get(name))]
    yield from (Wording("{name} is no number", {"name": name}) for name in no_numbers)
    if not _is_link(sent.get("media_url")):
        yield "media_url is no http address"


def _is_number(written: str | None) -> bool:
    try:
        return written is None or math.isfinite(float(written))
    except ValueError:
        return False


def _is_link(written: str | None) -> bool:
    if written is None:
        return True
    try:
        parts = urlsplit(written)
    except ValueError:
        return False
    is_plain = len(written) <= _LONGEST_URL and not re.search(r"[\s\x00-\x1f]", written)
    return is_plain and parts.scheme in ("http", "https") and bool(parts.netloc)


def _appeal_of(sent: Sent, region: str, topic: str, lines: list[str]) -> NewAppeal:
    link = sent.get("media_url")
    more = [*lines, *([f"Файл заявителя: {link}"] if link else [])]
    description = sent.get("description") or ""
    fields = {
        "region": region,
        "channel": PUBLIC_CHANNEL,
        "topic": topic,
        "text": "\n".join([description, *([""] if more else []), *more]),
        "address": sent.get("address_string"),
        "location": _location_of(sent),
        "applicant": _applicant_of(sent),
    }
    try:
        return NewAppeal.model_validate({name: value for name, value in fields.items() if value is not None})
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        raise Faulty(map(_fault_of, found)) from None


def _location_of(sent: Sent) -> dict[str, float] | None:
    lat, long = sent.get("lat"), sent.get("long")
    return {"lat": float(lat), "lon": float(long)} if lat and long else None


def _applicant_of(sent: Sent) -> dict[str, str] | None:
    name = " ".join(filter(None, (sent.get("last_name"), sent.get("first_name"))))
    given = {"name": name, "email": sent.get("email"), "phone": sent.get("phone")}
    return {key: value for key, value in given.items() if value} or None


def _fault_of(error: Mapping[str, Any]) -> str:
    """In English as pydantic says it: programs have read it so."""
    place = "/".join(map(str, error["loc"]))
    message = error["msg"] if language_now.get() == "en" else message_of(error)
    return f"{_NAMES.get(place, place)}: {message}"
