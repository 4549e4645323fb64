"""Guides for who writes a client, in English and Russian: texts of a few marks, with whole programs out of `examples/`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape
from itertools import groupby
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from chassis.languages import LANGUAGES, Language
from chassis.problems import NotFound
from gateway.pages.headers import PAGE_HEADERS

router = APIRouter(include_in_schema=False)
_HERE: Final = Path(__file__).parent / "guides"
EXAMPLES: Final = Path(__file__).resolve().parents[2] / "examples"
NAMES: Final = ("portal", "agency", "webhooks", "dashboard", "statuses", "errors", "citizen")
_OTHER: Final[Mapping[Language, str]] = {"en": "По-русски", "ru": "In English"}
_REFERENCE: Final[Mapping[Language, str]] = {"en": "Reference", "ru": "Справочник"}
_PAGE: Final = """<!doctype html>
<html lang="{language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title} · Otklik</title>
<link rel="icon" type="image/svg+xml" href="/favicon.ico"><link rel="stylesheet" href="/docs/docs.css"></head>
<body><header><h1>Otklik</h1><nav class="guides">{links}</nav></header><main class="guide">{body}</main></body>
</html>
"""
_INLINE: Final = re.compile(r"`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\((/[^)\s]*)\)")
Kind = Literal["heading", "item", "row", "example", "blank", "text"]


def render(text: str) -> str:
    """HTML of a guide: headings, paragraphs, lists, tables, programs. Nothing in it is anybody else's."""
    return "\n".join(
        _block(kind, list(lines)) for kind, lines in groupby(text.splitlines(), key=_kind) if kind != "blank"
    )


def _kind(line: str) -> Kind:
    if not line.strip():
        return "blank"
    marks: tuple[tuple[str, Kind], ...] = (
        ("#", "heading"),
        ("- ", "item"),
        ("|", "row"),
        ("@example ", "example"),
    )
    return next((kind for mark, kind in marks if line.startswith(mark)), "text")


def _block(kind: Kind, lines: list[str]) -> str:
    if kind == "heading":
        return "".join(_heading(line) for line in lines)
    if kind == "item":
        return f"<ul>{''.join(f'<li>{_inline(line[2:])}</li>' for line in lines)}</ul>"
    if kind == "row":
        return f"<table>{''.join(_rows(lines))}</table>"
    if kind == "example":
        return "".join(_program(line.removeprefix("@example ").strip()) for line in lines)
    return f"<p>{_inline(' '.join(lines))}</p>"


def _heading(line: str) -> str:
    level = len(line) - len(line.lstrip("#"))
    return f"<h{level}>{_inline(line[level:].strip())}</h{level}>"


def _rows(lines: list[str]) -> Iterator[str]:
    head, _, *rows = lines
    for tag, line in (("th", head), *(("td", row) for row in rows)):
        cells = line.strip().strip("|").split("|")
        yield f"<tr>{''.join(f'<{tag}>{_inline(cell.strip())}</{tag}>' for cell in cells)}</tr>"


def _program(name: str) -> str:
    return f'<h3>examples/{name}</h3><pre class="code" tabindex="0">{escape((EXAMPLES / name).read_text("utf-8"))}</pre>'


def _inline(text: str) -> str:
    return _INLINE.sub(_mark, escape(text, quote=False))


def _mark(found: re.Match[str]) -> str:
    code, bold, words, address = found.groups()
    if code:
        return f"<code>{code}</code>"
    return f"<strong>{bold}</strong>" if bold else f'<a href="{address}">{words}</a>'


def _read() -> dict[tuple[str, Language], str]:
    return {
        (name, language): (_HERE / f"{name}.{language}.md").read_text("utf-8")
        for name in NAMES
        for language in LANGUAGES
    }


# (name, language) → text.
GUIDES: Final[Mapping[tuple[str, Language], str]] = MappingProxyType(_read())


def title_of(name: str, language: Language) -> str:
    """Its first line."""
    return GUIDES[name, language].partition("\n")[0].lstrip("# ")


def _page(name: str, language: Language) -> str:
    other: Language = "ru" if language == "en" else "en"
    links = [
        f'<a href="/docs/guides/{language}/{each}">{escape(title_of(each, language))}</a>' for each in NAMES
    ]
    links += [
        f'<a href="/docs">{_REFERENCE[language]}</a>',
        f'<a href="/docs/guides/{other}/{name}">{_OTHER[language]}</a>',
    ]
    return _PAGE.format(
        language=language,
        title=escape(title_of(name, language)),
        links=" ".join(links),
        body=render(GUIDES[name, language]),
    )


@router.get("/docs/guides/{language}/{name}")
async def read_guide(language: Language, name: str) -> Response:
    """One guide."""
    if name not in NAMES:
        raise NotFound("There is no such guide.")
    return HTMLResponse(_page(name, language), headers=PAGE_HEADERS)
