"""Options of every command that talks to a network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from ..app.network import NetworkOptions
from .options import FOLDER

__all__ = ["NetworkOptions", "network"]

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def network(command: Decorated) -> Decorated:
    """Timeouts, proxy and certificates, as ``app.network.NetworkOptions`` takes them."""
    for option in (
        click.option("--insecure", is_flag=True, help="Do not check the server's certificate."),
        click.option("--cert-password", metavar="TEXT", envvar="TIELINE_CERT_PASSWORD", help="Of the PFX or the key."),
        click.option("--cert-key", type=FOLDER, metavar="FILE", help="Key of a PEM client certificate, if separate."),
        click.option("--cert", type=FOLDER, metavar="FILE", help="Client certificate: PEM, PFX or P12."),
        click.option("--ca", type=FOLDER, metavar="FILE", help="CA certificates to trust besides the system's."),
        click.option("--proxy", metavar="URL", help="HTTP proxy; otherwise HTTP_PROXY, HTTPS_PROXY, NO_PROXY count."),
        click.option(
            "--timeout", type=click.FloatRange(0.001), metavar="SECONDS", help="For one request; 120 if not said."
        ),
    ):
        command = option(command)
    return command
