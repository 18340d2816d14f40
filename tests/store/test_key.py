"""The vault's key: what it seals, and where it comes from."""

from __future__ import annotations

import base64
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tieline.model import DocumentError, StoredConnection
from tieline.store.connections import ConnectionStore
from tieline.store.key import IN_KEYRING, Key, Unsealable, forget_key, keep_key, key_of, key_of_text, key_status

RAW = bytes(range(32))
KEY = Key(RAW)


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[tuple[str, str], str]]:
    """Puts a keyring in the place of the system's; gives what it holds."""
    pytest.importorskip("keyring")
    from keyring.backend import KeyringBackend
    from keyring.errors import PasswordDeleteError

    def put(failure: Exception | None = None, forgets: bool = False) -> dict[tuple[str, str], str]:
        held: dict[tuple[str, str], str] = {}

        class Ring(KeyringBackend):
            priority = 1  # type: ignore[assignment]

            def get_password(self, service: str, username: str) -> str | None:
                if failure is not None:
                    raise failure
                return held.get((service, username))

            def set_password(self, service: str, username: str, password: str) -> None:
                if failure is not None:
                    raise failure
                if not forgets:
                    held[service, username] = password

            def delete_password(self, service: str, username: str) -> None:
                if (service, username) not in held:
                    raise PasswordDeleteError
                del held[service, username]

        monkeypatch.setattr("keyring.core._keyring_backend", Ring())
        return held

    return put


@given(st.binary(), st.binary())
def test_what_was_sealed_opens_with_its_place_alone(data: bytes, place: bytes) -> None:
    """With the same associated data the same bytes come out; with other associated data or another key nothing does."""
    sealed = KEY.seal(data, place)
    assert KEY.open(sealed, place) == data
    assert KEY.seal(data, place) != sealed
    with pytest.raises(Unsealable):
        KEY.open(sealed, place + b"x")
    with pytest.raises(Unsealable):
        Key(bytes(32)).open(sealed, place)


@given(st.binary(max_size=60))
def test_nothing_else_opens(data: bytes) -> None:
    """Any other bytes, also too few for a nonce, raise the one error."""
    with pytest.raises(Unsealable):
        KEY.open(data, b"")


def test_a_key_does_not_show_itself() -> None:
    """Neither its text nor its bytes stand in ``repr``."""
    assert repr(KEY) == f"Key({KEY.id}, ***)"
    assert KEY.text() not in repr(KEY)
    assert Key(RAW).id == KEY.id != Key(bytes(32)).id


@pytest.mark.parametrize(
    "text",
    [
        RAW.hex(),
        RAW.hex().upper(),
        base64.b64encode(RAW).decode(),
        base64.urlsafe_b64encode(RAW).decode().rstrip("="),
        f" {RAW.hex()}\n",
    ],
)
def test_a_key_in_the_environment(home: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """32 bytes in hex or base64 are the key itself, and nothing is written."""
    monkeypatch.setenv("TIELINE_KEY", text)
    assert key_of(home).id == KEY.id
    assert key_of(home).source == "TIELINE_KEY"
    assert not home.exists()


def test_a_passphrase_in_the_environment(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full: StoredConnection
) -> None:
    """The same passphrase gives the same key for one vault, another for another vault; no key file is written."""
    monkeypatch.setenv("TIELINE_KEY", "correct horse ü")
    first = key_of(home)
    assert key_of(home).id == first.id
    assert key_of(tmp_path / "other").id != first.id
    ConnectionStore(home).save(full)
    assert not (home / "key").exists()
    assert ConnectionStore(home).load("full").connection == full.connection


@settings(max_examples=5, deadline=None)
@given(st.text(min_size=1, max_size=50))
def test_any_text_is_a_key(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Whatever somebody chooses as a passphrase gives a key of 32 bytes."""
    key = key_of_text(tmp_path_factory.mktemp("home"), text)
    assert key.open(key.seal(b"a", b""), b"") == b"a"


def test_a_key_file_is_made_for_its_owner(home: Path) -> None:
    """Without keyring a key is made once, in a file that only its owner may read."""
    made = key_of(home)
    assert made.source == f'the file "{home / "key"}"'
    assert key_of(home).id == made.id
    if os.name != "nt":
        assert (home / "key").stat().st_mode & 0o777 == 0o600
        assert home.stat().st_mode & 0o777 == 0o700


def test_all_who_ask_at_once_get_one_key(home: Path) -> None:
    """Nobody works with a key that another one's key has replaced."""
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: key_of(home).id, range(16)))) == 1


