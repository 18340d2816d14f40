"""Where a ``Location`` leads."""

from __future__ import annotations

import pytest

from tieline.triggers.location import location_of
from tieline.triggers.protocol import Called

URL = "https://api.example.com/v1/hooks"


@pytest.mark.parametrize(
    ("said", "server", "wanted"),
    [
        ("", "", ""),
        ("/v1/hooks/7", "", "https://api.example.com/v1/hooks/7"),
        ("7?a=b", "", "https://api.example.com/v1/7?a=b"),
        ("https://other.example.com/7", "http://localhost:8080", "https://other.example.com/7"),
        ("/api/hooks/7", "http://localhost:8080/api", "http://localhost:8080/api/hooks/7"),
        ("/v1/hooks/7", "http://localhost:8080/api", "https://api.example.com/v1/hooks/7"),
        ("http://[bad", "", "http://[bad"),
    ],
)
def test_location_of(said: str, server: str, wanted: str) -> None:
    """Relative ones count from the URL that was called, else from the server that stands in for it."""
    headers = (("location", said),) if said else ()
    assert location_of(Called(tag="t", status=201, headers=headers, url=URL), server) == wanted
