"""Conversations with identity providers: what is sent, what comes back, what becomes of it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tieline.auth import oauth
from tieline.model import Failure, Reply, Request, Secret, Sent, TielineError

DATA = Path(__file__).parent / "data"
CASES = yaml.safe_load((DATA / "conversations.yaml").read_text(encoding="utf-8"))["cases"]
DEVICE = oauth.Device(code=Secret("dev-code-1"), user_code="ABCD-1234", verification_url="https://id.test/device")


def asking(case: dict[str, Any], provider: oauth.Provider, connection: Any) -> Generator[Request, Sent, Any]:
    """The generator that a case names."""
    name, *rest = case["do"]
    if name == "redeem":
        return oauth.redeem(provider, *rest)
    if name == "renewed":
        return oauth.renewed(provider, connection)
    if name == "device_tokens":
        return oauth.device_tokens(provider, DEVICE)
    if name == "password":
        return oauth.password(provider, rest[0], Secret(rest[1]))
    simple: dict[str, Callable[..., Generator[Request, Sent, Any]]] = {
        "refresh": oauth.refresh,
        "on_behalf_of": oauth.on_behalf_of,
        "client_credentials": oauth.client_credentials,
        "device": oauth.device,
    }
    return simple[name](provider, *(Secret(text) for text in rest))


def sent_of(step: dict[str, Any]) -> Sent:
    """The reply of a step: status and body (JSON for anything but text), or a failure."""
    if "failure" in step:
        return Sent(failure=Failure(kind="connect", message=step["failure"], remedy="is it running?"))
    status, body, *headers = step["reply"]
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return Sent(reply=Reply(status=status, body=data, headers=tuple(tuple(pair) for pair in headers)))


def shown(request: Request) -> dict[str, Any]:
    """A request as cases write it."""
    out: dict[str, Any] = {"send": f"{request.method} {request.url}", "body": request.body.decode()}
    assert request.header("content-type") == "application/x-www-form-urlencoded"
    basic = request.header("authorization")
    if basic is not None:
        out["basic"] = base64.b64decode(basic.removeprefix("Basic ")).decode()
    return out


def told(result: Any) -> dict[str, Any]:
    """A result with its secrets, as cases write it."""
    names = list(type(result).__dataclass_fields__)
    values = {name: getattr(result, name) for name in names}
    plain = {name: value.reveal() if isinstance(value, Secret) else value for name, value in values.items()}
    return {name: value for name, value in plain.items() if value not in (None, "")}


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])
def test_conversation(case: dict[str, Any], inputs: Any, provider: Any) -> None:
    """Every case sends exactly what it says and ends as it says."""
    _, connection, _ = inputs(case)
    steps = list(case.get("steps", []))
    try:
        generator = asking(case, provider(case), connection)
        request = next(generator)
        while True:
            step = steps.pop(0) if steps else pytest.fail(f"nothing more should be sent, but {shown(request)}")
            expected = {name: step[name] for name in ("send", "body", "basic") if name in step}
            assert shown(request) == expected
            request = generator.send(sent_of(step))
    except StopIteration as stop:
        ended = {"result": told(stop.value)}
    except TielineError as error:
        finding = error.finding
        ended = {"error": {"rule": finding.rule, "message": finding.message, "remedy": finding.remedy}}
        assert not [word for word in case.get("never", []) if word in str(finding)]
    assert ended == {name: case[name] for name in ("result", "error") if name in case}
    assert not steps, "not everything was sent"
