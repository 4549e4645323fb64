"""What the code says to whoever is answered: the sentences that problems are made with, and those that errors lend them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Final

OURS: Final = ("chassis", "gateway", "services")
# Whose first argument becomes a problem's detail, or a part of one, beside problems themselves: where it is, and its name.
LENDING: Final = (
    ("", "Wording"),
    ("services/sla/calendars/", "ValueError"),
    ("services/sla/policies/", "ValueError"),
    ("services/intake/open311/rules/", "ValueError"),
    ("services/intake/attachments/", "NotTaken"),
    ("services/intake/attachments/", "refused"),
    ("services/routing/learning/rules/", "TooFewLabels"),
    ("services/analytics/", "distrust"),
    ("chassis/keys.py", "WrongKey"),
)
# Handed on: it is looked at where it is written.
HANDED_ON: Final = frozenset(
    [
        "cause",
        "copy.doubt",
        "detail",
        "fault",
        "reason",
        "refusal.reason",
        "self.wrong",
        "sentence",
        "str(error)",
        "type(error).__name__",
        "verdict.refusal",
    ]
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """Words in the code. `sentence`: None where they are put together there, as an f-string is. `values`: names of what is filled
    in; None where nothing is, and braces are only braces."""

    where: str
    sentence: str | None
    values: frozenset[str] | None

    @property
    def fits(self) -> bool:
        """Whether each place is filled, and nothing else is."""
        return self.sentence is None or (self.values or frozenset()) == frozenset(places_in(self.sentence))


def places_in(sentence: str) -> list[str]:
    """The names of its places, in their order."""
    return [name for _, name, *_ in Formatter().parse(sentence) if name is not None]


def spoken_in(project: Path) -> list[Spoken]:
    """Every sentence of a problem, and of what lends one its words."""
    trees = {
        str(file.relative_to(project)): ast.parse(file.read_text())
        for part in OURS
        for file in sorted((project / part).rglob("*.py"))
    }
    problems = _problems_in(trees.values())
    taking_details = {
        name for name, node in problems.items() if node is None or not _has_words_of_its_own(node)
    }
    found = []
    for path, tree in trees.items():
        names = taking_details | {name for place, name in LENDING if path.startswith(place)}
        calls = [call for call in _calls_in(tree) if _name_of(call.func) in names]
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and problems.get(node.name):
                calls += [call for call in _calls_in(node) if _name_of(call.func) == "__init__"]
        found += [each for call in calls for each in _spoken_by(call, path, tree)]
    return found


def _problems_in(trees: Iterable[ast.Module]) -> dict[str, ast.ClassDef | None]:
    """Kinds of problems by name; without a definition: the root of all."""
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    problems: dict[str, ast.ClassDef | None] = {"Problem": None}
    while found := {
        each.name: each
        for each in classes
        if each.name not in problems and problems.keys() & set(map(_name_of, each.bases))
    }:
        problems |= found
    return problems


def _has_words_of_its_own(kind: ast.ClassDef) -> bool:
    """Whether it is made of something else than a detail."""
    made = [node for node in kind.body if isinstance(node, ast.FunctionDef) and node.name == "__init__"]
    return any(each.args.args[1].arg != "detail" for each in made)


def _calls_in(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _name_of(node: ast.AST) -> str:
    return str(getattr(node, "id", "") or getattr(node, "attr", ""))


def _spoken_by(call: ast.Call, path: str, tree: ast.Module) -> Iterator[Spoken]:
    named = {each.arg: each.value for each in call.keywords}
    words = call.args[0] if call.args else named.get("detail")
    filled: ast.AST | None = named.get("values", call.args[1] if call.args[1:] else None)
    if isinstance(filled, ast.Name):
        filled = _last_given(filled, tree)
    values = None
    if isinstance(filled, ast.Dict):
        values = frozenset(str(getattr(key, "value", "**")) for key in filled.keys)
    for each in _parts_of(words, tree) if words else ():
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield Spoken(f"{path}:{call.lineno}", each.value, values)
        elif _name_of(getattr(each, "func", each)) != "Wording" and ast.unparse(each) not in HANDED_ON:
            yield Spoken(f"{path}:{call.lineno} {ast.unparse(each)}", None, values)


def _last_given(name: ast.Name, tree: ast.Module) -> ast.AST | None:
    """What a name was last given before it is used."""
    given = [node for node in ast.walk(tree) if isinstance(node, ast.Assign | ast.AnnAssign)]
    before = [each for each in given if each.lineno < name.lineno and _target_of(each) == name.id]
    return max(before, key=lambda each: each.lineno).value if before else None


def _target_of(node: ast.Assign | ast.AnnAssign) -> str:
    return _name_of(node.targets[0] if isinstance(node, ast.Assign) else node.target)


def _parts_of(words: ast.AST, tree: ast.Module) -> Iterator[ast.AST]:
    """Whatever may stand there: both branches, what a name of the module stands for, all that a table of it holds."""
    match words:
        case ast.IfExp():
            parts: list[ast.AST] = [words.body, words.orelse]
        case ast.BoolOp():
            parts = [*words.values]
        case ast.Name() if words.id in (known := _constants_of(tree)):
            parts = [known[words.id]]
        case ast.Subscript(value=ast.Name()) if isinstance(
            table := _constants_of(tree).get(_name_of(words.value)), ast.Dict
        ):
            parts = [*table.values]
        case _:
            yield words
            return
    for each in parts:
        yield from _parts_of(each, tree)


def _constants_of(tree: ast.Module) -> Mapping[str, ast.expr]:
    given = [node for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign)]
    return {_target_of(each): each.value for each in given if each.value is not None}


def causes_in(project: Path) -> set[str]:
    """Every sentence of `chassis/causes.py`, which become details of 503."""
    tree = ast.parse((project / "chassis" / "causes.py").read_text())
    about = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = [
        node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in about
    ]
    return {each for each in texts if isinstance(each, str) and each.endswith(".")} - {"nats."}
