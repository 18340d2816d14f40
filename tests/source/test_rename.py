"""Members of objects that get another key, with all that is written in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tieline.model import DocumentError, Route
from tieline.source import dump, read
from tieline.source.rename import rename

CASES = yaml.safe_load((Path(__file__).parent / "data" / "renames.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])
def test_rename(case: dict[str, Any]) -> None:
    """The text has the new key and is otherwise as it was, or the rename is refused."""
    document = read(case["text"].encode(), "a")
    route = Route("", tuple(case["at"]))
    if "error" in case:
        with pytest.raises(DocumentError) as caught:
            rename(document, route, case["key"])
        assert caught.value.finding.rule == "edit-not-possible"
        assert case["error"] in caught.value.finding.message
    else:
        assert rename(document, route, case["key"]).data.decode() == case["gives"]


def test_bytes_around_stay() -> None:
    """The mark of a file, its line ends and its encoding are as before."""
    before = '\ufeff{\r\n\t"ä": {} // x\r\n}'.encode("utf-16-le")
    after = '\ufeff{\r\n\t"ö": {} // x\r\n}'.encode("utf-16-le")
    assert rename(read(before, "a"), Route("", ("ä",)), "ö").data == after


OBJECTS = st.dictionaries(st.text(max_size=4), st.integers() | st.text(max_size=3), min_size=1, max_size=4)


@settings(max_examples=200, deadline=None)
@given(OBJECTS, st.text(max_size=6), st.booleans(), st.data())
def test_any_key(value: dict[str, Any], key: str, as_yaml: bool, data: st.DataObject) -> None:
    """Whatever the keys are, the value is the one with the other key in the same place, or nothing is changed."""
    old = data.draw(st.sampled_from(list(value)))
    text = yaml.safe_dump(value, sort_keys=False, allow_unicode=True).encode() if as_yaml else dump(value)
    try:
        document = read(text, "a")
        found = rename(document, Route("", (old,)), key).value
    except DocumentError:
        return
    assert list(found.items()) == [(key if own == old else own, item) for own, item in document.value.items()]
