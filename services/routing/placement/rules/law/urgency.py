"""What never waits (R13, R14); what makes an appeal urgent is read from its text elsewhere."""

from __future__ import annotations

from typing import Final

_ORDER: Final = {"danger": 0, "high": 1, "normal": 2}


def goes_at_once(importance: str) -> bool:
    """R13: where somebody may be hurt (gas, fire, a live wire), the citizen is sent to 112 and the organisation gets the
    appeal at once (488-ФЗ on the call of emergency services): no proposal holds it up."""
    return order_of(importance) == _ORDER["danger"]


def order_of(importance: str) -> int:
    """R14: children at risk and suicide before other important matters' normal course, danger before both; 0 is first
    (practice of the regions, no article)."""
    return _ORDER.get(importance, _ORDER["normal"])
