"""The JSON Schemas of all events as files: a change of a published event without a new version fails."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from infra.flows import EVENTS

FOLDER = Path(__file__).parent / "schemas"


def schema_of(event: Any) -> dict[str, Any]:
    """The schema of an event's data and its subject."""
    schema: dict[str, Any] = event.model_json_schema()
    schema["$id"] = event.SUBJECT
    return schema


def stored(event: Any) -> dict[str, Any] | None:
    """The schema as it was published, or None for a new event."""
    file = FOLDER / f"{event.SUBJECT}.json"
    return json.loads(file.read_text()) if file.exists() else None


def breaks(old: dict[str, Any], new: dict[str, Any], where: str = "") -> list[str]:
    """How `new` breaks readers or writers of `old`: removed or retyped fields, new required ones."""
    found = []
    old_fields, new_fields = old.get("properties", {}), new.get("properties", {})
    for name, definition in old_fields.items():
        if name not in new_fields:
            found.append(f"{where}{name}: removed")
        elif {
            k: v for k, v in definition.items() if k in ("type", "$ref", "format", "anyOf", "items", "enum")
        } != {
            k: v
            for k, v in new_fields[name].items()
            if k in ("type", "$ref", "format", "anyOf", "items", "enum")
        }:
            found.append(f"{where}{name}: another type")
    found += [
        f"{where}{name}: newly required"
        for name in set(new.get("required", [])) - set(old.get("required", []))
    ]
    for name, definition in old.get("$defs", {}).items():
        found += breaks(definition, new.get("$defs", {}).get(name, {}), f"{where}{name}.")
    return found


def problems() -> list[str]:
    """What is wrong with the contracts now, compared with the stored files."""
    found = []
    for event in EVENTS:
        old, new = stored(event), schema_of(event)
        if old is None:
            found.append(f"{event.SUBJECT}: no stored schema; run `python -m tests.contracts.schemas`")
        elif broken := breaks(old, new):
            found += [f"{event.SUBJECT}: {line} – make a .v2 instead" for line in broken]
        elif old != new:
            found.append(
                f"{event.SUBJECT}: grew; run `python -m tests.contracts.schemas` and commit the file"
            )
    known = {event.SUBJECT for event in EVENTS}
    found += [
        f"{file.stem}: its event class is gone" for file in FOLDER.glob("*.json") if file.stem not in known
    ]
    return found


def main() -> int:
    """Store the schemas (refusing breaking changes), or with --check only compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    if parser.parse_args().check:
        found = problems()
        sys.stderr.writelines(f"{line}\n" for line in found)
        return 1 if found else 0
    FOLDER.mkdir(exist_ok=True)
    for event in EVENTS:
        old = stored(event)
        if old is not None and (broken := breaks(old, schema_of(event))):
            sys.stderr.write(f"{event.SUBJECT}: {broken}\n")
            return 1
        (FOLDER / f"{event.SUBJECT}.json").write_text(
            json.dumps(schema_of(event), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
