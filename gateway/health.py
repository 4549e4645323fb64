"""Whether this process lives and whether the whole system is ready."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response

from chassis.db import database_trouble
from chassis.lines import lines
from chassis.problems import NotFound, Problem
from gateway.metrics import parts_of
from gateway.proxy.upstreams import Fetched, Upstream
from gateway.resources import GatewayResources, resources_of

READY_SECONDS = 2.5
router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Report:
    """What is wrong with a part, by the name of what is not well; and which lines of its log were lost, for information."""

    problems: object
    log: object = None

    @property
    def status(self) -> str:
        """In a word."""
        return "not ready" if self.problems else "ready"


@router.get("/health/live")
async def live() -> dict[str, str]:
    """This process answers."""
    return {"status": "ok", "service": "gateway"}


@router.get("/health/ready")
async def ready(request: Request) -> Response:
    """200 when the gateway, all four services, their workers and the pages are ready; otherwise 503 and which part is not."""
    resources = resources_of(request)
    others = parts_of(resources)
    found = await asyncio.gather(_own_report(resources), *map(_report_of, others.values()))
    reports = dict(zip(("gateway", *others), found, strict=True))
    problems = {name: report.problems for name, report in reports.items() if report.problems}
    document = {
        "status": Report(problems).status,
        "service": "gateway",
        "parts": {name: report.status for name, report in reports.items()},
        "problems": problems,
        "log": {name: report.log for name, report in reports.items() if report.log},
    }
    shown = {name: value for name, value in document.items() if value}
    return Response(orjson.dumps(shown), status_code=503 if problems else 200, media_type="application/json")


@router.get("/health/ready/{part}")
async def part_ready(part: str, request: Request) -> Response:
    """The same of one process alone: `gateway` is for whoever sends it requests – a part that is away answers 503 by itself, and
    takes the others along nowhere."""
    resources = resources_of(request)
    others = parts_of(resources)
    if part != "gateway" and part not in others:
        raise NotFound("There is no part {part}.", values={"part": part})
    report = await (_own_report(resources) if part == "gateway" else _report_of(others[part]))
    document = {"status": report.status, "service": part, "problems": report.problems, "log": report.log}
    shown = {name: value for name, value in document.items() if value}
    return Response(
        orjson.dumps(shown), status_code=503 if report.problems else 200, media_type="application/json"
    )


async def _own_report(resources: GatewayResources) -> Report:
    troubles = {"postgres": await database_trouble(resources.reading_sessions, READY_SECONDS)}
    unproven = resources.proof.problems()
    if unproven:  # nothing else has been started
        troubles |= unproven
    else:
        troubles["keys"] = "" if resources.ring.keys else "not loaded"
        troubles |= {task.name: task.problem for task in resources.tasks if task.problem}
        troubles["start"] = "still loading" if resources.settings.is_held else ""
    return Report({name: trouble for name, trouble in troubles.items() if trouble}, lines.report())


async def _report_of(upstream: Upstream) -> Report:
    try:
        return _read_report(await upstream.fetch("/health/ready", seconds=READY_SECONDS))
    except TimeoutError:
        return Report({"service": "does not answer in time"})
    except (Problem, OSError):
        return Report({"service": "not reachable"})


def _read_report(answer: Fetched) -> Report:
    """What a service reports; that it is not well, at least, where it reports nothing we can read."""
    try:
        document = orjson.loads(answer.body)
    except ValueError:
        document = None
    report: dict[str, object] = document if isinstance(document, dict) else {}
    problems = report.get("problems")
    if answer.status != 200 and not isinstance(problems, dict):
        problems = {"service": f"answers {answer.status}"}
    return Report(problems, report.get("log"))
