"""Required texts hold something that is seen, whatever letters a client finds to say nothing with."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from chassis.texts import require_visible_text
from gateway.schemas import Line
from services.intake import field_types as intake
from services.intake.channels import schemas as channels
from services.intake.open311.schemas import definitions
from services.intake.receptions import schemas as receptions
from services.intake.widget import schemas as widget
from services.routing.reference.schemas import types as routing
from services.sla.calendars import schemas as sla

REQUIRED = {
    "appeal": intake.AppealText,
    "intake's words": intake.Words,
    "external id": intake.ExternalId,
    "page's title": channels.Title,
    "widget's title": widget.Title,
    "what senders are asked": definitions.Label,
    "reception's official": receptions.ShownLine,
    "answer": routing.Words,
    "routing's short words": routing.ShortWords,
    "name": routing.Name,
    "sla's text": sla.Text,
    "gateway's line": Line,
}
NOTHING = [
    " ",
    "\u200b",
    "\u2800",
    "\u3164",
    "\u115f\u1160",
    "\uffa0",
    "\u00ad",
    "\u2060\ufeff",
    "\u0301",
    "\u202e",
    "\u00a0\u2003",
]


@pytest.mark.parametrize("kind", REQUIRED)
@pytest.mark.parametrize("text", NOTHING)
def test_nothing_does_not_pass_for_text(kind: str, text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(REQUIRED[kind]).validate_python(text * 3)


@pytest.mark.parametrize("kind", REQUIRED)
@pytest.mark.parametrize("text", ["Яма", "112", "?", "👎", "水", "\u200bЯма\u200b"])
def test_whatever_is_seen_passes(kind: str, text: str) -> None:
    assert TypeAdapter(REQUIRED[kind]).validate_python(text)


@given(st.text(), st.sampled_from("яA1!+"), st.text())
def test_one_visible_letter_is_enough(before: str, letter: str, after: str) -> None:
    assert require_visible_text(before + letter + after)


@given(st.text(st.characters(categories=["Cc", "Cf", "Zs", "Zl", "Zp", "Mn"])))
def test_no_number_of_unseen_letters_is(text: str) -> None:
    with pytest.raises(ValueError, match="seen"):
        require_visible_text(text)
