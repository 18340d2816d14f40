"""Which addresses are signed in at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tieline.auth import oauth
from tieline.auth.oauth.addresses import checked, replaced
from tieline.model import DocumentError, Route

CASES = yaml.safe_load((Path(__file__).parent / "data" / "addresses.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['url']} {case.get('server', '')}".strip())
def test_address(case: dict[str, str]) -> None:
    """Every case is used as it says, or refused with its reason."""
    if "used" in case:
        assert checked(case["url"], case.get("server", ""), Route()) == case["used"]
        return
    with pytest.raises(DocumentError) as caught:
        checked(case["url"], case.get("server", ""), Route())
    assert caught.value.finding.rule == "unsafe-sign-in-url"
    assert case["problem"] in caught.value.finding.message
    assert case.get("never", "never") not in caught.value.finding.message


def test_an_unsafe_address_gives_no_provider(provider: Any) -> None:
    """Every address of a provider is looked at, with its placeholders filled in."""
    good = "https://id.test/x"
    for name in ("authorizationUrl", "tokenUrl", "refreshUrl", "deviceAuthorizationUrl"):
        urls = dict.fromkeys(("authorizationUrl", "tokenUrl", "refreshUrl"), good) | {name: "https://{host}/x"}
        custom = {key: {"value": url} for key, url in urls.items()}
        case = {
            "settings": {"identityProvider": "oauth2", "clientId": "app-1", "customParameters": custom},
            "login": {"placeholders": {"host": "169.254.169.254"}},
        }
        with pytest.raises(DocumentError) as caught:
            provider(case)
        assert caught.value.finding.rule == "unsafe-sign-in-url"


@given(st.text(alphabet="htps:/.[]@?#%0x19 \\{}aé-", max_size=40) | st.text(max_size=40))
def test_any_address_is_used_or_refused(text: str) -> None:
    """No text makes anything but an address or the one error."""
    rule = "unsafe-sign-in-url"
    try:
        checked(text, "", Route())
    except DocumentError as error:
        rule = error.finding.rule
    assert rule == "unsafe-sign-in-url"
    assert isinstance(oauth.endpoint(text), str)


def test_a_login_server_in_its_own_place() -> None:
    """Nothing is said of an origin that the login server has already."""
    urls = ("http://127.0.0.1:1/a", "https://id.test/t")
    (said,) = replaced(urls, "http://127.0.0.1:1/", Route())
    assert said.message == 'sign-in goes to "http://127.0.0.1:1" in the place of "https://id.test"'
    assert replaced(urls[:1], "http://127.0.0.1:1", Route()) == ()
