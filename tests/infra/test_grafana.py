"""Dashboards ask for what there is: their JSON fits what we know of Grafana's model, every metric is one that processes export,
every address an operation with parameters that it takes and fields that it answers. No Grafana runs here."""

from __future__ import annotations

import importlib
import itertools
import json
import re
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from jsonschema import Draft202012Validator
from prometheus_client import REGISTRY

from contracts.parts import PAGES, PARTS, WORKERS
from gateway.metrics import UP, came_in_by
from harness.databases import PROJECT
from infra.flows import EVENTS
from infra.local.processes import PROCESSES
from tests.api.operations import Operation, operations_in

FOLDER = PROJECT / "infra" / "grafana"
DASHBOARDS = sorted(FOLDER.glob("*.json"))
# Modules that define metrics beside those that a service's main imports.
METRICS = (
    "chassis.metrics",
    "chassis.telemetry",
    "chassis.http1.refusals",
    "chassis.lines",
    "chassis.revocations",
    "gateway.proxy.frontend",
    "services.routing.assignments.queries.open_counts",
)
FOREIGN = {"up"}  # Prometheus' own
MADE = {UP: {"job"}}  # by the gateway, of all processes
_METRIC = re.compile(r"\b(up|otklik_\w+)\b")
_LABELS = re.compile(r"(otklik_\w+)\{([^}]*)\}")
_VARIABLE = re.compile(r"^\$\{(\w+)\}$")
_KINDS = {"number": {"number", "integer"}, "string": {"string"}, "timestamp": {"string"}}
_EVENT = re.compile(r'event="([^"]*)"')
Panel = dict[str, Any]


def read(file: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return document


def panels() -> list[Panel]:
    """Of all dashboards."""
    return [panel for file in DASHBOARDS for panel in read(file)["panels"]]


def exported() -> dict[str, set[str]]:
    """Name of every series of the processes → its labels, but `le`."""
    for module in METRICS:
        importlib.import_module(module)
    found: dict[str, set[str]] = {}
    for collector in set(REGISTRY._names_to_collectors.values()):
        labels = set(getattr(collector, "_labelnames", ()))
        names: list[str] = REGISTRY._get_names(collector)  # type: ignore[no-untyped-call]
        found |= {name: labels | ({"le"} if name.endswith("_bucket") else set()) for name in names}
    return found | MADE


def rules() -> list[Panel]:
    """For alerts."""
    (group,) = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]
    found: list[Panel] = group["rules"]
    return found


def test_dashboards_fit_the_model() -> None:
    """And say what they show, without a panel upon another, each by an id of its own."""
    assert {file.name for file in DASHBOARDS} == {"operations.json", "figures.json"}
    schema = read(Path(__file__).parent / "grafana_schema.json")
    Draft202012Validator.check_schema(schema)
    for file in DASHBOARDS:
        document = read(file)
        faults = [
            f"{error.json_path}: {error.message}"
            for error in Draft202012Validator(schema).iter_errors(document)
        ]
        assert faults == [], file.name
        shown = document["panels"]
        assert len({panel["id"] for panel in shown}) == len(shown)
        for one, other in itertools.combinations([panel["gridPos"] for panel in shown], 2):
            apart = [
                one[start] + one[size] <= other[start] or other[start] + other[size] <= one[start]
                for start, size in (("x", "w"), ("y", "h"))
            ]
            assert any(apart), (file.name, one, other)
        assert all(each["gridPos"]["x"] + each["gridPos"]["w"] <= 24 for each in shown)
        for panel in shown:
            assert all(target["datasource"] == panel["datasource"] for target in panel["targets"]), panel[
                "title"
            ]


def test_the_model_can_be_missed() -> None:
    """A panel without its place, or with a field nobody knows, is a fault."""
    schema = Draft202012Validator(read(Path(__file__).parent / "grafana_schema.json"))
    changes: list[dict[str, Any]] = [
        {"gridPos": {}},
        {"gridpos": {"x": 0}},
        {"targets": []},
        {"type": "graph"},
    ]
    for change in changes:
        document = read(FOLDER / "figures.json")
        document["panels"][0] |= change
        assert not schema.is_valid(document), change


