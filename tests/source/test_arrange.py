"""Elements of arrays in another order, as they are written."""

from __future__ import annotations

import pytest

from tieline.model import DocumentError
from tieline.source import read
from tieline.source.arrange import arrange

TEXTS = {
    "json": (
        '{"a": [\n  1, // one\n  {"x": 2 /* two */},\n  3\n], "b": {"c": ["u", "v"]}}',
        '{"a": [\n  3, // one\n  1,\n  {"x": 2 /* two */}\n], "b": {"c": ["v", "u"]}}',
    ),
    "yaml": (
        "a:\n  - 1\n  # between\n  - x: 2 # two\n    y: 3\n  - 3\nb: {c: [u, v]}\n",
        "a:\n  - 3\n  # between\n  - 1\n  - x: 2 # two\n    y: 3\nb: {c: [v, u]}\n",
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_arrange(name: str) -> None:
    """Elements of several arrays change places with what is written in them; what is between them stays."""
    before, after = TEXTS[name]
    document = read(before.encode(), "a")
    assert arrange(document, {("a",): [2, 0, 1], ("b", "c"): [1, 0]}).data.decode() == after
    assert document.data.decode() == before


@pytest.mark.parametrize(
    ("text", "order"), [("[1, 2]", [0]), ("[1, 2]", [0, 0]), ("a: &x [1, 2]\nb: *x\n", [1, 0]), ("[]", [0])]
)
def test_what_cannot_be_arranged(text: str, order: list[int]) -> None:
    """An order that is none of the array's, and an array that an alias shares, are refused."""
    keys = ("b",) if "&x" in text else ()
    with pytest.raises(DocumentError) as caught:
        arrange(read(text.encode(), "a"), {keys: order})
    assert caught.value.finding.rule == "edit-not-possible"
