"""An import is not taken back from under an organisation that asks for documents or for more days, before or after it is decided."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest
from uuid_utils.compat import uuid7

from contracts.intake import ImportUndoAsked
from harness.resources import worker_session
from services.routing.placement.actions.undoing import remove_some
from tests.routing.conftest import NOW, Routing, told
from tests.routing.test_past_cases import past_case

ASKING: dict[str, dict[str, Any]] = {
    "request-documents": {"addressee": "Росреестр", "what": "Выписка"},
    "request-extension": {"days": 5, "reason": "Ждём щебень"},
}


@pytest.mark.parametrize("decided_first", [False, True])
@pytest.mark.parametrize("verb", ASKING)
async def test_a_case_that_something_is_asked_for_stays(
    routing: Routing, look: asyncpg.Connection, verb: str, decided_first: bool
) -> None:
    import_id = uuid7()
    numbers = ("46-2020-0000001", "46-2020-0000002")
    await routing.handle(*(past_case(None, import_id=import_id, number=number) for number in numbers))
    item, _ = await routing.queue()
    undo = ImportUndoAsked(region="46", import_id=import_id, regions=("46",), asked_at=NOW)
    if decided_first:
        await routing.handle(undo)
    await routing.act(item, verb, **ASKING[verb])
    if not decided_first:
        await routing.handle(undo)
    async with worker_session(routing.app) as session:
        assert await remove_some(session) is decided_first
    left = {each["id"] for each in await routing.queue()}
    assert len(left) == (1 if decided_first else 2)
    assert item["id"] in left
    assert len(await told(look, "import.undo_refused")) == (0 if decided_first else 1)
