"""Words that were given up for the field's own must not come back: the second table of docs/glossary.md."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import PurePosixPath

from tests.house.sources import PROJECT, WITH_DOCSTRING, Source, nodes_of

GLOSSARY = PROJECT / "docs" / "glossary.md"
HEADING = "## Words that must not come back"
_ROW = re.compile(r"^\| (?P<given_up>[^|]+) \| (?P<instead>[^|]+) \|$", re.MULTILINE)
# Of the words given up those that mean nothing else in English are not for docstrings and comments either.
UNMISTAKABLE = [
    "bury",
    "buried",
    "courtesy",
    "desk",
    "door",
    "doors",
    "doorkeeper",
    "hoard",
    "hoarding",
    "memories",
    "redatings",
    "rung",
    "rungs",
    "sayings",
]
_PROSE = re.compile(rf"\b({'|'.join(UNMISTAKABLE)})\b", re.IGNORECASE)
_NAME = re.compile(r"`[^`]*`")
_PIECE = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@cache
def given_up() -> Mapping[str, str]:
    """Each word, in snake case, with what is said instead."""
    table = GLOSSARY.read_text().partition(HEADING)[2]
    return {
        word: row["instead"].strip()
        for row in _ROW.finditer(table)
        for word in re.findall(r"`(\w+)`", row["given_up"])
    }


def identifiers_of(source: Source) -> Iterator[str]:
    """Whatever the file gives a name to, itself included."""
    yield PurePosixPath(source.path).stem
    for node in nodes_of(source.tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.Attribute(attr=name, ctx=ast.Store()):
                yield name


def words_of(identifier: str) -> str:
    """`_TellRest2` as `_tell_rest_2_`, to look for words in."""
    return f"_{'_'.join(piece.lower() for piece in _PIECE.findall(identifier))}_"


def prose_of(source: Source) -> Iterator[str]:
    """Docstrings and comments, without the names that they quote."""
    tokens = tokenize.generate_tokens(io.StringIO(source.text).readline)
    documented = (node for node in nodes_of(source.tree) if isinstance(node, WITH_DOCSTRING))
    pieces = [token.string for token in tokens if token.type == tokenize.COMMENT]
    pieces += [ast.get_docstring(node) or "" for node in documented]
    return (_NAME.sub("", piece) for piece in pieces)


def words_come_back(source: Source) -> Iterator[str]:
    """Names made of words that were given up, prose with the plainest of them, and what the house says instead."""
    if source.is_migration:
        return
    for word in sorted({found.lower() for piece in prose_of(source) for found in _PROSE.findall(piece)}):
        yield f"{source.path}, in prose, {word}: say {given_up()[word]}"
    for identifier in sorted(set(identifiers_of(source))):
        found = [word for word in given_up() if f"_{word}_" in words_of(identifier)]
        if found:
            yield f"{source.part} {identifier}: say {given_up()[found[0]]}"
