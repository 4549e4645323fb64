"""Words sealed for intake open for the event they were said in, and hold nothing but words."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis import words
from chassis.sealing import SealBroken
from chassis.word_keys import public_key_of, read_private_key, read_public_key
from chassis.words import open_event, seal_event
from contracts.sla import CaseMarked
from harness.databases import WORDS_KEY

PUBLIC, PRIVATE = read_public_key(public_key_of(WORDS_KEY)), read_private_key(WORDS_KEY)
ANOTHER = base64.b64encode(bytes(31) + b"1").decode()


def marked(reason: str = "Говорил с Ивановой") -> CaseMarked:
    return CaseMarked(
        region="46", appeal_id=uuid4(), case="x", applies=True, reason=reason, marked_at=datetime.now(UTC)
    )


def sealed_as(event: CaseMarked, content: Any) -> CaseMarked:
    """The event with something else in its box."""
    box = words._SUITE.encrypt(orjson.dumps(content), PUBLIC, info=words._bind(event))
    return event.model_copy(update={"reason": "", "words": base64.b64encode(box).decode()})


@given(st.text())
def test_whatever_was_said_comes_back_and_is_not_in_clear(said: str) -> None:
    event = marked(said)
    sealed = seal_event(event, PUBLIC)
    assert sealed.official_words() == {"reason": ""}
    assert open_event(sealed, PRIVATE) == {"reason": said}


@pytest.mark.parametrize(
    "change", [{"id": uuid4()}, {"appeal_id": uuid4()}, {"region": "59"}, {"words": "AAAA"}, {"words": "?"}]
)
def test_words_that_were_moved_or_damaged_do_not_open(change: dict[str, Any]) -> None:
    sealed = seal_event(marked(), PUBLIC)
    with pytest.raises(SealBroken):
        open_event(sealed.model_copy(update=change), PRIVATE)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(SealBroken):
        open_event(seal_event(marked(), PUBLIC), read_private_key(ANOTHER))


@pytest.mark.parametrize("content", [[1], "x", {"reason": 5}, {"reason": None}])
def test_what_is_no_words_is_broken(content: Any) -> None:
    with pytest.raises(SealBroken):
        open_event(sealed_as(marked(), content), PRIVATE)


def test_nothing_but_the_official_fields_is_taken() -> None:
    event = sealed_as(marked(), {"reason": "да", "region": "77", "case": "migration"})
    assert open_event(event, PRIVATE) == {"reason": "да"}


def test_an_event_of_an_older_version_speaks_in_clear() -> None:
    assert open_event(marked("Так решено"), PRIVATE) == {"reason": "Так решено"}
