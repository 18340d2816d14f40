"""Any bytes of an identity provider are tokens, codes or an error without secrets."""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.auth import oauth
from tieline.auth.oauth.replies import LARGEST, Hider
from tieline.model import Reply, Request, Secret, Sent, ServiceError

SECRET, CODE = "client-secret-1", "the-code-77"
NAMES = st.sampled_from(
    ["access_token", "refresh_token", "expires_in", "error", "error_description", "device_code", "interval"]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from([SECRET, CODE, "eyJhbGciOiJub25lIn0.eyJhIjoxfQ.x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
BODIES = (
    st.binary(max_size=200)
    | st.dictionaries(NAMES, VALUES, max_size=6).map(lambda value: json.dumps(value).encode())
    | st.text(alphabet='access_token=&error%20{}[]<>"', max_size=60).map(str.encode)
    | st.sampled_from(
        [b"<title>" + SECRET.encode() + b"</title>", CODE.encode(), b"[" * 5000, b"1" * 5000, b"\xff\xfe"]
    )
)
REASONS = st.text(max_size=10) | st.sampled_from([SECRET, f"no {CODE}", "eyJhbGciOiJub25lIn0.eyJhIjoxfQ.x"])
SETTINGS = {
    "identityProvider": "oauth2",
    "clientId": "app-1",
    "customParameters": {
        "authorizationUrl": {"value": "https://id.test/a"},
        "tokenUrl": {"value": "https://id.test/t"},
        "deviceAuthorizationUrl": {"value": "https://id.test/d"},
    },
}


def answered(asking: Generator[Request, Sent, Any], reply: Reply) -> Any:
    """What comes of a generator when every request gets this reply."""
    try:
        next(asking)
        while True:
            asking.send(Sent(reply=reply))
    except StopIteration as stop:
        return stop.value


def outcome(asking: Generator[Request, Sent, Any], reply: Reply) -> Any:
    """The same, or the error that it ends with."""
    try:
        return answered(asking, reply)
    except ServiceError as error:
        return error


@pytest.fixture(scope="module")
def ready(provider: Any) -> oauth.Provider:
    """A provider with a secret."""
    found: oauth.Provider = provider({"settings": SETTINGS, "login": {"client_secret": SECRET}})
    return found


@given(status=st.sampled_from([200, 201, 204, 302, 400, 401, 403, 429, 500]), reason=REASONS, body=BODIES)
def test_any_reply_is_tokens_or_an_error(ready: oauth.Provider, status: int, reason: str, body: bytes) -> None:
    """Whatever comes back, there are tokens or a ServiceError that holds no secret and no control character."""
    reply = Reply(status=status, reason=reason, body=body)
    device = oauth.Device(code=Secret(CODE), user_code="AB", verification_url="https://id.test/")
    for asking, sent in (
        (oauth.redeem(ready, CODE, "http://127.0.0.1/"), (SECRET, CODE)),
        (oauth.device(ready), (SECRET,)),
        (oauth.device_tokens(ready, device), (SECRET, CODE)),
    ):
        found = outcome(asking, reply)
        if isinstance(found, ServiceError):
            told = f"{found.finding.message} {found.finding.remedy}"
            assert found.finding.rule in {"sign-in-refused", "sign-in-reply", "sign-in-unavailable"}
            assert not any(secret in told for secret in (*sent, "eyJ"))
            assert told.isprintable()
            assert len(told) < 2500
        else:
            assert isinstance(found, oauth.Tokens | oauth.Device | oauth.Pending)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_replies_in_other_encodings(ready: oauth.Provider, encoding: str) -> None:
    """Tokens and words are read as they were meant, with a byte order mark or without."""
    tokens = answered(
        oauth.refresh(ready, Secret("rt-1")), Reply(status=200, body='{"access_token": "ü"}'.encode(encoding))
    )
    assert tokens.access_token.reveal() == "ü"
    body = '{"error": "x", "error_description": "ungültig"}'.encode(encoding)
    error = outcome(oauth.refresh(ready, Secret("rt-1")), Reply(status=400, body=body))
    assert "x: ungültig" in error.finding.message


def test_a_huge_reply_is_not_read(ready: oauth.Provider) -> None:
    """A reply of more than a mebibyte is no answer, even with a token in it."""
    body = json.dumps({"access_token": "x" * LARGEST}).encode()
    with pytest.raises(ServiceError) as caught:
        answered(oauth.refresh(ready, Secret("rt-1")), Reply(status=200, body=body))
    assert caught.value.finding.rule == "sign-in-reply"
    assert "a reply of 1,0" in caught.value.finding.message


def test_short_secrets_are_hidden_as_words() -> None:
    """A secret of three characters hides where it stands alone, and not inside other words."""
    assert Hider([Secret("abc")]).text("abc is not abcd; abc") == "*** is not abcd; ***"


def test_words_are_capped() -> None:
    """A provider cannot fill the screen."""
    assert len(Hider(()).text("word " * 1000)) <= 401
