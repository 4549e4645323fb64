"""A clock beside what it was at the last fold: what changed, and why."""

from __future__ import annotations

from services.sla.calendars.rules.wording import render_moment
from services.sla.clocks.rules.fold import Clock


def revise(old: Clock | None, new: Clock) -> Clock:
    """`new` with its version: the old one's, one higher when the due time, the state or the holder
    changed."""
    if old is None:
        return new.at_version(1)
    changed = (old.due_at, old.state, old.organisation_id) != (new.due_at, new.state, new.organisation_id)
    return new.at_version(old.version + changed)


def explain_change(old: Clock, new: Clock) -> str | None:
    """Why the due time moved, in Russian; None when it did not."""
    if old.due_at == new.due_at:
        return None
    before, after = (
        render_moment(clock.due_at) if clock.due_at else "«приостановлен»" for clock in (old, new)
    )
    causes = (
        (
            (old.policy_id, old.policy_version) != (new.policy_id, new.policy_version),
            f"применён регламент версии {new.policy_version}",
        ),
        (
            old.calendar_version != new.calendar_version,
            f"изменён производственный календарь (версия {old.calendar_version} → {new.calendar_version})",
        ),
        (old.started_at != new.started_at, f"отсчёт начат заново {render_moment(new.started_at)}"),
    )
    known = {step["text"] for step in old.explanation}
    because = [cause for changed, cause in causes if changed]
    because += [
        str(step["text"]).rstrip(".")
        for step in new.explanation
        if step["kind"] in ("pause", "extension", "interim", "moved") and step["text"] not in known
    ]
    why = "; ".join(because) or "уточнены данные обращения"
    return f"Срок изменён: был {before}, стал {after}. Причина: {why}."
