"""The generated half says what the published document says: every operation has its method, on both clients."""

from __future__ import annotations

import inspect
import re
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import Any, cast

import pytest
from pydantic import BaseModel

from contracts.problems import EXPLANATIONS
from infra.client_code.document import JSON, Document
from infra.client_code.naming import method_names, module_name
from infra.client_code.types import name_of
from infra.published import published_document
from otklik_client import ProblemError, models
from otklik_client.asynchronous import AsyncGroups
from otklik_client.calls import Call, File
from otklik_client.line import Line
from otklik_client.models.base import Received, Sent
from otklik_client.sync import Groups

# Second methods of an operation that answers in several kinds.
_OTHER_KINDS = re.compile(r"_(rows|file)$")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return published_document()


class Recording:
    """A line that sends nothing."""

    def __init__(self) -> None:
        self.sent: list[Call[Any]] = []

    def send(self, call: Call[Any]) -> None:
        self.sent.append(call)


def groups_of(groups: type) -> dict[str, Any]:
    """Each group, over a line that sends nothing."""
    over = groups(cast("Line", Recording()))
    return {
        name: getattr(over, name) for name, each in vars(groups).items() if isinstance(each, cached_property)
    }


def methods_of(group: object) -> Iterator[tuple[str, Any]]:
    for name, method in inspect.getmembers(group, inspect.ismethod):
        if not name.startswith("_"):
            yield name, method


def recorded(method: Any) -> Call[Any]:
    """What a method would send, given the least that it asks for."""
    made: dict[str, Any] = {}
    for name, parameter in inspect.signature(method).parameters.items():
        if parameter.default is not inspect.Parameter.empty:
            continue
        kind = str(parameter.annotation)
        if kind == "File":
            made[name] = File("a.pdf", b"%PDF")
        elif hasattr(models, kind):
            made[name] = getattr(models, kind).model_construct()
        else:
            made[name] = (
                1 if name == "if_match" else [] if name == "lines" else {} if "Mapping" in kind else "x"
            )
    answer = method(**made)
    found: Call[Any] = method.__self__._line.sent.pop() if answer is None else answer._call
    return found


def test_every_operation_has_one_method(document: dict[str, Any]) -> None:
    """By its name in its group, and by what is sent."""
    ids: dict[str, list[str]] = {}
    wanted = Counter[tuple[str, str]]()
    for path, item in document["paths"].items():
        for method, operation in item.items():
            ids.setdefault(operation["tags"][0], []).append(operation["operationId"])
            wanted[method.upper(), re.sub(r"{format}", "json", re.sub(r"{(?!format)\w+}", "x", path))] += 1
    named = {(module_name(tag), name) for tag, group in ids.items() for name in method_names(group).values()}
    assert len(named) == sum(wanted.values()), "no two operations of a group are called the same"
    groups = groups_of(Groups)
    methods = {(group, name): method for group, each in groups.items() for name, method in methods_of(each)}
    assert named <= methods.keys()
    assert {name for _, name in methods.keys() - named if not _OTHER_KINDS.search(name)} == set()
    calls = [recorded(methods[each]) for each in named]
    assert Counter((call.method, call.path) for call in calls) == wanted


def test_both_clients_do_the_same() -> None:
    sync, soon = groups_of(Groups), groups_of(AsyncGroups)
    assert sync.keys() == soon.keys()
    for group, each in sync.items():
        methods, others = dict(methods_of(each)), dict(methods_of(soon[group]))
        assert methods.keys() == others.keys()
        for name, method in methods.items():
            here, there = inspect.signature(method), inspect.signature(others[name])
            assert here.parameters == there.parameters, name
            assert str(there.return_annotation).removeprefix("Async") == here.return_annotation
            assert method.__doc__ == others[name].__doc__ != None, name  # noqa: E711


def test_what_a_call_carries_is_what_the_document_says(document: dict[str, Any]) -> None:
    """Keys where they are taken, versions where they are asked for, tokens where they are needed."""
    of_document = Document(document)
    groups = groups_of(Groups)
    for operation in of_document.operations:
        call = recorded(getattr(groups[module_name(operation.tag)], operation.name))
        assert call.authorised == bool(operation.described["security"]), operation.name
        assert (call.if_match is not None) == operation.takes("If-Match"), operation.name
        assert call.revalidates == operation.takes("If-None-Match"), operation.name
        is_batch = operation.name in ("submit_batch", "import_cases")
        assert is_batch or (call.key is not None) == operation.takes("Idempotency-Key"), operation.name
        known = {each["name"] for each in operation.parameters if each["in"] == "query"}
        assert call.query.keys() <= known | {"format"}, operation.name


def test_every_model_can_be_made(document: dict[str, Any]) -> None:
    """From the examples of the reference; what is sent refuses what it does not know, what comes leaves it out."""
    examples = [
        (name, example)
        for name, schema in document["components"]["schemas"].items()
        for example in schema.get("examples", ())
    ]
    for operation in Document(document).operations:
        content = operation.described.get("requestBody", {}).get("content", {}).get(JSON, {})
        if "$ref" in content.get("schema", {}):
            examples.append((name_of(content["schema"]), content["example"]))
    tried = Counter[type]()
    for name, example in examples:
        model: type[BaseModel] | None = getattr(models, name, None)
        if model is None:  # of errors
            continue
        made, grown = model.model_validate(example), {**example, "colour": "red"}
        assert made.model_dump(mode="json", by_alias=True, exclude_unset=True).keys() == example.keys()
        if issubclass(model, Received):
            assert model.model_validate(grown) == made
            tried[Received] += 1
        else:
            with pytest.raises(ValueError, match="colour"):
                model.model_validate(grown)
            tried[Sent] += 1
    assert min(tried[Received], tried[Sent]) > 80
    for name in models.__all__:
        getattr(models, name).model_rebuild()


def test_errors_are_problems_that_there_are() -> None:
    kinds = [ProblemError]
    for each in kinds:
        kinds += each.__subclasses__()
    slugs = set(ProblemError._by_slug)
    assert slugs
    assert slugs <= EXPLANATIONS.keys()
    assert all(each.__doc__ for each in kinds)
