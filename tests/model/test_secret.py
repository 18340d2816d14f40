"""Secrets do not show."""

from __future__ import annotations

import base64
import html
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from tieline.model import HIDDEN, Connection, Login, Redactor, Secret
from tieline.policy.url import in_path, literal

VALUES = st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=0x2FF), min_size=4, max_size=30)


@given(VALUES)
def test_a_secret_never_shows_itself(value: str) -> None:
    """Neither ``repr`` nor ``str`` nor formatting gives a secret out."""
    secret = Secret(value)
    assert str(secret) == HIDDEN
    assert f"{secret}" == HIDDEN
    assert secret.reveal() == value
    assert repr(secret) == f"Secret({HIDDEN})"


@given(VALUES, st.sampled_from(["plain", "once", "twice", "base64", "path", "url", "header", "html"]))
def test_a_redactor_hides_every_form(value: str, form: str) -> None:
    """As it is, percent-encoded once, twice and as paths and URLs are, in base64, as a header came, and in HTML."""
    forms = {
        "plain": value,
        "once": quote(value, safe=""),
        "twice": quote(quote(value, safe=""), safe=""),
        "base64": base64.b64encode(value.encode()).decode(),
        "path": in_path(value),
        "url": literal(value),
        "header": value.encode().decode("latin-1"),
        "html": html.escape(value, quote=False),
    }
    hidden = Redactor([Secret(value)]).text(f"<<{forms[form]}>>")
    assert HIDDEN in hidden
    assert forms[form] not in hidden.replace(HIDDEN, "")


def test_headers_that_hold_secrets_are_hidden_by_name() -> None:
    """Also where nobody declared the value secret; a scheme stays readable."""
    assert Redactor().header("Authorization", "Bearer abc") == f"Bearer {HIDDEN}"
    assert Redactor().header("x-api-key", "abc") == HIDDEN
    assert Redactor().header("Accept", "text/plain") == "text/plain"


def test_a_secret_that_is_a_whole_header_is_hidden_whole() -> None:
    """Also a short one, and one with a space in it, whose first word looks like a scheme."""
    redactor = Redactor([Secret("correct horse"), Secret("k1")])
    assert redactor.header("Authorization", "correct horse") == HIDDEN
    assert redactor.header("X-Unit", "k1") == HIDDEN
    assert redactor.header("X-Unit", "k12") == "k12"


def test_placeholders_of_a_sign_in_may_be_secrets() -> None:
    """No value of a placeholder stands in a repr; those with names of secrets are hidden everywhere."""
    login = Login(placeholders={"tenant": "contoso", "api_key": "s3cret-key"})
    assert "contoso" not in repr(login)
    assert Connection(login=login).secrets == (Secret("s3cret-key"),)
