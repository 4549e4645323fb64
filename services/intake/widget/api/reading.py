"""A form as it arrives: JSON of a script, or the fields of a page without one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

from fastapi import Request
from pydantic import ValidationError

from chassis.bodies import read_body, require_json
from chassis.problems import Problem, Unprocessable, validation_errors
from chassis.strict_routes import ignored_by
from services.intake.widget.schemas import WidgetAppeal

FORM: Final = "application/x-www-form-urlencoded"
_MOST_FIELDS: Final = 50
_PLAIN: Final = ("form_token", "proof", "text", "topic", "address")
_APPLICANT: Final = ("name", "email", "phone")
_PLACE: Final = ("lat", "lon")


@dataclass(frozen=True, slots=True)
class Written:
    """What was sent. `fields`: of a form, as they were written, to be shown again; `fault`: why there is no `body`."""

    body: WidgetAppeal | None
    fields: Mapping[str, str]
    fault: Problem | None = None

    def require(self) -> WidgetAppeal:
        """The body; its fault where it has one."""
        if self.body is None:
            raise self.fault or Unprocessable("See errors.")
        return self.body


async def read_written(request: Request) -> Written:
    """400, 415 or 422 for JSON that is none or not ours; a form's faults are kept, so that its page can show them."""
    body = await request.body()
    content_type = request.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() == FORM:
        return _read_form(body)
    require_json(content_type)
    return Written(read_body(WidgetAppeal, body, ignored_by(request)), {})


def _read_form(body: bytes) -> Written:
    try:
        pairs = parse_qsl(body.decode("utf-8"), errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError:
        return Written(None, {}, Unprocessable("The form is no UTF-8, or has too many fields."))
    fields = {name: value for name, value in reversed(pairs) if value.strip()}
    try:
        return Written(WidgetAppeal.model_validate(_nested(fields)), fields)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        return Written(None, fields, Unprocessable("See errors.", errors=validation_errors(found)))


def _nested(fields: Mapping[str, str]) -> dict[str, Any]:
    """What a page can only send flat; names that are not ours belong to the site's own page."""
    groups = {"applicant": _APPLICANT, "location": _PLACE}
    nested = {
        group: {name: fields[name] for name in names if name in fields} for group, names in groups.items()
    }
    plain = {name: fields[name] for name in _PLAIN if name in fields}
    # Lines end as browsers send them.
    text = {"text": plain["text"].replace("\r\n", "\n")} if "text" in plain else {}
    return {**plain, **text, **{group: values for group, values in nested.items() if values}}
