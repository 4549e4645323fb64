"""Write the generated half of `clients/python`, or with --check compare it."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from infra.client_code.document import Document
from infra.client_code.groups import ASYNC, SYNC, index, module
from infra.client_code.methods import Methods
from infra.client_code.models import Models, tags_of
from infra.client_code.naming import module_name
from infra.published import published_document

PROJECT: Final = Path(__file__).resolve().parents[2]
PACKAGE: Final = PROJECT / "clients" / "python" / "otklik_client"
# Written by hand in folders that hold nothing else of that kind.
_BY_HAND: Final = "base.py"


def texts(document: Document) -> Iterator[tuple[str, str]]:
    """Path below the package, and content."""
    models = Models(document)
    yield "models/__init__.py", models.index()
    for place in models.modules:
        yield f"models/{place}.py", models.module(place)
    methods = Methods(document, models)
    found = [method for operation in document.operations for method in methods.of(operation)]
    used = set(tags_of(document.operations))
    tags = {tag: about for tag, about in document.tags.items() if tag in used}
    for flavour in (SYNC, ASYNC):
        yield f"{flavour.package}/__init__.py", index(flavour, tags)
        for tag, about in tags.items():
            here = [method for method in found if method.operation.tag == tag]
            yield f"{flavour.package}/{module_name(tag)}.py", module(flavour, tag, about, here, models)


def write(folder: Path) -> None:
    """All files, in the form that the rest has."""
    for path, text in texts(Document(published_document())):
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    ruff = [str(Path(sys.executable).with_name("ruff"))]
    configured = ["--quiet", "--no-cache", "--config", str(PROJECT / "pyproject.toml")]
    unused = ["check", "--select", "F401,I,RUF022", "--fix", *configured]
    for command in (unused, ["format", *configured]):
        subprocess.run([*ruff, *command, str(folder)], check=True, stdout=sys.stderr)


def _generated(folder: Path) -> dict[str, str]:
    return {
        file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8")
        for kind in ("models", SYNC.package, ASYNC.package)
        for file in sorted((folder / kind).glob("*.py"))
        if file.name != _BY_HAND
    }


def main() -> int:
    """1 when --check finds a difference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail when it is not up to date")
    is_check = parser.parse_args().check
    with tempfile.TemporaryDirectory() as place:
        write(Path(place))
        wanted, kept = _generated(Path(place)), _generated(PACKAGE)
    if not is_check:
        for path in kept.keys() - wanted.keys():
            (PACKAGE / path).unlink()
        for path, text in wanted.items():
            file = PACKAGE / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return 0
    stale = sorted(path for path in wanted.keys() | kept.keys() if wanted.get(path) != kept.get(path))
    if stale:
        sys.stderr.write(f"clients/python is stale ({', '.join(stale)}): python -m infra.client_code\n")
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
