"""The store of connections, with real files and real processes."""

from __future__ import annotations

import gc
import json
import logging
import os
import shutil
import subprocess
import sys
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tieline.model import ConnectionState, DocumentError, Grant, Secret, ServiceError, StoredConnection
from tieline.model.secret import forms_of
from tieline.store.connections import ConnectionStore, default_store
from tieline.store.key import Key

Made = Callable[..., StoredConnection]


def only_file(home: Path) -> Path:
    """The file of the only connection."""
    (file,) = (home / "connections").glob("*.json")
    return file


def rule_of(action: Callable[[], object]) -> str:
    """The rule of the error that an action raises."""
    with pytest.raises((DocumentError, ServiceError)) as caught:
        action()
    assert caught.value.finding.remedy
    return caught.value.finding.rule


def processes(code: str, home: Path, *arguments: str) -> list[subprocess.Popen[str]]:
    """One process for each argument, all running at the same time."""
    env = {**os.environ, "TIELINE_HOME": str(home)}
    command = [sys.executable, "-c", SETUP + code]
    return [
        subprocess.Popen([*command, argument], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for argument in arguments
    ]


def ended(running: list[subprocess.Popen[str]]) -> None:
    """Let all processes begin, and wait until all have done their work."""
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.close()
    for process in running:
        assert process.stdout is not None
        said = process.stdout.read()
        process.stdout.close()
        assert process.wait(60) == 0, said


SETUP = """
import sys
from dataclasses import replace
from tieline.model import Connection, Secret, StoredConnection
from tieline.store.connections import default_store
store = default_store()
me = sys.argv[1]
def made(name, value="v"):
    return StoredConnection(connection=Connection(name=name, values={"n": Secret(value)}), connector="Inventory")
sys.stdin.readline()
"""


def test_a_connection_is_kept(home: Path, key: Key, full: StoredConnection) -> None:
    """All of it comes back, in another process's store, with its times."""
    ConnectionStore(home, lambda: key, now=lambda: 1_800_000_000.5).save(full)
    loaded = ConnectionStore(home, lambda: key).load("full")
    assert loaded == replace(full, changed=1_800_000_000.5)
    assert loaded.connection.login == full.connection.login
    (entry,) = ConnectionStore(home, lambda: key).entries()
    assert (entry.name, entry.connector, entry.state) == ("full", "Inventory", ConnectionState.BROKEN)
    assert (entry.grant, entry.expires, entry.unreadable) == ("authorization_code", 1_700_003_600.5, None)
    assert (entry.created, entry.changed) == (1_700_000_000.0, 1_800_000_000.5)


def test_times_of_a_new_connection(home: Path, key: Key, made: Made) -> None:
    """It is created when it is first saved, and changed whenever it is saved."""
    clock = iter((10.0, 20.0))
    store = ConnectionStore(home, lambda: key, now=lambda: next(clock))
    store.save(made("a"))
    store.save(store.load("a"))
    assert (store.load("a").created, store.load("a").changed) == (10.0, 20.0)


def test_an_empty_store_makes_nothing(store: ConnectionStore, home: Path) -> None:
    """Looking into a store that was never used leaves no trace."""
    assert (store.names(), store.entries()) == ((), ())
    assert rule_of(lambda: store.load("a")) == "unknown-connection"
    assert rule_of(lambda: store.remove("a")) == "unknown-connection"
    assert not home.exists()


def test_the_default_store_is_in_the_home(home: Path, made: Made) -> None:
    """``TIELINE_HOME`` names the folder."""
    default_store().save(made("a"))
    assert only_file(home).is_file()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_files_are_the_owners(store: ConnectionStore, home: Path, full: StoredConnection) -> None:
    """Every file is 0600 and every folder 0700, whatever the umask."""
    before = os.umask(0)
    try:
        store.save(full)
        store.rotate(Key.random())
    finally:
        os.umask(before)
    modes = {path: path.stat().st_mode & 0o777 for path in (home, *home.rglob("*"))}
    assert {path: mode for path, mode in modes.items() if mode != (0o700 if path.is_dir() else 0o600)} == {}


def test_names_are_the_same_in_any_case(store: ConnectionStore, home: Path, made: Made) -> None:
    """One connection for ``Prod``, ``PROD`` and ``prod``; saving writes the new spelling."""
    store.save(made("Prod", "1"))
    store.save(made("PROD", "2"))
    assert store.names() == ("PROD",)
    assert store.load("prod").connection.value("api_key") == "2"
    assert only_file(home).is_file()


@pytest.mark.parametrize("name", ["Müller GmbH", "在庫", "prod (2)", "COM1", "€", "naïve\u0301", "🐟"])
def test_names_in_any_script(store: ConnectionStore, home: Path, made: Made, name: str) -> None:
    """A name is kept as written and never is the name of a file."""
    store.save(made(name))
    assert store.load(name).connection.name == name
    assert only_file(home).stem.isalnum()
    assert only_file(home).stem.isascii()


def test_bad_names_are_not_saved(store: ConnectionStore, home: Path, made: Made) -> None:
    """Neither by saving nor by renaming."""
    assert rule_of(lambda: store.save(made("../a"))) == "bad-connection-name"
    store.save(made("a"))
    assert rule_of(lambda: store.rename("a", "b\n")) == "bad-connection-name"
    assert store.names() == ("a",)


def test_rename(store: ConnectionStore, home: Path, made: Made) -> None:
    """The connection is the same under its new name, also one that differs in case alone; a taken name is refused."""
    store.save(made("a"))
    store.save(made("b"))
    file = next(file for file in (home / "connections").iterdir() if json.loads(file.read_bytes())["name"] == "a")
    store.rename("A", "c")
    store.rename("c", "C")
    assert store.names() == ("b", "C")
    assert store.load("c").connection.value("api_key") == "value-of-a"
    assert json.loads(file.read_bytes())["name"] == "C"
    assert rule_of(lambda: store.rename("C", "B")) == "name-taken"
    assert rule_of(lambda: store.rename("x", "y")) == "unknown-connection"
    assert store.names() == ("b", "C")


def test_remove(store: ConnectionStore, made: Made) -> None:
    """What was removed is gone, in any spelling; the others stay."""
    for name in ("a", "b"):
        store.save(made(name))
    store.remove("A")
    assert store.names() == ("b",)
    assert rule_of(lambda: store.load("a")) == "unknown-connection"


def test_a_misspelt_name(store: ConnectionStore, made: Made) -> None:
    """The nearest names are offered."""
    store.save(made("inventory-prod"))
    with pytest.raises(DocumentError) as caught:
        store.load("inventroy-prod")
    assert caught.value.finding.remedy == 'did you mean "inventory-prod"?'


def test_another_key_opens_nothing(store: ConnectionStore, home: Path, made: Made) -> None:
    """It is told apart from damage, it saves nothing that the first key would not open, and removing is possible."""
    store.save(made("a"))
    other = ConnectionStore(home, lambda: Key(bytes(32), "TIELINE_KEY"))
    with pytest.raises(DocumentError, match="from TIELINE_KEY") as caught:
        other.load("a")
    assert caught.value.finding.rule == "wrong-key"
    (entry,) = other.entries()
    assert entry.unreadable is not None
    assert (entry.name, entry.connector, entry.unreadable.rule) == ("a", "Inventory", "wrong-key")
    before = only_file(home).read_bytes()
    assert rule_of(lambda: other.save(made("a"))) == "wrong-key"
    assert rule_of(lambda: other.save(made("b"))) == "wrong-key"
    assert rule_of(lambda: other.rotate(Key.random())) == "wrong-key"
    assert only_file(home).read_bytes() == before
    other.remove("a")
    other.save(made("b"))
    assert other.names() == ("b",)


def test_wrong_passphrase(home: Path, made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """The right one works again afterwards."""
    monkeypatch.setenv("TIELINE_KEY", "one")
    ConnectionStore(home).save(made("a"))
    monkeypatch.setenv("TIELINE_KEY", "two")
    assert rule_of(lambda: ConnectionStore(home).load("a")) == "wrong-key"
    monkeypatch.delenv("TIELINE_KEY")
    assert rule_of(lambda: ConnectionStore(home).load("a")) == "no-key"
    monkeypatch.setenv("TIELINE_KEY", "one")
    assert ConnectionStore(home).load("a").connection.value("api_key") == "value-of-a"


def test_without_its_salt_a_passphrase_is_not_tried(home: Path, made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lost or damaged file of the vault is said to be that, and no other one takes its place."""
    monkeypatch.setenv("TIELINE_KEY", "one")
    ConnectionStore(home).save(made("a"))
    whole = (home / "vault.json").read_bytes()
    for data in (
        None,
        b"",
        whole[:40],
        whole.replace(b"salt", b"selt"),
        whole.replace(b'salt": "', b'salt": "x'),
        whole.replace(b'n": 1', b'n": 2'),
    ):
        if data is None:
            (home / "vault.json").unlink()
        else:
            (home / "vault.json").write_bytes(data)
        assert rule_of(lambda: ConnectionStore(home).load("a")) in ("damaged-vault", "newer-store")
        assert (home / "vault.json").read_bytes() == data if data is not None else not (home / "vault.json").exists()
    (home / "vault.json").write_bytes(whole)
    assert ConnectionStore(home).load("a").connection.value("api_key") == "value-of-a"


def damage(home: Path) -> dict[str, str]:
    """Puts all kinds of damage beside the connection ``good``; gives file name -> expected rule."""
    folder = home / "connections"
    good = only_file(home)
    (folder / "garbage.json").write_bytes(b"\x00\xffnot json")
    (folder / "empty.json").write_bytes(b"")
    (folder / "huge.json").write_bytes(b" " * 4_000_001)
    (folder / "list.json").write_bytes(b"[]")
    (folder / "folder.json").mkdir()
    shutil.copy(good, folder / "copy.json")
    newer = json.loads(good.read_bytes())
    (folder / "newer.json").write_text(json.dumps({**newer, "id": "newer", "version": 99, "name": "newer"}), "utf-8")
    cut = json.dumps({**newer, "id": "cut", "name": "cut", "sealed": newer["sealed"][:-8]})
    (folder / "cut.json").write_text(cut, encoding="utf-8")
    (folder / "notes.txt").write_text("not a record", encoding="utf-8")
    names = {"newer": "newer-store", "cut": "damaged-connection"}
    files = ("garbage.json", "empty.json", "huge.json", "list.json", "folder.json", "copy.json")
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / "pipe.json")
        files = (*files, "pipe.json")
    return {**names, **dict.fromkeys(files, "damaged-connection")}


def test_damage_hides_no_other_connection(store: ConnectionStore, home: Path, made: Made) -> None:
    """Every kind of damage is listed, with its file and what to do; the good connection is as it was."""
    store.save(made("good"))
    expected = damage(home)
    found = {entry.name: entry.unreadable for entry in store.entries()}
    assert {name: finding.rule for name, finding in found.items() if finding} == expected
    assert found["good"] is None
    assert set(store.names()) == {"good", *expected}
    assert store.load("GOOD").connection.value("api_key") == "value-of-good"
    for name, rule in expected.items():
        with pytest.raises(DocumentError) as caught:
            store.load(name)
        assert caught.value.finding.rule == rule
        assert str(home / "connections" / name) in caught.value.finding.message
        assert caught.value.finding.remedy
    store.save(made("good", "again"))
    assert store.load("good").connection.value("api_key") == "again"


def test_damage_is_never_written_over(store: ConnectionStore, home: Path, made: Made) -> None:
    """Saving and renaming over it, and a new key, are refused; removing it is possible, but not of a newer version."""
    store.save(made("good"))
    expected = damage(home)
    before = {file: file.read_bytes() for file in (home / "connections").iterdir() if file.is_file()}
    for name in expected:
        assert rule_of(lambda name=name: store.save(made(name))) == expected[name]
        assert rule_of(lambda name=name: store.rename("good", name)) == "name-taken"
        assert rule_of(lambda name=name: store.rename(name, "other")) == expected[name]
    assert rule_of(lambda: store.rotate(Key.random())) in expected.values()
    assert {file: file.read_bytes() for file in (home / "connections").iterdir() if file.is_file()} == before
    assert rule_of(lambda: store.remove("newer")) == "newer-store"
    assert rule_of(lambda: store.remove("folder.json")) == "cannot-write"
    for name in expected.keys() - {"newer", "folder.json"}:
        store.remove(name)
    assert set(store.names()) == {"good", "newer", "folder.json"}


CHANGES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "only the name": lambda record: record,
    "cut short": lambda record: {**record, "sealed": record["sealed"][:-8]},
    "nothing sealed": lambda record: {**record, "sealed": None},
    "another key": lambda record: {**record, "key": "0" * 16},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_name_hides_no_other_connection(
    change: Callable[[dict[str, Any]], dict[str, Any]], store: ConnectionStore, home: Path, made: Made
) -> None:
    """A record that was given the name of another one, and a later time, is listed by its file; what its error says to
    remove is not the other one."""
    store.save(made("a"))
    own = only_file(home)
    store.save(made("b"))
    other = next(file for file in (home / "connections").iterdir() if file != own)
    record = json.loads(other.read_bytes())
    other.write_text(json.dumps(change({**record, "name": "A", "changed": 1e18})), encoding="utf-8")
    assert store.load("a").connection.value("api_key") == "value-of-a"
    entries = {entry.name: entry.unreadable for entry in store.entries()}
    assert entries["a"] is None
    finding = entries[other.name]
    assert finding is not None
    assert '"a"' not in finding.remedy.lower()
    store.remove(other.name)
    assert store.names() == ("a",)


def test_prepared(home: Path, store: ConnectionStore, made: Made) -> None:
    """What would keep a connection from being kept is known before; nothing is written but what the vault needs."""
    store.prepare("new")
    assert store.names() == ()
    store.save(made("a"))
    store.prepare("a")
    assert rule_of(lambda: store.prepare("a/b")) == "bad-connection-name"
    others = ConnectionStore(home, Key.random)
    assert rule_of(lambda: others.prepare("new")) == "wrong-key"
    assert rule_of(lambda: others.prepare("a")) == "wrong-key"
    only_file(home).write_bytes(b"{}")
    assert rule_of(lambda: store.prepare(only_file(home).name)) == "damaged-connection"


def test_two_of_one_name(home: Path, key: Key, made: Made, tmp_path: Path) -> None:
    """Where a synchronised folder has brought a second one, the newer is used and the older is listed by its file."""
    ConnectionStore(home, lambda: key, now=lambda: 20.0).save(made("a", "newer"))
    ConnectionStore(tmp_path / "other", lambda: key, now=lambda: 10.0).save(made("A", "older"))
    older = only_file(tmp_path / "other")
    shutil.copy(older, home / "connections")
    store = ConnectionStore(home, lambda: key)
    assert store.load("a").connection.value("api_key") == "newer"
    assert set(store.names()) == {"a", older.name}
    store.remove(older.name)
    assert store.load("a").connection.value("api_key") == "newer"


def test_swapped_sealed_parts_are_refused(store: ConnectionStore, home: Path, made: Made) -> None:
    """A record does not open with the sealed part of another, nor with the other's header."""
    for name in ("a", "b", "c"):
        store.save(made(name))
    files = {json.loads(file.read_bytes())["name"]: file for file in (home / "connections").iterdir()}
    a, b = (json.loads(files[name].read_bytes()) for name in ("a", "b"))
    files["a"].write_text(json.dumps({**a, "sealed": b["sealed"]}), encoding="utf-8")
    files["b"].write_text(json.dumps({**a, "id": b["id"], "name": "b"}), encoding="utf-8")
    for name in ("a", "b"):
        assert rule_of(lambda name=name: store.load(name)) == "damaged-connection"
    assert store.load("c").connection.value("api_key") == "value-of-c"
    files["a"].write_bytes(json.dumps(b).encode())
    files["b"].write_bytes(json.dumps(a).encode())
    assert {entry.name for entry in store.entries() if entry.unreadable} == {files["a"].name, files["b"].name}


@settings(max_examples=100, deadline=None)
@given(place=st.integers(0), byte=st.integers(1, 255))
def test_a_changed_byte_loses_no_other_connection(
    tmp_path_factory: pytest.TempPathFactory, full: StoredConnection, place: int, byte: int
) -> None:
    """Whatever byte of one record changes, the other one loads, and the list has both."""
    home = tmp_path_factory.mktemp("home")
    store = ConnectionStore(home, lambda: Key(bytes(range(32))))
    store.save(full)
    file = only_file(home)
    store.save(replace(full, connection=replace(full.connection, name="other")))
    data = bytearray(file.read_bytes())
    data[place % len(data)] ^= byte
    file.write_bytes(data)
    assert store.load("other").connection.login == full.connection.login
    assert len(store.entries()) == 2
    assert all(entry.unreadable is None for entry in store.entries() if entry.name == "other")


def test_no_secret_is_found_anywhere(
    home: Path, full: StoredConnection, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """No file, repr, log or error has a secret in any form, whatever was done to the store."""
    caplog.set_level(logging.DEBUG)
    store = ConnectionStore(home)
    shown = [repr(full)]
    store.save(replace(full, problem=f"refused {full.connection.secrets[1].reveal()}"))
    shown += [repr(store.load("full")), repr(store.entries()), repr(store.names())]
    store.rename("full", "again")
    store.rotate(Key.random(), adopt=lambda key: shown.append(repr(key)))
    file = only_file(home)
    whole = file.read_bytes()
    for data in (whole[:-9], whole.replace(b"again", b"never"), b"{}", whole.replace(b'n": 1', b'n": 2')):
        file.write_bytes(data)
        with pytest.raises(DocumentError) as caught:
            store.load(store.names()[0])
        shown += traceback.format_exception(caught.value)
        shown += [repr(vars(caught.value)), repr(caught.value.__context__), repr(store.entries())]
    file.write_bytes(whole)
    everything = [*(path.read_bytes() for path in home.rglob("*") if path.is_file())]
    everything += ["\n".join((*shown, caplog.text, *capfd.readouterr())).encode()]
    login = full.connection.login
    assert login is not None
    plain = (login.client_id, login.user, *login.placeholders.values(), full.folder)
    secrets = [*(secret.reveal() for secret in full.connection.secrets), *plain]
    assert len(secrets) == 11
    forms = {form.encode() for secret in secrets for form in forms_of(secret)}
    stored = b"\n".join(everything[:-1])
    assert [form for form in forms if form in stored] == []
    hidden = {form.encode() for secret in full.connection.secrets for form in forms_of(secret.reveal())}
    assert [form for form in hidden if form in everything[-1]] == []


def test_what_is_in_the_way_is_said(store: ConnectionStore, home: Path, made: Made) -> None:
    """A file where the folder should be is an error that names it."""
    home.write_text("", encoding="utf-8")
    assert rule_of(lambda: store.save(made("a"))) == "cannot-write"
    assert rule_of(store.entries) == "unreadable-file"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root and Windows write into any folder")
def test_a_folder_without_permission(store: ConnectionStore, home: Path, made: Made) -> None:
    """Nothing is changed where writing is forbidden, and reading goes on."""
    store.save(made("a"))
    before = only_file(home).read_bytes()
    (home / "connections").chmod(0o500)
    try:
        assert rule_of(lambda: store.save(made("a", "other"))) == "cannot-write"
        assert store.load("a").connection.value("api_key") == "value-of-a"
        assert only_file(home).read_bytes() == before
    finally:
        (home / "connections").chmod(0o700)


@pytest.mark.skipif(os.name == "nt", reason="needs a limit on the size of files")
def test_a_full_disk_changes_nothing(home: Path, made: Made) -> None:
    """When the bytes do not fit, the error says so, and the old record is whole."""
    store = ConnectionStore(home)
    store.save(made("a"))
    before = only_file(home).read_bytes()
    code = """
import resource, signal
from tieline.model import ServiceError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    store.save(made(me, "x" * 500))
except ServiceError as error:
    sys.exit(0 if error.finding.rule == "cannot-write" else 4)
sys.exit(3)
"""
    ended(processes(code, home, "a"))
    assert only_file(home).read_bytes() == before
    assert [file.name for file in (home / "connections").iterdir()] == [only_file(home).name]


def test_leftovers_of_a_crash_go_away(store: ConnectionStore, home: Path, made: Made) -> None:
    """Half a file that a killed process left is no connection, and the next writing removes it."""
    store.save(made("a"))
    left = only_file(home).with_name(f"{only_file(home).name}.new-0123")
    left.write_bytes(b'{"half')
    assert store.names() == ("a",)
    store.save(made("b"))
    assert not left.exists()


def test_processes_write_at_the_same_time(home: Path) -> None:
    """Two processes that begin with nothing end with every connection of both, all under one key, and no leftovers."""
    code = """
for number in range(25):
    store.save(made(f"{me}-{number}", f"{me}{number}"))
    store.save(made("shared", me))
    store.entries()
"""
    ended(processes(code, home, "x", "y"))
    store = ConnectionStore(home)
    assert len(store.names()) == 51
    assert all(entry.unreadable is None for entry in store.entries())
    assert store.load("y-7").connection.value("n") == "y7"
    assert store.load("shared").connection.value("n") in ("x", "y")
    assert len(list((home / "connections").iterdir())) == 51


def test_a_locked_connection_is_changed_by_one_at_a_time(home: Path, made: Made) -> None:
    """Load, change and save inside the lock lose no change among processes."""
    code = """
for _ in range(40):
    with store.locked("a" if me == "x" else "A"):
        held = store.load("a")
        store.save(made("a", str(int(held.connection.value("n")) + 1)))
"""
    running = processes(code, home, "x", "y")
    connection = made("a").connection
    ConnectionStore(home).save(
        StoredConnection(connection=replace(connection, values={"n": Secret("0")}), connector="Inventory")
    )
    ended(running)
    assert ConnectionStore(home).load("a").connection.value("n") == "80"


def test_a_killed_process_lets_go(store: ConnectionStore, home: Path) -> None:
    """A lock is refused while another process has it, and free once that process is gone."""
    (process,) = processes('lock = store.locked(me); lock.__enter__(); print("held", flush=True); input()', home, "a")
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("go\n")
    process.stdin.flush()
    assert process.stdout.readline() == "held\n"
    with pytest.raises(ServiceError, match='the connection "A"') as caught, store.locked("A", timeout=0.1):
        pass
    assert caught.value.finding.rule == "locked"
    with store.locked("b", timeout=0.1):
        pass
    process.kill()
    process.wait(10)
    process.stdin.close()
    process.stdout.close()
    with store.locked("a", timeout=10):
        pass


def test_a_lock_may_change_threads(store: ConnectionStore) -> None:
    """It is entered in a worker thread and left in that of an event loop; one that is forgotten is let go."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        lock = store.locked("a")
        pool.submit(lock.__enter__).result()
        lock.__exit__(None, None, None)
        with store.locked("a", timeout=0.1):
            pass
        forgotten = store.locked("a")
        pool.submit(forgotten.__enter__).result()
        del forgotten
        gc.collect()
    with store.locked("a", timeout=0.1):
        pass


def test_a_renewal_does_not_bring_back_what_was_removed(store: ConnectionStore, made: Made) -> None:
    """Removing waits for the lock that a renewal holds."""
    from concurrent.futures import ThreadPoolExecutor

    store.save(made("a"))
    with ThreadPoolExecutor(1) as pool:
        with store.locked("a"):
            removing = pool.submit(store.remove, "a")
            stored = store.load("a")
            grant = Grant(type="given", access_token=Secret("new-token"))
            store.save(replace(stored, connection=replace(stored.connection, grant=grant)))
            assert not removing.done()
        removing.result()
    assert store.names() == ()
