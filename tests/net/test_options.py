"""The settings of a transport."""

from __future__ import annotations

import pytest

from tieline.model import DocumentError, Secret
from tieline.net.options import TransportOptions


@pytest.mark.parametrize("name", ["timeout", "connect_timeout", "max_reply", "max_connections"])
@pytest.mark.parametrize("value", [0, -1, float("nan")])
def test_a_limit_cannot_be_switched_off_by_accident(name: str, value: float) -> None:
    """A limit that is no number above zero is refused by its name."""
    with pytest.raises(DocumentError, match=f'"{name}" is'):
        TransportOptions(**{name: value})


def test_password_is_not_shown() -> None:
    """The password of a certificate is not in what a debugger or a log shows."""
    assert "hunter22" not in repr(TransportOptions(client_password=Secret("hunter22")))
