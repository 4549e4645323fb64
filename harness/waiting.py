"""Waiting for something to become true, with a deadline – never a fixed sleep."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

T = TypeVar("T")


@overload
async def eventually(check: Callable[[], Awaitable[T]], seconds: float = ..., every: float = ...) -> T: ...


@overload
async def eventually(check: Callable[[], T], seconds: float = ..., every: float = ...) -> T: ...


async def eventually(check: Callable[[], Any], seconds: float = 20.0, every: float = 0.05) -> Any:
    """The first truthy result of `check`; fails with its last result when the time is over."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while True:
        found = check()
        result = await found if inspect.isawaitable(found) else found
        if result:
            return result
        if loop.time() > deadline:
            raise AssertionError(f"not true within {seconds} s: last result {result!r}")
        await asyncio.sleep(every)
