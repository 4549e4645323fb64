"""A hundred thousand dirty rows, killed in the middle: nothing is doubled, every refused row says why, memory stays flat."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness import system as systems
from harness.system import System
from tests.conftest import size
from tests.journeys.steps import until
from tests.otklik.dirty.cases import HEADER
from tests.otklik.workbooks import Cell, merged_workbook

REGION = "31"
MOST_MEGABYTES = 512
TITLE = "Отчёт по инцидентам, Белгородская область"
TEXT = "[id77|Пётр], на улице яма &#128545; у дома {n}, [club1|Белгород сегодня] писал об этом. " * 4


@dataclass
class Export:
    """Rows of an export: what is right in it, and by which column the others are refused."""

    rows: int
    refused: dict[int, str] = field(default_factory=dict)

    def lines(self) -> Iterator[list[str]]:
        """Every row; a few of them dirty."""
        for n in range(1, self.rows + 1):
            row = [
                f"И-{REGION}-{n}", f"{n % 28 + 1:02}.{n % 10 + 1:02}.2025 10:05", f"{n % 28 + 1:02}.{n % 10 + 1:02}.2025 18:00", "Дороги",
                f"Ямы {n % 7}", "Город Белгород", "Ленина", str(n % 90 + 1), "Комитет дорог", "Решено", TEXT.format(n=n),
            ]  # fmt: skip
            for every, place, wrong in (
                (53, 1, "30.02.2025"),
                (89, 9, "Не решено"),
                (97, 8, ""),
                (101, 4, "#Н/Д"),
            ):
                if n % every == 0 and n not in self.refused:
                    row[place] = wrong
                    self.refused[n] = HEADER[place].lower()
            yield row


@dataclass(frozen=True)
class Ran:
    """How a command ended, what it printed, and the most memory it has taken."""

    code: int
    result: dict[str, Any]
    megabytes: float


def command(*words: object) -> list[str]:
    """A command of the command line."""
    return [sys.executable, "-m", "otklik", *map(str, words), "--region", REGION, "--json"]


def environment(system: System) -> dict[str, str]:
    """Which system it speaks to."""
    return {**os.environ, "OTKLIK_URL": system.url, "OTKLIK_HOME": str(system.home)}


def start(system: System, *words: object) -> subprocess.Popen[str]:
    """A command that goes on."""
    return subprocess.Popen(
        command(*words),
        cwd=systems.PROJECT,
        env=environment(system),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


# A child's own most memory begins with its parent's: what the command takes is measured by a small parent.
MEASURED = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:])
_, status, usage = os.wait4(process.pid, 0)
print(usage.ru_maxrss, file=sys.stderr)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def ran(system: System, *words: object) -> Ran:
    """The same to its end."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *command(*words)],
        cwd=systems.PROJECT,
        env=environment(system),
        capture_output=True,
        text=True,
        check=False,
    )
    kilobytes = int(done.stderr.rstrip().rsplit("\n", 1)[-1])
    return Ran(done.returncode, json.loads(done.stdout or "{}"), kilobytes / 1024)


def reached(state: Path) -> int:
    """The row up to which everything was sent, as the file beside says."""
    try:
        return int(json.loads(state.read_text())["row"])
    except FileNotFoundError:
        return 0


def write_text(file: Path, export: Export) -> None:
    """As Excel writes it: cp1251, semicolons, titles over the header, totals below."""
    with file.open("w", encoding="cp1251", newline="") as content:
        writer = csv.writer(content, delimiter=";")
        writer.writerow([TITLE, *[""] * 10])
        writer.writerow([])
        writer.writerow(HEADER)
        writer.writerows(export.lines())
        writer.writerow(["Итого", export.rows, *[""] * 9])


def refused_rows(file: Path) -> dict[int, str]:
    """Row → column, of the file beside; every one has its reason."""
    with file.with_name(f"{file.name}.refused.csv").open(encoding="utf-8-sig", newline="") as content:
        lines = list(csv.DictReader(content, delimiter=";"))
    assert all(line["причина"] for line in lines)
    assert len({line["запись"] for line in lines}) == len(lines), "no row is refused twice"
    return {int(line["запись"]): line["столбец"] for line in lines}


def test_a_killed_import_goes_on_where_it_was(
    system: System, tmp_path: Path, proof: Callable[..., None]
) -> None:
    file, export = tmp_path / "выгрузка.csv", Export(size(1_100, 100_000))
    write_text(file, export)
    state = file.with_name(f"{file.name}.sending.json")
    killed = start(system, "import-history", file, "--yes", "--wait", "0")
    until(lambda: killed.poll() is not None or reached(state) >= export.rows // 3, size(60, 3600))
    assert killed.poll() is None, "it was over before it could be killed"
    killed.send_signal(signal.SIGKILL)
    killed.communicate()  # waits, and closes the pipe
    assert killed.returncode == -signal.SIGKILL
    again = ran(system, "import-history", file, "--yes", "--wait", "0")
    assert again.result["resumed_after"] >= export.rows // 3
    assert (again.code, again.result["refused"]) == (1, len(export.refused))
    assert again.result["left_out"] == 1
    assert refused_rows(file) == export.refused
    assert not state.exists()
    taken = export.rows - len(export.refused)
    admin = system.account("admin")
    path = f"/api/v1/imports/{again.result['import_id']}"
    # The masking worker counts them.
    until(lambda: admin.get(path).json().get("cases") == taken, size(60, 3600))
    once_more = ran(system, "import-history", file, "--yes", "--wait", "0")
    outcome = {name: once_more.result[name] for name in ("created", "existing", "refused")}
    assert outcome == {"created": 0, "existing": taken, "refused": len(export.refused)}
    most = max(again.megabytes, once_more.megabytes)
    assert most <= MOST_MEGABYTES
    proof(rows=export.rows, refused=len(export.refused), doubled=0, megabytes=round(most))


def test_a_workbook_with_merged_cells_is_read_in_flat_memory(
    system: System, tmp_path: Path, proof: Callable[..., None]
) -> None:
    file, export = tmp_path / "выгрузка.xlsx", Export(size(1_000, 100_000))
    rows: list[list[Cell]] = [[TITLE], [], list(HEADER)]
    rows += [[cell or None for cell in line] for line in export.lines()]
    merged = ["A1:K1", *(f"D{line}:D{line + 4}" for line in range(4, export.rows, 5))]
    file.write_bytes(merged_workbook(rows, merged))
    dry = ran(system, "import-history", file, "--dry-run")
    assert (dry.code, dry.result["refused"]) == (1, len(export.refused))
    assert dry.result["preset"]["name"] == "im"
    assert refused_rows(file) == export.refused
    assert dry.megabytes <= MOST_MEGABYTES
    proof(rows=export.rows, refused=len(export.refused), megabytes=round(dry.megabytes))
