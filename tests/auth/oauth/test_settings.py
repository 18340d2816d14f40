"""The settings for what is not known of the platform."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from tieline.auth import oauth

PAGE = Path(__file__).resolve().parents[3] / "docs" / "sign-in.md"


def test_every_setting_is_on_the_page() -> None:
    """The page lists each setting, and no other."""
    table = PAGE.read_text(encoding="utf-8").partition("| setting |")[2].partition("\n\n")[0]
    listed = [line.split("`")[1] for line in table.splitlines() if line.startswith("| `")]
    assert listed == [field.name for field in fields(oauth.Settings)]
