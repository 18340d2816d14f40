"""Errors carry findings, and names suggest their neighbours."""

from __future__ import annotations

from tieline.model import DocumentError, Finding, Route, Severity, did_you_mean, nearest


def test_an_error_is_a_finding() -> None:
    """Rule, place and remedy are on it, and more findings may come with it."""
    more = Finding(rule="b", route=Route(), message="n")
    error = DocumentError("a", "m", remedy="r", route=Route("d"), more=(more,))
    assert error.finding.severity is Severity.ERROR
    assert [finding.rule for finding in error.findings] == ["a", "b"]
    assert str(error) == "m"


def test_names() -> None:
    """The nearest names, whatever their case; else the known ones."""
    assert nearest("getproducts", ["GetProducts", "Other"]) == ("GetProducts",)
    assert did_you_mean("GetProdukts", ["GetProducts", "Zeta"]) == 'did you mean "GetProducts"?'
    assert did_you_mean("x", ["Alpha", "Beta"]) == 'known are "Alpha", "Beta"'
    assert did_you_mean("x", []) == ""
    assert did_you_mean("x", [f"Long{n}" for n in range(20)]).endswith("and 8 more")
