"""`otklik models`: models of a region of a running system – list, train, put in use, go back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from uuid import UUID

from otklik.cli.failures import Failed
from otklik.cli.output import fail, print_json, print_message, print_table, progress_console
from otklik.cli.system import Target
from otklik_client import Client
from otklik_client.models import JudgedPrecision, ModelView, NewModel, Promotion

POLL_SECONDS = 1.0
_COLUMNS = ("id", "status", "rows", "top1", "top1 of the current", "better", "at work", "created")


def list_models(target: Target, region: str, as_json: bool) -> None:
    """The newest first, the shipped one last."""
    with target.client("admin") as client:
        models = list(_read(client, region))
    if as_json:
        print_json({"items": [model.as_received() for model in models]})
        return
    print_table(f"Models of region {region}", _COLUMNS, [_line(model) for model in models])


def _read(client: Client, region: str) -> Iterator[ModelView]:
    yield from client.learning.show_models(region=region)


def _line(model: ModelView) -> tuple[object, ...]:
    judged = model.hold_out
    return (
        f"{model.id} (shipped)" if model.shipped else model.id,
        model.status,
        model.rows,
        judged.candidate.topic.top1 if judged else None,
        judged.current.topic.top1 if judged else None,
        judged.better if judged else None,
        _share(model.live.all),
        f"{model.created_at:%Y-%m-%dT%H:%M}" if model.created_at else "",
    )


def _share(judged: JudgedPrecision) -> str:
    if judged.precision is None:
        return ""
    return f"{judged.precision:.2f} ({judged.low:.2f}–{judged.high:.2f} of {judged.sample})"


def train_model(target: Target, region: str, wait: float, as_json: bool) -> None:
    """Ask for a model and wait until it has been trained; exit code 1 when that fails or takes longer."""
    with target.client("admin") as client:
        model = _follow(client, client.learning.train_model(NewModel(region=region)), wait)
    if as_json:
        print_json(model.as_received())
    else:
        print_message(_outcome(model))
    if model.status in ("training", "failed"):
        fail()


def _follow(client: Client, model: ModelView, wait: float) -> ModelView:
    began = time.monotonic()
    with progress_console.status(f"Training model {model.id} …") as shown:
        while model.status == "training" and time.monotonic() - began < wait:
            time.sleep(POLL_SECONDS)
            shown.update(f"Training model {model.id} … {time.monotonic() - began:.0f} s")
            model = _find(client, model.region, model.id)
    return model


def _find(client: Client, region: str, model_id: UUID | str) -> ModelView:
    found = next((model for model in _read(client, region) if str(model.id) == str(model_id)), None)
    if found is None:
        raise Failed(f"Region {region} has no model {model_id}. `otklik models list` shows them.")
    return found


def _outcome(model: ModelView) -> str:
    if model.status == "training":
        return f"Model {model.id} is still being trained; `otklik models list` shows when it has ended."
    if model.hold_out is None:
        return f"Model {model.id} has failed: {model.error}"
    judged = model.hold_out
    beside = f"{judged.candidate.topic.top1:.3f} of {judged.rows} unseen appeals right, the current one {judged.current.topic.top1:.3f}"
    if judged.better:
        return f"Model {model.id} is better ({beside}) and runs in shadow. Put it in use with `otklik models promote {model.id}`."
    return f"Model {model.id} is not better ({beside})."


def promote_model(target: Target, region: str, model_id: str, force: bool, as_json: bool) -> None:
    """Put a model in use in all replicas."""
    with target.client("admin") as client:
        model = _find(client, region, model_id)
        promoted = client.learning.promote(model_id, Promotion(force=force), if_match=model)
    if as_json:
        print_json(promoted.as_received())
    else:
        print_message(f"Model {promoted.id} decides now. `otklik models rollback` returns to the one before.")


def roll_back(target: Target, region: str, as_json: bool) -> None:
    """Return to the model before the current one."""
    with target.client("admin") as client:
        current = next(model for model in _read(client, region) if model.status == "current")
        if current.shipped:
            raise Failed(f"Region {region} uses the shipped model: there is none before it.")
        client.learning.roll_model_back(current.id, if_match=current)
        now = next(model for model in _read(client, region) if model.status == "current")
    if as_json:
        print_json(now.as_received())
    else:
        print_message(f"Model {now.id}{' (shipped)' if now.shipped else ''} decides again.")
