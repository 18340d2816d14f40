"""The pages that people see. They hold no script and load nothing; what they show of a request is text."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from html import escape

from starlette.responses import HTMLResponse, Response

_STYLE = """
:root { color-scheme: light dark; --ink: #1a2230; --soft: #566072; --paper: #fff; --back: #eef1f6; --line: #8a94a6;
  --main: #1f5fbf; --bad: #a3121f }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ecf3; --soft: #aab4c5; --paper: #1b222d; --back: #10151d;
  --line: #74809a; --main: #8ab4ff; --bad: #ff9aa2 } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem; background: var(--back);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif }
main { width: 100%; max-width: 26rem; padding: 2rem; background: var(--paper); border-radius: .75rem;
  box-shadow: 0 1px 2px #0003, 0 8px 24px #0002 }
h1 { margin: 0 0 .75rem; font-size: 1.4rem; line-height: 1.25 }
p { margin: 0 0 1rem } ul { margin: 0 0 1rem; padding-left: 1.25rem }
code, li { overflow-wrap: anywhere }
.soft { color: var(--soft); font-size: .9rem }
.bad { color: var(--bad); font-weight: 600 }
label { display: block; margin: 0 0 .25rem; font-weight: 600 }
input { width: 100%; margin: 0 0 1rem; padding: .6rem .7rem; font: inherit; color: inherit; background: transparent;
  border: 1px solid var(--line); border-radius: .4rem }
.answers { display: flex; gap: .75rem; margin-top: .5rem }
button { flex: 1; padding: .65rem 1rem; font: inherit; font-weight: 600; border-radius: .4rem; cursor: pointer;
  border: 1px solid var(--main); background: transparent; color: var(--main) }
button[value=allow] { background: var(--main); color: var(--paper) }
:focus-visible { outline: 3px solid var(--main); outline-offset: 2px }
"""

_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>{title}</h1>
{content}
</main>
</body>
</html>
"""

_FORM = """{complaint}<p><strong>{client}</strong> asks for:</p>
<ul>{wanted}</ul>
<form method="post">
{code}<label for="username">User name</label>
<input id="username" name="username" value="{user}" autocomplete="username" autocapitalize="none" required{first}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<div class="answers">
<button name="answer" value="allow">Allow</button>
<button name="answer" value="deny" formnovalidate>Deny</button>
</div>
</form>
"""

_CODE = """<label for="user_code">Code</label>
<input id="user_code" name="user_code" value="{code}" autocomplete="off" autocapitalize="characters" required{first}>
"""


def sign_in_page(
    client: str, wanted: Sequence[str], *, user: str = "", complaint: str = "", leads_to: str = ""
) -> Response:
    """The form to sign in and to allow or deny what an app asks for. ``leads_to``: the origin where it ends."""
    content = _FORM.format(
        complaint=_complaint(complaint),
        client=escape(client),
        wanted="".join(f"<li>{escape(each)}</li>" for each in wanted),
        code="",
        user=escape(user),
        first=" autofocus",
    )
    return _page("Sign in", content, status=403 if complaint else 200, forms=f"'self' {leads_to}".strip())


def device_page(fields: Mapping[str, str], complaint: str = "") -> Response:
    """The form to let a device in: its code, and who allows it."""
    content = _FORM.format(
        complaint=_complaint(complaint),
        client="A device",
        wanted="<li>to be signed in with your account</li>",
        code=_CODE.format(code=escape(fields.get("user_code", "")), first=" autofocus"),
        user=escape(fields.get("username", "")),
        first="",
    )
    return _page("Sign in a device", content, status=403 if complaint else 200)


def message_page(title: str, text: str, *, status: int = 200) -> Response:
    """A page that says something."""
    return _page(title, f"<p>{escape(text)}</p>", status=status)


def _complaint(text: str) -> str:
    return f'<p class="bad" role="alert">{escape(text)}</p>\n' if text else ""


def _page(title: str, content: str, *, status: int, forms: str = "'self'") -> Response:
    policy = (
        f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; frame-ancestors 'none'; form-action {forms}"
    )
    headers = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
    return HTMLResponse(_PAGE.format(title=escape(title), style=_STYLE, content=content), status, headers=headers)
