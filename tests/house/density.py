"""How densely code decides: branches of a function and of a part, lengths of functions and files.

A branch is whatever lets the same lines do something else: if, else-if, loop, except, case, the arms of a conditional
expression, and each further operand of `and` and `or`. Nested functions count in the one around them, for so they are read.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from tests.house.sources import Source

MOST_BRANCHES: Final = 12
MOST_LINES: Final = 40
LONGEST_FILE: Final = 300
LONG: Final = 25
MOST_LONG: Final = 0.03
BRANCHES_PER_TEN_LINES: Final = {"services": 1.0}
OTHERWISE_PER_TEN_LINES: Final = 1.25
_BRANCHES = (
    ast.If,
    ast.IfExp,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.ExceptHandler,
    ast.match_case,
)
Function = ast.FunctionDef | ast.AsyncFunctionDef


def branches_in(tree: ast.AST) -> int:
    """How many there are anywhere below."""
    nodes = list(ast.walk(tree))
    operators = (len(node.values) - 1 for node in nodes if isinstance(node, ast.BoolOp))
    return sum(isinstance(node, _BRANCHES) for node in nodes) + sum(operators)


def length_of(function: Function) -> int:
    """From `def` to its last line, docstring included."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def functions_of(tree: ast.AST, inside: str = "") -> Iterator[tuple[str, Function]]:
    """Every function with its qualified name, nested ones too."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.expr):
            continue  # holds no function that has a name
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{inside}{node.name}", node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from functions_of(node, f"{inside}{node.name}.")
        else:
            yield from functions_of(node, inside)


def dense_pieces(source: Source) -> Iterator[str]:
    """Functions with too many branches or lines, files too long."""
    if source.is_migration:
        return
    if source.text.count("\n") > LONGEST_FILE:
        yield f"{source.part} {source.path.rpartition('/')[2]}: over {LONGEST_FILE} lines"
    for name, function in functions_of(source.tree):
        if branches_in(function) > MOST_BRANCHES:
            yield f"{source.part} {name}: over {MOST_BRANCHES} branches"
        if length_of(function) > MOST_LINES:
            yield f"{source.part} {name}: over {MOST_LINES} lines"


def dense_parts(sources: Iterable[Source]) -> Iterator[str]:
    """Parts with too many branches for their lines, or too many long functions."""
    branches, lines = Counter[str](), Counter[str]()
    functions, long = Counter[str](), Counter[str]()
    for source in sources:
        if source.is_migration:
            continue
        lengths = [length_of(function) for _, function in functions_of(source.tree)]
        branches[source.part] += branches_in(source.tree)
        lines[source.part] += source.code_lines
        functions[source.part] += len(lengths)
        long[source.part] += sum(length > LONG for length in lengths)
    for part in sorted(lines):
        most = BRANCHES_PER_TEN_LINES.get(part.partition("/")[0], OTHERWISE_PER_TEN_LINES)
        if 10 * branches[part] > most * lines[part]:
            yield f"{part}: over {most} branches per ten lines"
        if long[part] > MOST_LONG * functions[part]:
            yield f"{part}: over {MOST_LONG:.0%} of functions longer than {LONG} lines"
