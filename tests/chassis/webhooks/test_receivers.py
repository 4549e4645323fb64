"""Calling addresses that others choose, on real sockets of this machine."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from chassis.webhooks import receivers as module
from chassis.webhooks.receivers import CannotBeCalled, Receivers
from chassis.webhooks.rules.addresses import parse_networks
from chassis.webhooks.rules.retrying import CallResult
from harness.certificates import write_certificate
from harness.receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@asynccontextmanager
async def opened(
    listed: str = "", resolver: Callable[[str, int], Sequence[str]] | None = None
) -> AsyncIterator[Receivers]:
    made = Receivers(parse_networks(listed), resolver or module.resolve)
    yield made
    await made.close()


def always(*addresses: str) -> Callable[[str, int], Sequence[str]]:
    return lambda host, port: addresses


async def test_a_listed_network_is_called_without_tls(receiver: Receiver) -> None:
    async with opened("127.0.0.0/8") as receivers:
        assert await receivers.call(receiver.url("/a?b=1"), {"webhook-id": "x"}, b"{}") == CallResult(200)
    (call,) = receiver.received
    assert (call.path, call.body, call.id) == ("/a?b=1", b"{}", "x")
    assert call.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert call.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "0x7f.1", "127.1", "localhost", "[::ffff:127.0.0.1]"]
)
async def test_this_machine_is_not_called_however_it_is_written(receiver: Receiver, host: str) -> None:
    """By its decimal number, too: what counts is what a name resolves to."""

    def resolver(name: str, port: int) -> Sequence[str]:
        if ":" in name:
            return [name]
        return module.resolve(name if name == "localhost" else socket.inet_ntoa(socket.inet_aton(name)), port)

    async with opened(resolver=resolver) as receivers:
        for scheme in ("http", "https"):
            url = f"{scheme}://{host}:{receiver.port}/"
            assert await receivers.call(url, {}, b"{}") == CallResult(problem="address_refused")
            with pytest.raises(CannotBeCalled):
                await receivers.find(url)
    assert receiver.received == []


async def test_a_name_that_was_public_when_it_was_registered_is_judged_at_every_call(
    receiver: Receiver,
) -> None:
    """DNS rebinding: the second look-up gives another address than the first."""
    answers = iter([["93.184.215.14"], ["127.0.0.1"], ["93.184.215.14", "127.0.0.1"]])
    async with opened(resolver=lambda host, port: next(answers)) as receivers:
        url = f"https://hooks.example.org:{receiver.port}/"
        target = await receivers.find(url)
        assert [each.host for each in target.urls] == [
            "93.184.215.14"
        ]  # what is connected to is what was judged
        assert (target.host, target.authority) == ("hooks.example.org", f"hooks.example.org:{receiver.port}")
        assert await receivers.call(url, {}, b"{}") == CallResult(problem="address_refused")
        assert await receivers.call(url, {}, b"{}") == CallResult(problem="address_refused")
    assert receiver.received == []


async def test_a_public_address_is_not_called_without_tls() -> None:
    async with opened(resolver=always("93.184.215.14")) as receivers:
        with pytest.raises(CannotBeCalled) as refused:
            await receivers.find("http://hooks.example.org/")
    assert refused.value.problem == "address_refused"


async def test_a_certificate_is_that_of_the_name_though_the_address_is_connected_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, tls = write_certificate(tmp_path, "hooks.example.org")
    with receiving(tls=tls) as receiver:
        for trusted, host, result in (
            (True, "hooks.example.org", CallResult(200)),
            (True, "other.example.org", CallResult(problem="tls")),
            (False, "hooks.example.org", CallResult(problem="tls")),
        ):
            monkeypatch.setenv("SSL_CERT_FILE", str(file if trusted else tmp_path / "none.pem"))
            async with opened("127.0.0.0/8", resolver=always("127.0.0.1")) as receivers:
                assert await receivers.call(f"https://{host}:{receiver.port}/", {}, b"{}") == result
        assert len(receiver.received) == 1


async def test_names_in_cyrillic_are_resolved_by_their_ascii_form() -> None:
    asked: list[str] = []

    def resolver(host: str, port: int) -> Sequence[str]:
        asked.append(f"{host}:{port}")
        return ["93.184.215.14", "2a02:6b8::2:242"]

    async with opened(resolver=resolver) as receivers:
        target = await receivers.find("https://портал.рф/hook")
    assert asked == [f"{'портал.рф'.encode('idna').decode()}:443"]
    assert [str(each) for each in target.urls] == [
        "https://93.184.215.14/hook",
        "https://[2a02:6b8::2:242]/hook",
    ]
    assert target.host.startswith("xn--")


async def test_redirects_are_not_followed(receiver: Receiver) -> None:
    receiver.status, receiver.location = 307, "http://169.254.169.254/latest/meta-data"
    async with opened("127.0.0.0/8") as receivers:
        assert await receivers.call(receiver.url(), {}, b"{}") == CallResult(307, "redirect")
    assert len(receiver.received) == 1


async def test_who_does_not_answer_costs_ten_seconds_at_most(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert module.TIMEOUT_SECONDS == 10
    monkeypatch.setattr(module, "TIMEOUT_SECONDS", 0.2)
    receiver.gate.clear()
    async with opened("127.0.0.0/8") as receivers:
        assert await receivers.call(receiver.url(), {}, b"{}") == CallResult(problem="timeout")


async def test_what_else_goes_wrong_is_named(receiver: Receiver) -> None:
    def nobody(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(-2, "Name or service not known")

    async with opened("127.0.0.0/8", resolver=nobody) as receivers:
        assert await receivers.call("https://nobody.example/", {}, b"{}") == CallResult(problem="no_address")
    async with opened("127.0.0.0/8") as receivers:
        tls = await receivers.call(receiver.url().replace("http:", "https:"), {}, b"{}")
        with socket.create_server(("127.0.0.1", 0)) as taken:
            closed = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        assert await receivers.call(closed, {}, b"{}") == CallResult(problem="no_connection")
    assert tls == CallResult(problem="tls")


async def test_the_next_address_is_tried_where_the_first_takes_no_connection(receiver: Receiver) -> None:
    async with opened("127.0.0.0/8", resolver=always("127.0.0.2", "127.0.0.1")) as receivers:
        result = await receivers.call(receiver.url(host="two.example.org"), {}, b"{}")
    assert result == CallResult(200)
    assert receiver.received[0].headers["host"] == f"two.example.org:{receiver.port}"
