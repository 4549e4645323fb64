"""What the code says of single fields: messages in a problem's `errors`, and the sentences of validators, which become such.

Followed from where they are used to where they are written: through names, constants of other modules, what a function
returns, and what a function that takes a message is called with. Values go by wordings, whose sentences `spoken` collects.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple

from tests.chassis.spoken import OURS, Spoken

# Whose texts come out by a table or one by one, so that a message cannot be followed back to them: every text with a blank in
# them is one.
GATHERING: Final = (
    ("services/analytics/decisions/actions/deciding.py", "_require_sound"),
    ("services/analytics/problems/actions/deciding.py", "_require_reason"),
    ("services/analytics/problems/actions/deciding.py", "_require_target"),
    ("services/intake/migration/rules.py", "_misplaced"),
    ("services/intake/migration/rules.py", "find_contradictions"),
    ("services/intake/open311/actions/submitting.py", "_faults_of"),
    ("services/intake/open311/rules/attributes.py", "faults_of"),
    ("services/routing/reference/rules/areas.py", "flaw_of"),
    ("services/routing/works/actions/stating.py", "_unknown"),
)
# What comes out of those, or out of a fault, whose message is its second field.
HANDED_ON: Final = {
    "services/analytics/decisions/actions/deciding.py": "message",
    "services/analytics/problems/actions/deciding.py": "message",
    "services/intake/migration/rules.py": "message",
    "services/intake/open311/actions/submitting.py": "fault",
    "services/intake/receptions/actions.py": "fault.message",
    "services/routing/works/actions/stating.py": "message",
}
FAULTS: Final = ("services/intake/receptions/rules.py", "Fault", 1)
# In the language asked for already, or collected by `spoken`.
IN_WORDS: Final = frozenset(["message_of", "unknown_name", "Wording"])
# Codes and names, which are so in every language, and what checks of answers advise: they do so in Russian alone.
AS_IT_IS: Final = frozenset(["cases", "each.advice", "each.check", "parameter", "places"])
_TAKING: Final = frozenset(["AfterValidator", "BeforeValidator", "PlainValidator", "WrapValidator"])
_DECORATING: Final = frozenset(["field_validator", "model_validator"])

Function = ast.FunctionDef | ast.AsyncFunctionDef


class _Place(NamedTuple):
    """A piece of the code: its module, and the functions around it, the innermost last."""

    path: str
    around: tuple[Function, ...]
    node: ast.AST

    def inside(self, node: ast.AST) -> _Place:
        """A piece of this one."""
        around = (*self.around, self.node) if isinstance(self.node, Function) else self.around
        return _Place(self.path, around, node)


class _Module:
    def __init__(self, path: str, tree: ast.Module) -> None:
        self.path = path
        self.tree = tree
        self.nodes = list(_walk(tree, ()))

    @cached_property
    def functions(self) -> Mapping[str, _Place]:
        """By name; an initialiser by the name of its class."""
        made = [(node, around) for node, around in self.nodes if isinstance(node, Function)]
        kinds = [node for node, _ in self.nodes if isinstance(node, ast.ClassDef)]
        kind_of = {id(each): kind.name for kind in kinds for each in kind.body}
        return {
            kind_of[id(node)] if node.name == "__init__" else node.name: _Place(self.path, around, node)
            for node, around in made
        }

    @cached_property
    def constants(self) -> Mapping[str, ast.expr]:
        return dict(_given(self.tree.body))

    @cached_property
    def imported(self) -> Mapping[str, str]:
        """Which file a name was taken from."""
        taken = [node for node in self.tree.body if isinstance(node, ast.ImportFrom) and node.module]
        return {
            each.asname or each.name: str(node.module).replace(".", "/") + ".py"
            for node in taken
            for each in node.names
        }


def _walk(node: ast.AST, around: tuple[Function, ...]) -> Iterator[tuple[ast.AST, tuple[Function, ...]]]:
    for child in ast.iter_child_nodes(node):
        yield child, around
        yield from _walk(child, (*around, child) if isinstance(child, Function) else around)


def _given(body: Iterable[ast.AST]) -> Iterator[tuple[str, ast.expr]]:
    for node in body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield name, value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield name, value
            case ast.NamedExpr(target=ast.Name(id=name), value=value):
                yield name, value


def told_in(project: Path) -> list[Spoken]:
    """Every message about a field, and every sentence of a validator."""
    modules = {
        str(file.relative_to(project)): _Module(str(file.relative_to(project)), ast.parse(file.read_text()))
        for part in (*OURS, "contracts")
        for file in sorted((project / part).rglob("*.py"))
    }
    return [*dict.fromkeys(_Following(modules).all())]


class _Following:
    def __init__(self, modules: Mapping[str, _Module]) -> None:
        self.modules = modules

    def all(self) -> Iterator[Spoken]:
        for module in self.modules.values():
            yield from self._of_errors(module)
        for path, name in GATHERING:
            if path in self.modules:
                yield from self._gathered(self.modules[path].functions[name])
        yield from self._given_to(*FAULTS)
        yield from self._of_validators()

    def _of_errors(self, module: _Module) -> Iterator[Spoken]:
        for node, around in module.nodes:
            if not isinstance(node, ast.Dict):
                continue
            pairs = zip(node.keys, node.values, strict=True)
            members = {getattr(key, "value", None): value for key, value in pairs}
            message = members.get("message")
            if message is not None and "pointer" in members and not isinstance(message, ast.Dict):
                yield from self._told(_Place(module.path, around, message))

    def _gathered(self, place: _Place) -> Iterator[Spoken]:
        parts = [*ast.walk(place.node)]
        about = {id(each.value) for each in parts if isinstance(each, ast.Expr)}
        whole = [each for each in parts if isinstance(each, ast.JoinedStr) or _called(each) == "Wording"]
        within = {id(part) for each in whole for part in ast.walk(each) if part is not each}
        for each in parts:
            if isinstance(each, ast.Constant | ast.JoinedStr) and id(each) not in about | within:
                text = _text_of(each)
                if " " in text and any(map(str.isalpha, text)):
                    yield from self._told(place.inside(each))

    def _of_validators(self) -> Iterator[Spoken]:
        """Of validators, and of what they call."""
        waiting = [each for module in self.modules.values() for each in self._validators_of(module)]
        seen: set[int] = set()
        while waiting:
            place = waiting.pop()
            if id(place.node) in seen:
                continue
            seen.add(id(place.node))
            for call in (node for node in ast.walk(place.node) if isinstance(node, ast.Call)):
                if _called(call) == "ValueError" and call.args:
                    yield from self._told(place.inside(call.args[0]))
                elif found := self._function(place.path, call.func):
                    waiting.append(found)

    def _validators_of(self, module: _Module) -> Iterator[_Place]:
        for node, around in module.nodes:
            if isinstance(node, Function) and {_called(each) for each in node.decorator_list} & _DECORATING:
                yield _Place(module.path, around, node)
            taken = node.args[:1] if isinstance(node, ast.Call) and _called(node) in _TAKING else []
            yield from filter(None, (self._function(module.path, each) for each in taken))

    def _told(self, place: _Place) -> Iterator[Spoken]:
        node = place.node
        where, written = f"{place.path}:{getattr(node, 'lineno', 0)}", ast.unparse(node)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield Spoken(where, node.value, None)
            return
        found = self._parts_of(place)
        if found is None and HANDED_ON.get(place.path) != written:
            yield Spoken(f"{where} {written}", None, None)
        for each in found or ():
            yield from [each] if isinstance(each, Spoken) else self._told(each)

    def _parts_of(self, place: _Place) -> list[_Place] | list[Spoken] | None:
        """Where its words are written; None where that cannot be told."""
        match place.node:
            case ast.Constant(value=None):
                return []
            case ast.IfExp(body=one, orelse=other):
                return [place.inside(one), place.inside(other)]
            case ast.BoolOp(values=values):
                return [place.inside(each) for each in values]
            case ast.JoinedStr(values=values) if not any(map(str.isalpha, _text_of(place.node))):
                filled = [each.value for each in values if isinstance(each, ast.FormattedValue)]
                return [place.inside(each) for each in filled if ast.unparse(each) not in AS_IT_IS]
            case ast.Call() as call if _called(call) in IN_WORDS:
                return []
            case ast.Call(func=ast.Name(id="in_words"), args=[words]):
                return [place.inside(words)]
            case ast.Call(func=function) if made := self._function(place.path, function):
                returned = [each for each in ast.walk(made.node) if isinstance(each, ast.Return)]
                return [made.inside(each.value) for each in returned if each.value]
            case ast.Name() as name:
                return self._named(place, name.id) or self._sent(place, name.id)
        return None

    def _named(self, place: _Place, name: str) -> list[_Place]:
        """What a name was given in the functions around, or else in its module, or in the one that it was taken from."""
        for depth in range(len(place.around), 0, -1):
            function = place.around[depth - 1]
            if found := [value for known, value in _given(ast.walk(function)) if known == name]:
                return [_Place(place.path, place.around[:depth], each) for each in found]
        module = self.modules[place.path]
        home = self.modules.get(module.imported.get(name, place.path), module)
        return [_Place(home.path, (), home.constants[name])] if name in home.constants else []

    def _sent(self, place: _Place, name: str) -> list[Spoken] | None:
        """What the functions around are called with by that name; None where none of them takes it."""
        for function in reversed(place.around):
            names = [each.arg for each in function.args.args]
            if name in names:
                known = self.modules[place.path].functions
                called = next((key for key, each in known.items() if each.node is function), function.name)
                position = names.index(name) - (names[0] == "self")
                return [*self._given_to(place.path, called, position, name)]
        return None

    def _given_to(self, path: str, function: str, position: int, name: str = "") -> Iterator[Spoken]:
        for module in self.modules.values():
            if module.imported.get(function, module.path) != path:
                continue
            for node, around in module.nodes:
                if isinstance(node, ast.Call) and _called(node) == function:
                    named = {each.arg: each.value for each in node.keywords}
                    for given in [named[name]] if name in named else node.args[position : position + 1]:
                        yield from self._told(_Place(module.path, around, given))

    def _function(self, path: str, called: ast.AST) -> _Place | None:
        module = self.modules[path]
        name = called.id if isinstance(called, ast.Name) else ""
        home = self.modules.get(module.imported.get(name, path), module)
        return home.functions.get(name)


def _called(node: ast.AST) -> str:
    called = node.func if isinstance(node, ast.Call) else node
    return str(getattr(called, "id", "") or getattr(called, "attr", ""))


def _text_of(node: ast.AST) -> str:
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return "".join(str(each.value) for each in parts if isinstance(each, ast.Constant))