def test_every_metric_is_exported() -> None:
    """With the labels by which it is told apart, in an expression that Prometheus understands."""
    known = exported()
    shown = [target["expr"] for panel in panels() for target in panel["targets"] if "expr" in target]
    asked = [*shown, *(rule["expr"] for rule in rules())]
    assert len(asked) > 10
    for expression in asked:
        promql_parser.parse(expression.replace("$__rate_interval", "5m"))
        names = set(_METRIC.findall(expression)) - FOREIGN
        assert set(_EVENT.findall(expression)) <= {event.SUBJECT for event in EVENTS}, expression
        assert names <= known.keys(), expression
        for name, conditions in _LABELS.findall(expression):
            labels = {each.split("=")[0].rstrip("!~") for each in re.findall(r"\w+=", conditions)}
            assert labels - {"job"} <= known[name], expression
        grouped = {
            label.strip() for some in re.findall(r"by \(([^)]*)\)", expression) for label in some.split(",")
        }
        for name in names:
            assert grouped - {"job", "le"} <= known[name], (expression, name)
    shown_names = set(itertools.chain.from_iterable(map(_METRIC.findall, shown)))
    own = {
        name
        for name in known
        if name.startswith("otklik_") and not name.endswith(("_created", "_bucket", "_sum", "_count"))
    }
    assert (
        own - {"otklik_request_seconds"} - shown_names - {name.removesuffix("_total") for name in shown_names}
        == set()
    )


@pytest.fixture(scope="module")
def operations() -> dict[str, Operation]:
    """GETs of analytics by path."""
    return {each.path: each for each in operations_in("analytics") if each.method == "GET"}


def columns_of(operation: Operation, root: str) -> dict[str, Any]:
    """Fields of an answer's rows, or of the answer itself, by name, as their OpenAPI has them."""
    schema = operation.described["responses"]["200"]["content"]["application/json"]["schema"]
    alternatives = [operation.resolve(each) for each in schema.get("anyOf", [schema])]
    if not root:
        fields: dict[str, Any] = alternatives[0]["properties"]
        return fields
    (flat,) = [each for each in alternatives if root in each["properties"]]
    rows: dict[str, Any] = operation.resolve(flat["properties"][root]["items"])["properties"]
    return rows


def test_every_address_is_an_operation(operations: dict[str, Operation]) -> None:
    """That takes these parameters with these values and answers these fields as these types."""
    document = read(FOLDER / "figures.json")
    variables = {each["name"]: each for each in document["templating"]["list"]}
    targets = [target for panel in document["panels"] for target in panel["targets"]]
    assert len(targets) > 10
    for target in targets:
        operation = operations[target["url"]]
        taken = {each["name"]: each["schema"] for each in operation.described["parameters"]}
        sent = {each["key"]: each["value"] for each in target["url_options"]["params"]}
        assert sent.keys() <= taken.keys(), target["url"]
        assert {"region", "from", "to"} <= sent.keys()
        assert sent.get("format", "json") == ("rows" if target["root_selector"] else "json")
        for name, value in sent.items():
            choices = [
                *taken[name].get("enum", ()),
                *(c for o in taken[name].get("anyOf", ()) for c in o.get("enum", ())),
            ]
            variable = _VARIABLE.match(value)
            values = variables[variable[1]]["query"].split(",") if variable else [value]
            assert not choices or set(values) <= set(choices), (name, values)
        fields = columns_of(operation, target["root_selector"])
        for column in target["columns"]:
            field = fields[column["selector"]]
            kinds = {each.get("type") for each in [field, *field.get("anyOf", ())]}
            assert kinds & _KINDS[column["type"]], column
            if column["type"] == "timestamp":
                assert field["format"] == "date-time"


