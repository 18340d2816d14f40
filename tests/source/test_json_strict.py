"""The fast path: what it takes, and what it must leave to the tolerant reader."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tieline.source import Limits
from tieline.source.json_strict import NotPlain, depth, loads, tree
from tieline.source.tree import Node

NO_LIMITS = Limits()

pairs = st.recursive(
    st.sampled_from(["", '"', ':"', "a", "b", 1, 2.5, None, "\\", '":']),
    lambda children: (
        st.lists(children, max_size=3) | st.lists(st.tuples(st.sampled_from('ab":'), children), max_size=3).map(tuple)
    ),
    max_leaves=10,
)


def written(value: Any, escape: bool) -> tuple[str, bool]:
    """JSON text of a value whose objects are tuples of pairs, and whether a key occurs twice in one of them."""
    if isinstance(value, tuple) and all(isinstance(pair, tuple) and len(pair) == 2 for pair in value):
        parts = [(key, *written(item, escape)) for key, item in value]
        text = "{" + ", ".join(f"{written(key, escape)[0]} : {item}" for key, item, _ in parts) + "}"
        return text, len({key for key, _ in value}) < len(value) or any(twice for *_, twice in parts)
    if isinstance(value, list):
        parts = [written(item, escape) for item in value]
        return "[" + ",".join(text for text, _ in parts) + "]", any(twice for _, twice in parts)
    text = json.dumps(value)
    return text.replace('\\"', "\\u0022").replace(":", "\\u003a") if escape else text, False


@given(pairs, st.booleans())
@settings(deadline=None, max_examples=500)
def test_duplicate_keys_are_never_missed(value: Any, escape: bool) -> None:
    """Text with a key that occurs twice is never taken, whatever quotes, colons and escapes stand around it."""
    text, twice = written(value, escape)
    if twice:
        with pytest.raises(NotPlain):
            loads(text.encode(), NO_LIMITS)
    elif not escape:
        assert loads(text.encode(), NO_LIMITS) == json.loads(text)


@given(st.integers(min_value=-(10**30), max_value=10**30), st.integers(min_value=0, max_value=12))
@settings(deadline=None)
def test_integers_are_never_rounded(number: int, before: int) -> None:
    """An integer is taken exactly, or not at all, wherever in the text its digits begin."""
    text = "[" + " " * before + str(number) + "]"
    try:
        value = loads(text.encode(), NO_LIMITS)
    except NotPlain:
        assert not -(2**63) <= number < 2**64
    else:
        assert value == [number]
        assert type(value[0]) is int


@pytest.mark.parametrize("text", ["[1,]", "\ufeff[]", "", "[1e999]", '"\\ud800"', "nan", "[1] 2"])
def test_not_plain(text: str) -> None:
    """What is no strict JSON is left to the tolerant reader."""
    with pytest.raises(NotPlain):
        loads(text.encode(), NO_LIMITS)


def test_depth() -> None:
    """A scalar has no level, each container adds one."""
    assert [depth(value) for value in (1, [], {"a": 1}, [[1], {"a": []}])] == [0, 1, 1, 3]


def test_tree() -> None:
    """The tree finds the place of every key, value and element of strict JSON."""
    text = ' {"a\\n": [1, {"b" : "]}"} , []], "c":{}, "c": -2.5e3}\n'

    def shown(node: Node) -> Any:
        if node.kind == "scalar":
            return text[node.start : node.end]
        if node.kind == "array":
            return [shown(member.node) for member in node.members]
        return [(member.key, text[member.start : member.key_end], shown(member.node)) for member in node.members]

    assert shown(tree(text)) == [
        ("a\n", '"a\\n"', ["1", [("b", '"b"', '"]}"')], []]),
        ("c", '"c"', []),
        ("c", '"c"', "-2.5e3"),
    ]
