"""The servers of the embedded runtime as `otklik up` starts them, not the quick ones of the other tests."""

from collections.abc import Iterator

import pytest

from infra.local.embedded import EmbeddedServers, embedded_servers
from tests.infra.watching import processes_of


@pytest.fixture(scope="module")
def own_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServers]:
    home = tmp_path_factory.mktemp("shared") / "home"
    with embedded_servers(home) as started:
        yield started
    assert processes_of(home) == []
