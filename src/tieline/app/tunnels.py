"""How services on the internet reach webhook intake: the command lines of common tunnels."""

from __future__ import annotations

from collections.abc import Mapping

COMMANDS: Mapping[str, str] = {
    "cloudflared": "cloudflared tunnel --url http://127.0.0.1:{port}",
    "ngrok": "ngrok http {port}",
    "dev tunnels": "devtunnel host -p {port} --allow-anonymous",
    "tailscale": "tailscale funnel {port}",
    "ssh": "ssh -R 80:127.0.0.1:{port} nokey@localhost.run",
}
"""How each is started, with a gap for the port."""

TEXT = """\
Services on the internet reach this machine through a tunnel. Start one that leads to port {port}, then give its address
to tieline serve, for example: tieline serve --public-url https://NAME.trycloudflare.com

Only webhook intake answers on that port: gateway and control are never reached from outside.

{commands}

The address is part of each callback URL. When it changes: tieline triggers disable NAME, then tieline triggers resume
NAME, for each trigger that serve says has moved."""


def tunnels(port: int) -> dict[str, str]:
    """The command line that leads each tunnel to a port."""
    return {name: command.format(port=port) for name, command in COMMANDS.items()}


def tunnels_text(port: int) -> str:
    """The same for people, with what else there is to know."""
    lines = [f"{name:<13}  {command}" for name, command in tunnels(port).items()]
    return TEXT.format(port=port, commands="\n".join(lines))
