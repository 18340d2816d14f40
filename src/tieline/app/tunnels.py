"""How services on the internet reach webhook intake: the command lines of common tunnels."""

from __future__ import annotations

TUNNELS = """\
Services on the internet reach this machine through a tunnel. Start one that leads to port {port}, then give its address
to tieline serve, for example: tieline serve --public-url https://NAME.trycloudflare.com

Only webhook intake answers on that port: gateway and control are never reached from outside.

cloudflared    cloudflared tunnel --url http://127.0.0.1:{port}
ngrok          ngrok http {port}
dev tunnels    devtunnel host -p {port} --allow-anonymous
tailscale      tailscale funnel {port}
ssh            ssh -R 80:127.0.0.1:{port} nokey@localhost.run

The address is part of each callback URL: when it changes, disable the triggers and enable them again."""
"""Text with a gap for the port."""
