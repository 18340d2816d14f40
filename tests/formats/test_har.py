"""HAR: complete, valid, and without secrets."""

from __future__ import annotations

import base64
import html
import json
import re
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.formats.har import write
from tieline.model import Exchange, Failure, Reply, Request, Secret, Timings, TraceEntry

SCHEMA = json.loads((Path(__file__).parent / "data" / "har" / "schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema_rs.Draft7Validator(SCHEMA, validate_formats=True)

TIMINGS = Timings(started=1_700_000_000.25, blocked=0.5, dns=-1, connect=2.5, send=0.25, wait=10, receive=1)


def har(*exchanges: Exchange) -> list[dict[str, Any]]:
    """The entries of a valid HAR."""
    written = write(exchanges, "1.2.3")
    assert written.endswith(b"\n")
    document = json.loads(written)
    errors = [f"{error.instance_path}: {error.message}" for error in VALIDATOR.iter_errors(document)]
    assert errors == []
    assert document["log"]["creator"] == {"name": "Tieline", "version": "1.2.3"}
    entries: list[dict[str, Any]] = document["log"]["entries"]
    return entries


def sent(request: Request, after: Reply | Failure, step: Any = "send") -> TraceEntry:
    reply, failure = (after, None) if isinstance(after, Reply) else (None, after)
    return TraceEntry(step=step, title="t", before=request, after=reply, failure=failure, timings=TIMINGS)


def test_whole_entry() -> None:
    """A call with everything in it becomes an entry with everything in it."""
    request = Request(
        method="POST",
        url="https://api.example.com/v1/items?tag=a%20b&tag=c+d&empty=&flag#part",
        headers=(
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("X-Twice", "1"),
            ("X-Twice", "2"),
            ("Cookie", "a=1; b"),
        ),
        body=b"name=Lamp+1&size=3%2F4",
    )
    reply = Reply(
        status=201,
        reason="Created",
        headers=(
            ("Content-Type", "application/json; charset=utf-8"),
            ("Location", "/v1/items/7"),
            ("Set-Cookie", "id=abc; Path=/; Domain=example.com; Secure; HttpOnly; SameSite=Lax"),
            ("Content-Encoding", "gzip"),
            ("Content-Length", "31"),
        ),
        body='{"name":"Lämpchen"}'.encode(),
    )
    [entry] = har(Exchange(operation="CreateItem", request=request, reply=reply, timings=TIMINGS))
    assert entry == {
        "startedDateTime": "2023-11-14T22:13:20.250+00:00",
        "time": 14.25,
        "request": {
            "method": "POST",
            "url": "https://api.example.com/v1/items?tag=a%20b&tag=c+d&empty=&flag#part",
            "httpVersion": "HTTP/1.1",
            "cookies": [{"name": "a", "value": "***"}, {"name": "b", "value": "***"}],
            "headers": [
                {"name": "Content-Type", "value": "application/x-www-form-urlencoded"},
                {"name": "X-Twice", "value": "1"},
                {"name": "X-Twice", "value": "2"},
                {"name": "Cookie", "value": "***"},
            ],
            "queryString": [
                {"name": "tag", "value": "a b"},
                {"name": "tag", "value": "c d"},
                {"name": "empty", "value": ""},
                {"name": "flag", "value": ""},
            ],
            "headersSize": -1,
            "bodySize": 22,
            "postData": {
                "mimeType": "application/x-www-form-urlencoded",
                "text": "name=Lamp+1&size=3%2F4",
                "params": [{"name": "name", "value": "Lamp 1"}, {"name": "size", "value": "3/4"}],
            },
        },
        "response": {
            "status": 201,
            "statusText": "Created",
            "httpVersion": "HTTP/1.1",
            "cookies": [
                {"name": "id", "value": "***", "path": "/", "domain": "example.com", "secure": True, "httpOnly": True}
            ],
            "headers": [
                {"name": "Content-Type", "value": "application/json; charset=utf-8"},
                {"name": "Location", "value": "/v1/items/7"},
                {"name": "Set-Cookie", "value": "***"},
                {"name": "Content-Encoding", "value": "gzip"},
                {"name": "Content-Length", "value": "31"},
            ],
            "content": {"size": 20, "mimeType": "application/json; charset=utf-8", "text": '{"name":"Lämpchen"}'},
            "redirectURL": "/v1/items/7",
            "headersSize": -1,
            "bodySize": 31,
        },
        "cache": {},
        "timings": {"blocked": 0.5, "dns": -1, "connect": 2.5, "ssl": -1, "send": 0.25, "wait": 10, "receive": 1},
        "_tieline": {"operation": "CreateItem", "step": "send"},
    }


def test_every_send_is_an_entry() -> None:
    """Tries, pages and sign-ins each have their entry in order; other steps and unsent calls have none."""
    request = Request(method="GET", url="https://api.example.com/")
    later = Request(method="GET", url="https://api.example.com/?page=2")
    trace = (
        TraceEntry(step="policy", title="changed", before=request, after=later),
        sent(request, Failure(kind="timeout", message='no reply from "api.example.com:443" within 120 s')),
        TraceEntry(step="check", title="fits", before=Reply(status=200), after=Reply(status=200)),
        sent(request, Reply(status=429)),
        sent(later, Reply(status=200)),
    )
    traced = Exchange(request=later, reply=Reply(status=200), trace=trace)
    entries = har(traced, Exchange(), Exchange(request=request, reply=Reply(status=204)))
    assert [entry["response"]["status"] for entry in entries] == [0, 429, 200, 204]
    assert [entry["request"]["url"][-1] for entry in entries] == ["/", "/", "2", "/"]
    assert entries[0]["response"]["_error"] == 'timeout: no reply from "api.example.com:443" within 120 s'


@pytest.mark.parametrize(
    ("content_type", "body", "content"),
    [
        ("application/json", b'{"a":1}', {"text": '{"a":1}'}),
        ("", b"plain", {"text": "plain"}),
        ("text/plain; charset=ISO-8859-1", b"Zo\xeb", {"text": "Zoë"}),
        ('text/plain; charset="utf-16"', "Zoë".encode("utf-16"), {"text": "Zoë"}),
        ("text/plain; charset=utf-8", b"Zo\xeb", {"text": "Wm/r", "encoding": "base64"}),
        ("text/plain; charset=nonsense", b"Zo\xeb", {"text": "Wm/r", "encoding": "base64"}),
        ("text/plain; charset=punycode", b"abc", {"text": "abc"}),
        ("image/png", b"\x89PNG\r\n", {"text": "iVBORw0K", "encoding": "base64"}),
        ("text/plain; charset=utf-16", b"\x00\xd8", {"text": "ANg=", "encoding": "base64"}),
        ("text/plain", b"", {}),
    ],
)
def test_bodies(content_type: str, body: bytes, content: dict[str, str]) -> None:
    """Text is text in its own charset, anything else is base64; in requests under a name that HAR allows."""
    headers = (("Content-Type", content_type),) if content_type else ()
    request = Request(method="PUT", url="http://h/", headers=headers, body=body)
    [entry] = har(Exchange(request=request, reply=Reply(status=200, headers=headers, body=body)))
    found = entry["response"]["content"]
    assert found == {"size": len(body), "mimeType": content_type, **content}
    if body:
        expected = {("_encoding" if name == "encoding" else name): value for name, value in content.items()}
        assert entry["request"]["postData"] == {"mimeType": content_type, **expected}


def test_secrets_by_name() -> None:
    """Headers and parameters that are known to hold secrets are hidden without anybody declaring them."""
    request = Request(
        method="POST",
        url="https://h/?sig=s3cr3t&a=1&API_KEY=s3cr3t",
        headers=(
            ("Authorization", "Bearer s3cr3t"),
            ("x-functions-key", "s3cr3t"),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ),
        body=b"client_secret=s3cr3t&b=2",
    )
    reply = Reply(
        status=302, headers=(("Location", "https://h/?sig=s3cr3t"), ("Link", "<https://h/?p=2&sig=s3cr3t>; rel=next"))
    )
    written = write([Exchange(request=request, reply=reply)], "1")
    assert b"s3cr3t" not in written
    assert b"Bearer ***" in written
    assert b"?sig=***&a=1&API_KEY=***" in written
    assert b"client_secret=***&b=2" in written


def test_bodies_of_a_sign_in_are_not_written() -> None:
    """What an identity provider is sent and answers is left out: nobody can know all that is secret in it."""
    request = Request(
        method="POST", url="https://login/", headers=(("Content-Type", "application/json"),), body=b'{"code":"xyz1"}'
    )
    reply = Reply(status=200, body=b'{"token":"abc1"}')
    written = write([Exchange(trace=(sent(request, reply, "credential"), sent(request, reply, "refresh")))], "1")
    assert b"xyz1" not in written
    assert b"abc1" not in written


FORMS = {
    "as it is": lambda text: text,
    "percent": lambda text: quote(text, safe=""),
    "percent, all of it": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "percent, lower case": lambda text: re.sub("%..", lambda match: match[0].lower(), quote(text, safe="")),
    "percent, twice": lambda text: quote(quote(text, safe=""), safe=""),
    "percent, but for a few": lambda text: quote(text, safe="=+!$'()*,;:@/?"),
    "form": quote_plus,
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON, UTF-8": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "JSON of PHP": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "HTML": html.escape,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 of URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
}
"""Ways in which a message writes a text."""


SECRETS = [
    "correct-horse-battery",
    "p@ss w/ö+rd=1&2?",
    'quote"back\\slash',
    "ab/cd+ef==",
    "<tag>&amp;'",
    "100%25",
    "ключ-от-дома",
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("secret", SECRETS)
def test_no_form_of_a_secret_is_written(secret: str, form: str) -> None:
    """Whatever way a secret is written, and wherever it stands, it is not in the output."""
    text = FORMS[form](secret)
    where = text if "percent" in form or form == "form" else quote(text, safe="")
    request = Request(
        method="POST",
        url=f"https://api.example.com/in/{where}/path?key={where}&other=1#{where}",
        headers=(
            ("X-Own", f"before {text} after"),
            ("Referer", f"https://h/?a={where}"),
            ("Content-Type", "text/plain"),
        ),
        body=f'{{"value": "{text}"}}'.encode(),
    )
    form_request = Request(
        method="POST",
        url="https://api.example.com/",
        headers=(("Content-Type", "application/x-www-form-urlencoded"),),
        body=f"a=1&b={where}".encode(),
    )
    reply = Reply(
        status=400,
        reason=f"Bad {text}",
        headers=(("Location", f"https://h/{where}?a={where}"), ("Content-Type", "application/json")),
        body=f'{{"echo": "{text}"}}'.encode(),
    )
    binary = Reply(status=200, body=b"\xff\xfe\x00" + text.encode() + b"\xff")
    trace = (
        sent(request, reply),
        sent(form_request, binary),
        sent(request, Failure(kind="protocol", message=f"what {text} sent is not HTTP")),
    )
    exchange = Exchange(operation="Echo", request=request, reply=reply, trace=trace, secrets=(Secret(secret),))
    assert leaks(har(exchange), {secret, text, where}) == []


def leaks(value: Any, wanted: set[str], path: str = "") -> list[str]:
    """Places in a HAR whose text, as it is or decoded in any usual way, holds one of the wanted texts."""
    if isinstance(value, dict):
        return [leak for key, child in value.items() for leak in leaks(child, wanted, f"{path}/{key}")]
    if isinstance(value, list):
        return [leak for index, child in enumerate(value) for leak in leaks(child, wanted, f"{path}/{index}")]
    if not isinstance(value, str):
        return []
    readings = {value, unquote_plus(value), unquote_plus(unquote_plus(value)), html.unescape(value)}
    if path.endswith("/text"):
        with suppress(ValueError):
            readings.add(base64.b64decode(value, validate=True).decode("utf-8", "replace"))
    return [f"{path}: {value}" for reading in readings if any(text in reading for text in wanted)]


@pytest.mark.parametrize("secret", ["k", "abc"])
def test_short_secrets_are_hidden_where_they_stand_alone(secret: str) -> None:
    """A secret of a letter or two is hidden as a value of its own, and the rest stays readable."""
    request = Request(
        method="POST",
        url=f"https://h/{secret}/kabc?q={secret}&r=kabc",
        headers=(("X-Own-Key", secret), ("Content-Type", "application/x-www-form-urlencoded")),
        body=f"f={secret}&g=kabc".encode(),
    )
    [entry] = har(Exchange(request=request, reply=Reply(status=200, body=secret.encode()), secrets=(Secret(secret),)))
    written = entry["request"]
    assert written["url"] == "https://h/***/kabc?q=***&r=kabc"
    assert written["headers"][0]["value"] == "***"
    assert written["postData"]["text"] == "f=***&g=kabc"
    assert entry["response"]["content"]["text"] == "***"


HEADERS = st.lists(st.tuples(st.text(max_size=12), st.text(max_size=20)), max_size=4).map(tuple)


@given(
    st.builds(
        Request, method=st.text(max_size=5), url=st.text(max_size=40), headers=HEADERS, body=st.binary(max_size=40)
    ),
    st.builds(
        Reply, status=st.integers(100, 599), reason=st.text(max_size=9), headers=HEADERS, body=st.binary(max_size=40)
    ),
    st.lists(st.text(max_size=8), max_size=3),
)
def test_any_exchange(request: Request, reply: Reply, secrets: list[str]) -> None:
    """Any request and reply is written as valid HAR."""
    exchange = Exchange(request=request, reply=reply, secrets=tuple(Secret(secret) for secret in secrets))
    assert len(har(exchange)) == 1


@given(
    st.sampled_from(["text/plain", "application/x-www-form-urlencoded", "image/png", "text/plain; charset=utf-16"]),
    st.binary(max_size=60),
    st.sampled_from(["set-cookie", "cookie", "location", "content-length"]),
    st.text(max_size=30),
)
def test_any_body(content_type: str, body: bytes, name: str, value: str) -> None:
    """Any body under any type, and anything in the headers that are looked into, is written as valid HAR."""
    headers = (("Content-Type", content_type), (name, value), ("Content-Encoding", "gzip"))
    request = Request(method="PUT", url="http://h/", headers=headers, body=body)
    assert len(har(Exchange(request=request, reply=Reply(status=200, headers=headers, body=body)))) == 1
