"""The step in the browser: what comes back from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tieline.auth import oauth
from tieline.model import DocumentError, ServiceError

CASES = yaml.safe_load((Path(__file__).parent / "data" / "redirects.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["url"] or "nothing")
def test_redirect(case: dict[str, str]) -> None:
    """Every case gives its code or its error, which never holds a code."""
    if "code" in case:
        assert oauth.returned(case["url"], "st-1") == case["code"]
        return
    with pytest.raises(ServiceError) as caught:
        oauth.returned(case["url"], "st-1")
    assert (caught.value.finding.rule, caught.value.finding.message) == (case["rule"], case["message"])
    assert caught.value.finding.remedy == case.get("remedy", caught.value.finding.remedy)
    assert "c1" not in str(caught.value.finding)


def test_an_empty_state_fits_nothing() -> None:
    """A sign-in that never began cannot be completed."""
    with pytest.raises(ServiceError, match="does not belong"):
        oauth.returned("?code=c1&state=", "")


@given(st.text(max_size=80) | st.text(alphabet="code=state&?#%+st-1/:error", max_size=60))
def test_any_redirect_gives_a_code_or_an_error(text: str) -> None:
    """No text makes anything but a code or one of the three errors."""
    rule = ""
    try:
        assert oauth.returned(text, "st-1")
    except ServiceError as error:
        rule = error.finding.rule
    assert rule in {"", "wrong-state", "sign-in-refused", "no-code"}


def test_challenge_is_that_of_the_standard() -> None:
    """RFC 7636, appendix B."""
    assert (
        oauth.challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    )


def test_a_provider_without_sign_in_page_opens_nothing(provider: Any) -> None:
    """A grant without browser has no address to open."""
    custom = {
        "tokenUrlTemplate": {"value": "https://id.test/token"},
        "tokenBodyTemplate": {"value": "grant_type=client_credentials"},
    }
    found = provider({"settings": {"identityProvider": "oauth2generic", "customParameters": custom}})
    with pytest.raises(DocumentError, match="without a browser"):
        oauth.authorization(found, redirect_url="http://127.0.0.1/", state="st-1")
