"""Starting a mock: from a source as the user has it to a server that runs until it is stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..model import Finding
from .load import is_url, load_connector, load_source
from .mock import Got, prepare
from .network import NetworkOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class MockOptions:
    """Where a mock listens."""

    port: int = 8322
    """0 takes a free one."""
    bind: str = "127.0.0.1"
    """Address to listen on; loopback unless asked."""
    network: NetworkOptions = NetworkOptions()
    """For a description that is fetched by URL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A mock that answers."""

    url: str
    title: str
    operations: int
    findings: tuple[Finding, ...] = ()
    """What is wrong with the files."""


def serve_mock(source: str, options: MockOptions, *, started: Callable[[Served], None], got: Got) -> None:
    """Serve a mock of a connector folder or a description until Ctrl-C or SIGTERM.

    ``started`` is told when it answers, ``got`` of each request. Raises DocumentError for a source that cannot be used,
    ServiceError when it cannot be fetched or the port is taken.
    """
    from ..net.listener import ListenOptions, serve

    if is_url(source):
        from ..net.driver import run_sync

        connector = run_sync(load_source(source, options.network))
    else:
        connector = load_connector(Path(source))
    mock = prepare(connector, got=got)
    found = connector.findings
    serve(
        mock.app,
        ListenOptions(host=options.bind, port=options.port, hosts=mock.hosts),
        ready=lambda url: started(Served(url=url, title=mock.title, operations=mock.operations, findings=found)),
    )
