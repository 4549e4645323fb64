"""House rules that ruff and import-linter cannot express; `make check` runs this, tests prove that each can fail.

Rules here hold everywhere. Measures with exceptions that may only shrink are in `tests/house`.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Callable, Iterator, Sequence

from tests.house.dead_code import dead_names, unjustified
from tests.house.density import dense_parts, dense_pieces
from tests.house.ratchet import Ratchet
from tests.house.sources import Source, nodes_of, product_sources
from tests.house.words import words_come_back

_SUBJECT = re.compile(r"^(intake|routing|sla|analytics)\.[a-z_]+\.[a-z_]+\.v\d+$")
_BANNED_NAME = re.compile(r"(Manager|Helper|Utils?)$")
_INNER = re.compile(r"services/\w+/(\w+/)?(actions|queries|rules|handlers|models|tables|schemas)\b")
_HOSTS = re.compile(r"pypi\.org|pythonhosted|npmjs|deb\.debian")

Finding = tuple[int, str]
Rule = Callable[[str, ast.Module, str], Iterator[Finding]]


def edges_commit(path: str, tree: ast.Module, _: str) -> Iterator[Finding]:
    """Only the edges commit: actions, queries, rules and handlers never do."""
    if not _INNER.match(path):
        return
    for node in nodes_of(tree):
        if isinstance(node, ast.Attribute) and node.attr in ("commit", "rollback"):
            yield node.lineno, f".{node.attr}() belongs to the edges"


def subjects_in_contracts(path: str, tree: ast.Module, _: str) -> Iterator[Finding]:
    """A subject string stands in contracts/ and nowhere else."""
    if path.startswith("contracts/"):
        return
    for node in nodes_of(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _SUBJECT.match(node.value):
            yield node.lineno, f"subject {node.value!r} outside contracts/"


def speaking_names(_: str, tree: ast.Module, __: str) -> Iterator[Finding]:
    """No Manager, Helper, Util."""
    for node in nodes_of(tree):
        if isinstance(node, ast.ClassDef) and _BANNED_NAME.search(node.name):
            yield node.lineno, f"class {node.name}: name it for what it does"


def modules_say_why(path: str, tree: ast.Module, source: str) -> Iterator[Finding]:
    """Every module with content begins with a docstring saying what it is for."""
    if source.strip() and ast.get_docstring(tree) is None and "/migrations/" not in path:
        yield 1, "no module docstring"


def no_hosts(_: str, __: ast.Module, source: str) -> Iterator[Finding]:
    """No registry host names."""
    for number, line in enumerate(source.splitlines(), 1):
        if _HOSTS.search(line):
            yield number, "names a registry host"


def one_way_to_regions(path: str, tree: ast.Module, _: str) -> Iterator[Finding]:
    """Which regions a query may see is said by `Principal.regions_within`, closed by default, and by nothing else."""
    if not path.startswith(("services/", "gateway/")):
        return
    for node in nodes_of(tree):
        if isinstance(node, ast.Attribute) and node.attr == "regions" and _is_principal(node.value):
            yield node.lineno, "principal.regions: ask regions_within, may_see or is_everywhere"


def strict_routers(path: str, tree: ast.Module, _: str) -> Iterator[Finding]:
    """Operations refuse what they do not know: their routers are `chassis.strict_routes.Router`."""
    if not path.startswith("services/"):
        return
    for node in nodes_of(tree):
        if isinstance(node, ast.ImportFrom) and any(name.name == "APIRouter" for name in node.names):
            yield node.lineno, "APIRouter ignores what it does not know: take chassis.strict_routes.Router"


def _is_principal(node: ast.expr) -> bool:
    return (isinstance(node, ast.Name) and node.id == "principal") or (
        isinstance(node, ast.Attribute) and node.attr == "principal"
    )


def one_normal_form(path: str, tree: ast.Module, _: str) -> Iterator[Finding]:
    """Texts that are compared are brought to one form by `chassis.normal`, and by nothing else."""
    if path == "chassis/normal.py":
        return
    for node in nodes_of(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        of_ours = node.func.attr == "replace" and any(
            isinstance(each, ast.Constant) and each.value in ("ё", "Ё", "\xa0", "\u2011")
            for each in node.args
        )
        of_unicode = node.func.attr == "normalize" and ast.unparse(node.func.value) == "unicodedata"
        if of_ours or of_unicode:
            yield node.lineno, "a second normal form: take chassis.normal"


RULES: tuple[Rule, ...] = (
    edges_commit,
    subjects_in_contracts,
    speaking_names,
    modules_say_why,
    no_hosts,
    one_way_to_regions,
    strict_routers,
    one_normal_form,
)


def findings_in(source: Source) -> list[str]:
    """What the rules say of one file."""
    return [
        f"{source.path}:{line}: {message}"
        for rule in RULES
        for line, message in rule(source.path, source.tree, source.text)
    ]


def measured(sources: Sequence[Source]) -> dict[Ratchet, set[str]]:
    """What the measures of `tests/house` find in the whole product, each with its list of exceptions."""
    dense = {*dense_parts(sources), *(found for source in sources for found in dense_pieces(source))}
    return {
        Ratchet("density"): dense,
        Ratchet("words"): {found for source in sources for found in words_come_back(source)},
        Ratchet("dead_code"): unjustified(dead_names()),
    }


def main() -> int:
    """Check the packages; 1 when something was found. `--shrink` takes out of the lists what was mended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shrink", action="store_true", help=main.__doc__)
    shrinks = parser.parse_args().shrink
    sources = list(product_sources())
    found = [line for source in sources for line in findings_in(source)]
    for ratchet, gaps in measured(sources).items():
        if shrinks:
            ratchet.shrink(gaps)
        found += ratchet.complaints(gaps)
    sys.stderr.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
