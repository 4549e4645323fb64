"""Lists that come in pages, and feeds of changes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, Generic, Protocol, TypeVar, cast

from otklik_client.calls import Call
from otklik_client.line import AsyncLine, Line
from otklik_client.steps import Pause, Steps

P = TypeVar("P")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Page(Protocol[T_co]):
    """Some items, and where it goes on."""

    @property
    def items(self) -> Sequence[T_co]: ...

    @property
    def next_cursor(self) -> str | None: ...


class Pages(Generic[P, T]):
    """A list. Iterate over it for all items, over `pages()` for all pages; `page()` is the one that was asked for.

    >>> for appeal in otklik.appeals.list_appeals(region="46"): ...
    """

    def __init__(self, line: Line, call: Call[P]) -> None:
        self._line = line
        self._call = call

    def page(self) -> P:
        """The page at the cursor."""
        return self._line.send(self._call)

    def pages(self) -> Iterator[P]:
        """This page and all that follow."""
        call = self._call
        while True:
            page = self._line.send(call)
            yield page
            cursor = _cursor_of(page)
            if not cursor:
                return
            call = call.with_query(cursor=cursor)

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from _items_of(page)


class Feed(Pages[P, T]):
    """A feed of changes: it never ends, it is only read to where it is now. Iterate over it for all changes up to now, or follow
    it; keep `next_cursor` of a page when its changes are dealt with, and give it as `cursor` next time.

    >>> for page in otklik.appeals.follow_changes(cursor=kept).follow():
    ...     for change in page.items: ...
    ...     kept = page.next_cursor
    """

    def pages(self) -> Iterator[P]:
        """This page and all that follow, up to now; the last one holds nothing."""
        call = self._call
        while True:
            page = self._line.send(call)
            yield page
            if not _items_of(page):
                return
            call = call.with_query(cursor=_cursor_of(page))

    def follow(self, wait: float = 1.0) -> Iterator[P]:
        """Pages with something in them, for ever; `wait`: seconds after which it is asked again where there was nothing."""
        call = self._call
        while True:
            page = self._line.send(call)
            if _items_of(page):
                yield page
            else:
                self._line.run(_pause(wait))
            call = call.with_query(cursor=_cursor_of(page))


class AsyncPages(Generic[P, T]):
    """A list. Iterate over it for all items, over `pages()` for all pages; `page()` is the one that was asked for.

    >>> async for appeal in otklik.appeals.list_appeals(region="46"): ...
    """

    def __init__(self, line: AsyncLine, call: Call[P]) -> None:
        self._line = line
        self._call = call

    async def page(self) -> P:
        """The page at the cursor."""
        return await self._line.send(self._call)

    async def pages(self) -> AsyncIterator[P]:
        """This page and all that follow."""
        call = self._call
        while True:
            page = await self._line.send(call)
            yield page
            cursor = _cursor_of(page)
            if not cursor:
                return
            call = call.with_query(cursor=cursor)

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for item in _items_of(page):
                yield item


class AsyncFeed(AsyncPages[P, T]):
    """A feed of changes: it never ends, it is only read to where it is now. Iterate over it for all changes up to now, or follow
    it; keep `next_cursor` of a page when its changes are dealt with, and give it as `cursor` next time.

    >>> async for page in otklik.appeals.follow_changes(cursor=kept).follow():
    ...     for change in page.items: ...
    ...     kept = page.next_cursor
    """

    async def pages(self) -> AsyncIterator[P]:
        """This page and all that follow, up to now; the last one holds nothing."""
        call = self._call
        while True:
            page = await self._line.send(call)
            yield page
            if not _items_of(page):
                return
            call = call.with_query(cursor=_cursor_of(page))

    async def follow(self, wait: float = 1.0) -> AsyncIterator[P]:
        """Pages with something in them, for ever; `wait`: seconds after which it is asked again where there was nothing."""
        call = self._call
        while True:
            page = await self._line.send(call)
            if _items_of(page):
                yield page
            else:
                await self._line.run(_pause(wait))
            call = call.with_query(cursor=_cursor_of(page))


def _items_of(page: object) -> Sequence[Any]:
    return cast("Page[Any]", page).items


def _cursor_of(page: object) -> str | None:
    return cast("Page[Any]", page).next_cursor


def _pause(seconds: float) -> Steps[None]:
    yield Pause(seconds)
