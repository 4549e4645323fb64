"""The product's own files, parsed once."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PACKAGES = ("contracts", "chassis", "meaning", "signals", "services", "gateway", "web", "otklik", "infra")
_NO_CODE = (
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
)
WITH_DOCSTRING = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@lru_cache(maxsize=2)
def nodes_of(tree: ast.Module) -> tuple[ast.AST, ...]:
    """All nodes of a file, walked once for all rules."""
    return tuple(ast.walk(tree))


@dataclass(frozen=True)
class Source:
    """One file: its path inside the project, and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """Parsed."""
        return ast.parse(self.text)

    @property
    def part(self) -> str:
        """What it belongs to: a package, or one of the services."""
        first, _, rest = self.path.partition("/")
        return f"services/{rest.partition('/')[0]}" if first == "services" and "/" in rest else first

    @property
    def is_migration(self) -> bool:
        """Migrations are history: nobody goes on working on them."""
        return "/migrations/" in self.path

    @cached_property
    def code_lines(self) -> int:
        """Lines that hold code, without comments, docstrings and empty ones."""
        tokens = tokenize.generate_tokens(io.StringIO(self.text).readline)
        spans = [range(token.start[0], token.end[0] + 1) for token in tokens if token.type not in _NO_CODE]
        docstrings = [_docstring_of(node) for node in nodes_of(self.tree)]
        return len(set().union(*spans).difference(*docstrings))


def _docstring_of(node: ast.AST) -> range:
    if isinstance(node, WITH_DOCSTRING) and ast.get_docstring(node, clean=False) is not None:
        return range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)
    return range(0)


def product_sources() -> Iterator[Source]:
    """Every Python file of the product's packages."""
    for package in PACKAGES:
        for file in sorted((PROJECT / package).rglob("*.py")):
            yield Source(file.relative_to(PROJECT).as_posix(), file.read_text())
