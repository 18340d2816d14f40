"""The vault's own small file."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tieline.model import DocumentError
from tieline.store.vault import Vault, decode, encode, find, use_key, vault_of

VAULT = Vault(id="1", salt="00", key="2")


def test_it_is_made_once(home: Path) -> None:
    """All who ask at the same time get the same one; it comes back with the key that is written down."""
    assert find(home) is None
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: vault_of(home).id, range(16)))
    assert len(made) == 1
    use_key(home, vault_of(home), "abc")
    found = find(home)
    assert found is not None
    assert (found.id, found.key) == (made.pop(), "abc")


@settings(max_examples=200)
@given(st.binary(max_size=100) | st.integers(0, len(encode(VAULT)) - 2).map(lambda end: encode(VAULT)[:end]))
def test_other_bytes_are_damage(data: bytes) -> None:
    """Any other bytes are refused, and the error names the file."""
    with pytest.raises(DocumentError, match=r"vault\.json"):
        decode(data, Path("vault.json"), Vault)
    assert decode(encode(VAULT), Path("vault.json"), Vault) == VAULT


def test_a_newer_one_is_refused(home: Path) -> None:
    """It says so, and the file stays."""
    home.mkdir()
    data = encode(VAULT).replace(b'"version": 1', b'"version": 2')
    (home / "vault.json").write_bytes(data)
    with pytest.raises(DocumentError, match="of version 2") as caught:
        vault_of(home)
    assert caught.value.finding.rule == "newer-store"
    assert (home / "vault.json").read_bytes() == data