def test_an_empty_variable_is_none(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``TIELINE_KEY=`` is as good as no variable."""
    monkeypatch.setenv("TIELINE_KEY", "")
    assert key_of(home).source.startswith("the file")


def test_the_keyring_comes_before_the_file(home: Path, ring: Callable[..., dict[tuple[str, str], str]]) -> None:
    """A usable keyring keeps the key, and no file does."""
    held = ring()
    made = key_of(home)
    assert made.source == IN_KEYRING
    assert list(held.values()) == [made.text()]
    assert not (home / "key").exists()
    assert key_of(home).id == made.id
    forget_key(home)
    assert held == {}


@pytest.mark.parametrize("failure", [RuntimeError("no bus: s3cret"), KeyError("x"), OSError(5, "x")])
def test_a_keyring_that_fails_is_passed_over(
    home: Path, ring: Callable[..., dict[tuple[str, str], str]], failure: Exception
) -> None:
    """Whatever a backend raises, the file is used, and doctor says what kind of error it was."""
    ring(failure=failure)
    assert key_of(home).source.startswith("the file")
    assert key_of(home).source.startswith("the file")
    status = key_status(home)
    assert type(failure).__name__ in status.keyring
    assert "s3cret" not in status.keyring


def test_a_keyring_that_forgets_is_passed_over(home: Path, ring: Callable[..., dict[tuple[str, str], str]]) -> None:
    """A keyring that takes a key and keeps nothing, as the null backend does, is not trusted with one."""
    ring(forgets=True)
    assert key_of(home).source.startswith("the file")


def test_without_the_package_the_file_is_used(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra ``keyring`` is not needed, and its absence is said."""
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert key_of(home).source.startswith("the file")
    assert "tieline[keyring]" in key_status(home).keyring


def test_a_key_of_a_keyring_that_is_gone_is_not_replaced(
    home: Path, ring: Callable[..., dict[tuple[str, str], str]], full: StoredConnection
) -> None:
    """A locked keyring is an error, not a reason for a new key that opens nothing; unlocked, all is well again."""
    held = ring()
    ConnectionStore(home).save(full)
    before = dict(held)
    ring(failure=RuntimeError("locked"))
    with pytest.raises(DocumentError) as caught:
        key_of(home)
    assert caught.value.finding.rule == "no-key"
    assert "RuntimeError" in caught.value.finding.message
    assert not (home / "key").exists()
    (entry,) = ConnectionStore(home).entries()
    assert entry.name == "full"
    assert entry.unreadable is not None
    assert entry.unreadable.rule == "no-key"
    ring().update(before)
    assert ConnectionStore(home).load("full").connection == full.connection


def test_of_two_kept_keys_the_vaults_own_is_used(
    home: Path, ring: Callable[..., dict[tuple[str, str], str]], full: StoredConnection
) -> None:
    """A key file stays the key when a keyring comes to hold another one."""
    key_of(home)
    ConnectionStore(home).save(full)
    file = (home / "key").read_bytes()
    ring()
    keep_key(home, Key.random())
    (home / "key").write_bytes(file)
    assert key_of(home).source.startswith("the file")
    assert ConnectionStore(home).load("full").connection == full.connection


@pytest.mark.parametrize("data", [b"", b"\n", b"abc", RAW, b"\xff" * 44, b"A" * 200_000])
def test_a_damaged_key_file(home: Path, data: bytes) -> None:
    """A key file that holds no key is said to, and stays as it is."""
    home.mkdir()
    (home / "key").write_bytes(data)
    with pytest.raises(DocumentError) as caught:
        key_of(home)
    assert caught.value.finding.rule in ("damaged-key", "damaged-file")
    assert str(home / "key") in caught.value.finding.message
    assert (home / "key").read_bytes() == data


def test_status_makes_nothing(home: Path) -> None:
    """Looking where the key is leaves no trace."""
    status = key_status(home)
    assert (status.source, status.needed, status.open_file) == ("", False, False)
    assert not home.exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_a_key_file_that_others_read_is_noticed(home: Path) -> None:
    """Permissions that somebody widened are part of the status."""
    key_of(home)
    assert not key_status(home).open_file
    (home / "key").chmod(0o644)
    assert key_status(home).open_file
