"""Where a citizen's words are kept, whatever is asked and said when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.routing.assignments.rules.replies import StoredReply, add_replies, moment_of, share_out

MOMENTS = st.integers(0, 9).map(lambda hours: datetime(2026, 11, 2, tzinfo=UTC) + timedelta(hours=hours))
ASKED = st.lists(MOMENTS, min_size=1, max_size=4).map(sorted)


def _said(at: datetime, text: str) -> StoredReply:
    return {"at": at.isoformat(), "text": text}


SAID = st.lists(st.builds(_said, MOMENTS, st.sampled_from("абв")), max_size=6)


@given(ASKED, SAID)
def test_words_answer_the_last_question_before_them(asked: list[datetime], said: list[StoredReply]) -> None:
    shares = share_out(asked, said)
    for reply in said:
        before = [place for place, at in enumerate(asked) if at <= moment_of(reply)]
        assert [place for place, share in enumerate(shares) if reply in share] == before[-1:]


@given(SAID, st.data())
def test_it_is_the_same_however_they_come(said: list[StoredReply], data: st.DataObject) -> None:
    at_once = add_replies([], said)
    kept: list[StoredReply] = []
    for reply in data.draw(st.permutations(said + said)):
        kept = add_replies(kept, [reply])
    assert kept == at_once
    assert {(each["at"], each["text"]) for each in kept} == {(each["at"], each["text"]) for each in said}
