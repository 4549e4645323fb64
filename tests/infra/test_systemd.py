"""The unit for one machine starts what there is, as nobody in particular, and lets it end in order. No systemd runs here."""

from __future__ import annotations

import shlex
from configparser import ConfigParser

from typer.main import get_command

from harness.databases import PROJECT
from infra.local.processes import STOP_GRACE
from otklik.cli.commands import app

FILE = PROJECT / "infra" / "systemd" / "otklik.service"
# Of systemd.unit(5), systemd.service(5), systemd.exec(5), systemd.kill(5); a misspelt directive is ignored by systemd, with a warning.
KNOWN = {
    "Unit": "Description After Wants StartLimitIntervalSec StartLimitBurst",
    "Service": "Type User Group EnvironmentFile ExecStart WorkingDirectory StateDirectory StateDirectoryMode Restart RestartSec "
    "KillMode TimeoutStopSec LimitNOFILE OOMPolicy NoNewPrivileges ProtectSystem ProtectHome PrivateTmp PrivateDevices "
    "ProtectKernelTunables ProtectKernelModules ProtectControlGroups RestrictSUIDSGID RestrictNamespaces "
    "RestrictAddressFamilies LockPersonality CapabilityBoundingSet UMask",
    "Install": "WantedBy",
}


def unit() -> ConfigParser:
    parsed = ConfigParser(interpolation=None, strict=True)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]
    parsed.read_string(FILE.read_text(encoding="utf-8"))
    return parsed


def test_every_directive_is_one() -> None:
    assert {name: set(section) for name, section in unit().items() if section} == {
        name: set(words.split()) for name, words in KNOWN.items()
    }


def test_it_starts_what_there_is() -> None:
    program, command, *options = shlex.split(unit()["Service"]["ExecStart"])
    assert program.endswith("/.venv/bin/otklik")
    known = get_command(app).commands[command]  # type: ignore[attr-defined]
    taken = {name for parameter in known.params for name in parameter.opts}
    given = dict(zip(options[::2], options[1::2], strict=True))
    assert given.keys() <= taken
    assert given["--home"] == f"/var/lib/{unit()['Service']['StateDirectory']}", (
        "the one place it may write to"
    )
    assert given["--host"] == "127.0.0.1", "callers come by a proxy"


def test_nobody_in_particular_and_in_order() -> None:
    service = unit()["Service"]
    assert service["User"] not in ("", "root")
    assert (service["NoNewPrivileges"], service["ProtectSystem"], service["CapabilityBoundingSet"]) == (
        "yes",
        "strict",
        "",
    )
    assert "AF_UNIX" in service["RestrictAddressFamilies"], "the processes reach each other by sockets"
    assert service["KillMode"] == "mixed", "only the supervisor is asked to end"
    assert int(service["TimeoutStopSec"]) > 3 * STOP_GRACE, (
        "gateway, services and servers, one after the other"
    )
    assert service["Type"] == "exec"
