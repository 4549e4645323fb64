"""Asking in a language without a request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from chassis.languages import Language, language_now


@contextmanager
def asked_in(language: Language) -> Iterator[None]:
    """What is put into words within is so in this language."""
    token = language_now.set(language)
    try:
        yield
    finally:
        language_now.reset(token)