def test_sources_are_provisioned_and_processes_are_asked() -> None:
    """Each source that a dashboard names; each process that has metrics."""
    sources = yaml.safe_load((FOLDER / "provisioning/datasources/otklik.yaml").read_text())["datasources"]
    provisioned = {(source["type"], source["uid"]) for source in sources}
    assert {(panel["datasource"]["type"], panel["datasource"]["uid"]) for panel in panels()} == provisioned
    (provider,) = yaml.safe_load((FOLDER / "provisioning/dashboards/otklik.yaml").read_text())["providers"]
    assert provider["type"] == "file"
    jobs = yaml.safe_load((FOLDER / "prometheus.yml").read_text())["scrape_configs"]
    asked = {job["job_name"]: job["static_configs"][0]["targets"] for job in jobs}
    assert asked.keys() == {process.part for process in PROCESSES} == {*PARTS, *WORKERS, PAGES}
    services = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())["services"]
    assert asked.keys() <= services.keys()
    assert all(target.partition(":")[0] == part for part, (target,) in asked.items())


def test_the_listener_of_the_services_is_known_by_its_port_where_it_listens_everywhere() -> None:
    """As in containers, where Prometheus asks without a token."""
    assert came_in_by(("172.18.0.5", 8001), "0.0.0.0:8001")
    assert not came_in_by(("172.18.0.5", 8000), "0.0.0.0:8001")
    assert came_in_by(("/run/internal.sock", None), "unix:/run/internal.sock")
    assert not came_in_by(("127.0.0.1", 8001), "10.0.0.1:8001")
    assert not came_in_by(None, "")
    assert not came_in_by(("", None), "unix:/run/internal.sock")
    assert came_in_by(("fd00::5", 8001), "[::]:8001")
    assert came_in_by(("127.0.0.1", 8001), "localhost:8001")
    assert not came_in_by(("172.18.0.5", 8001), "localhost:8001")


def test_every_alert_says_what_to_do() -> None:
    """Once, with a weight, by labels that its expression leaves."""
    names = [rule["alert"] for rule in rules()]
    assert len(names) == len(set(names)) > 8
    for rule in rules():
        assert rule.keys() <= {"alert", "expr", "for", "labels", "annotations"}, rule["alert"]
        assert rule["labels"]["severity"] in {"critical", "warning", "info"}
        assert re.fullmatch(r"\d+[mh]", rule.get("for", "0m")), rule["alert"]
        texts = rule["annotations"]
        assert texts.keys() == {"summary", "description"}
        grouped = re.findall(r"by \(([^)]*)\)", rule["expr"])
        left = {label.strip() for some in grouped for label in some.split(",")} if grouped else {"job"}
        assert set(re.findall(r"\$labels\.(\w+)", "".join(texts.values()))) <= left, rule["alert"]


def test_one_machine_is_asked_at_one_place() -> None:
    document = yaml.safe_load((FOLDER / "prometheus-one-machine.yml").read_text())
    (job,) = document["scrape_configs"]
    assert (job["metrics_path"], job["honor_labels"]) == ("/metrics/system", True)
    assert (document["rule_files"], (FOLDER / "alerts.yml").exists()) == (["alerts.yml"], True)


def test_whatever_is_scraped_is_missed_when_it_is_away() -> None:
    """Each job of either configuration; and of what comes in its absence, too."""
    expressions = {rule["alert"]: rule["expr"] for rule in rules()}
    (pattern,) = re.findall(r'up\{job=~"([^"]+)"\}', expressions["OtklikPartDown"])
    for file in ("prometheus.yml", "prometheus-one-machine.yml"):
        for job in yaml.safe_load((FOLDER / file).read_text())["scrape_configs"]:
            assert re.fullmatch(pattern, job["job_name"]), (file, job["job_name"])
    comes_in = promql_parser.parse(expressions["OtklikNothingComesIn"])
    assert isinstance(comes_in, promql_parser.BinaryExpr)
    assert str(comes_in.op) == "or"
    assert isinstance(comes_in.rhs, promql_parser.Call)
    assert comes_in.rhs.func.name == "absent_over_time"
