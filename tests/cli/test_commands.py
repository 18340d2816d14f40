"""The command line as a user meets it: real processes for the contract, in-process runs for the rest."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tieline import __version__
from tieline.app.command_lines import quoted
from tieline.app.example import load_inventory
from tieline.cli import COMMANDS
from tieline.net.listener import listen_in_thread

Tieline = Callable[..., Any]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The Inventory example, really served."""
    with listen_in_thread(load_inventory().create_app(api_key="demo-key")) as address:
        yield f"{address}/v1"


@pytest.fixture(scope="module")
def connector(tieline: Tieline, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A connector folder imported from the example's own description."""
    from tieline.app.example import inventory_folder

    folder = tmp_path_factory.mktemp("cli") / "InventoryAPI"
    example = inventory_folder()
    assert example is not None
    ran = tieline("import", example / "openapi.yaml", "-o", folder)
    assert ran.code == 0, ran.talk
    return folder


def test_help_lists_every_command(tieline: Tieline) -> None:
    """Help names every command of the registry and the exit codes."""
    ran = tieline("--help")
    assert ran.code == 0
    for entry in COMMANDS:
        assert entry.name in ran.out.decode()
    assert "70" in ran.out.decode()


@pytest.mark.parametrize("entry", COMMANDS, ids=lambda entry: entry.name)
def test_every_command_has_help_format_and_page(tieline: Tieline, entry: Any) -> None:
    """Each command explains itself, takes --format, and is on the page of commands."""
    ran = tieline(entry.name, "--help")
    assert ran.code == 0, ran.talk
    assert "--format" in ran.out.decode()
    page = Path(__file__).parents[2] / "docs" / "commands.md"
    assert f"tieline {entry.name}" in page.read_text(encoding="utf-8")


def test_help_imports_no_command() -> None:
    """``tieline --help`` stays fast because it imports neither the client nor the server."""
    code = (
        "import sys\nfrom tieline.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'aiohttp', 'uvicorn', 'yaml', 'orjson', 'jsonschema_rs', 'asyncio'} & set(sys.modules)\n"
        "print(sorted(heavy), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_version(tieline: Tieline) -> None:
    """The version is the package's."""
    ran = tieline("--version")
    assert ran.out.decode().split() == ["tieline,", "version", __version__]


def test_unknown_command_suggests_the_nearest(tieline: Tieline) -> None:
    """A misspelt command is answered with its nearest neighbour."""
    ran = tieline("improt")
    assert ran.code == 2
    assert '"import"' in ran.talk


def test_call_prints_the_body_and_nothing_else(tieline: Tieline, server: str, connector: Path) -> None:
    """The body goes to stdout as it came; everything else to stderr."""
    words = ("category=Electronics", "inStock=true", "--server", server, "--set", "api_key=demo-key")
    ran = tieline("call", "GetProducts", connector, *words)
    assert ran.code == 0, ran.talk
    assert all(item["category"] == "Electronics" and item["inStock"] for item in ran.json)
    assert "200" in ran.talk


def test_call_in_the_current_folder(tieline: Tieline, server: str, connector: Path) -> None:
    """Without DIR the current folder is the connector."""
    ran = tieline("call", "GetProducts", "limit=1", "--server", server, "--set", "api_key=demo-key", cwd=connector)
    assert ran.code == 0, ran.talk
    assert len(ran.json) == 1


def test_call_as_json_has_the_published_shape(tieline: Tieline, server: str, connector: Path) -> None:
    """``--format json`` gives version, status, headers, body, findings and trace, without the key."""
    words = ("limit=1", "--server", server, "--set", "api_key=demo-key", "--format", "json")
    ran = tieline("call", "GetProducts", connector, *words)
    assert {"version", "status", "headers", "body", "findings", "trace"} <= set(ran.json)
    assert ran.json["version"] == 1
    assert ran.json["status"] == 200
    assert b"demo-key" not in ran.out


def test_trace_and_har_hide_the_key(tieline: Tieline, server: str, connector: Path, tmp_path: Path) -> None:
    """Neither the trace nor the HAR file holds the credential; both show the step and the request."""
    har = tmp_path / "traffic.har"
    words = ("--server", server, "--set", "api_key=demo-key", "--trace", "--har", har)
    ran = tieline("call", "GetProducts", connector, *words)
    assert ran.code == 0, ran.talk
    assert "credential" in ran.talk
    assert "demo-key" not in ran.talk
    written = har.read_text(encoding="utf-8")
    assert "demo-key" not in written
    assert json.loads(written)["log"]["entries"][0]["request"]["url"].startswith(server)


def test_body_from_a_file_and_from_stdin(tieline: Tieline, server: str, connector: Path, tmp_path: Path) -> None:
    """``--body`` takes a file or stdin."""
    text = '{"name": "Lämpchen", "category": "Lighting", "price": 3.5}'
    file = tmp_path / "body.json"
    file.write_text(text, encoding="utf-8")
    common = ("--server", server, "--set", "api_key=demo-key")
    for words, stdin in ((("--body", str(file)), b""), (("--body", "-"), text.encode())):
        ran = tieline("call", "CreateProduct", connector, *words, *common, stdin=stdin)
        assert ran.code == 0, ran.talk
        assert ran.json["name"] == "Lämpchen"


EXIT_CODES = [
    (("call", "GetProduct", "{dir}", "id=none", "--server", "{server}", "--set", "api_key=demo-key"), 1, "404"),
    (("call", "GetProduct", "{dir}", "id=1", "--server", "{server}", "--set", "api_key=wrong-key"), 1, "401"),
    (("call", "GetProdukts", "{dir}", "--server", "{server}"), 2, '"GetProducts"'),
    (("call", "GetProducts", "{dir}", "categori=x", "--server", "{server}", "--set", "api_key=k"), 2, '"category"'),
    (("call", "GetProducts", "{dir}", "limit=many", "--server", "{server}", "--set", "api_key=k"), 2, "limit"),
    (("call", "GetProduct", "{dir}", "--server", "{server}", "--set", "api_key=k"), 2, "id"),
    (("call", "GetProducts", "{dir}", "--server", "{server}", "--set", "api_kee=k"), 2, '"api_key"'),
    (("call", "GetProducts", "{dir}", "--server", "{server}"), 3, "--set api_key="),
    (("call", "GetProducts", "{dir}", "--server", "http://127.0.0.1:9", "--set", "api_key=k"), 3, "127.0.0.1"),
    (("call", "GetProducts", "{dir}", "--server", "http://no.invalid", "--set", "api_key=k"), 3, "no.invalid"),
    (("call", "GetProducts", "{dir}", "--set", "nonsense"), 2, "name=value"),
    (("show", "{dir}", "Nothing"), 2, "Nothing"),
    (("show", "no-such-folder/x"), 2, "no-such-folder"),
    (("import", "no-such-file.yaml"), 2, "no-such-file.yaml"),
    (("import", "http://127.0.0.1:9/openapi.yaml"), 3, "127.0.0.1"),
    (("mock", "no-such-file.yaml"), 2, "no-such-file.yaml"),
]


@pytest.mark.parametrize(
    ("words", "code", "said"), EXIT_CODES, ids=lambda value: value[1] if isinstance(value, tuple) else ""
)
def test_exit_codes(
    tieline: Tieline, server: str, connector: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    """Each way to fail has its exit code, names what is wrong, and shows no traceback."""
    filled = [word.replace("{dir}", str(connector)).replace("{server}", server) for word in words]
    ran = tieline(*filled)
    assert ran.code == code, ran.talk
    assert said in ran.talk
    assert "Traceback" not in ran.talk


JSON_ERRORS = [
    (("call", "GetProducs", "{dir}", "--format", "json"), 2, "unknown-operation"),
    (("call", "GetProducts", "{dir}", "--set", "nonsense", "--format=json"), 2, "bad-argument"),
    (("show", "no-such-folder/x", "--format", "json"), 2, "no-such-file"),
    (("import", "http://127.0.0.1:9/x.yaml", "--format", "json"), 3, "no-reply"),
    (("call", "--format", "json"), 2, "wrong-usage"),
]


@pytest.mark.parametrize(("words", "code", "rule"), JSON_ERRORS, ids=lambda value: str(value)[:20])
def test_errors_as_json(tieline: Tieline, connector: Path, words: tuple[str, ...], code: int, rule: str) -> None:
    """Who asked for JSON gets JSON, also when there is no result: the error as a finding, alone on stdout."""
    ran = tieline(*(word.replace("{dir}", str(connector)) for word in words))
    assert ran.code == code, ran.talk
    assert ran.json["version"] == 1
    assert [finding["rule"] for finding in ran.json["findings"]] == [rule]
    assert ran.talk == ""


def test_a_forgotten_name_does_not_show_the_value(tieline: Tieline, connector: Path) -> None:
    """``--set`` with a key and without its name is refused, and the key is not repeated."""
    ran = tieline("call", "GetProducts", connector, "--set", "s3cret-key")
    assert ran.code == 2
    assert "s3cret" not in ran.talk


def test_a_body_in_two_ways_is_refused(tieline: Tieline, connector: Path) -> None:
    """Neither ``--body`` nor ``body=`` is dropped in silence."""
    ran = tieline("call", "CreateProduct", connector, "--body", "-", "body={}", stdin=b"{}")
    assert ran.code == 2
    assert "given with --body and as" in ran.talk


@pytest.mark.parametrize("words", [("show",), ("show", "--format", "json")])
def test_a_reader_that_goes(connector: Path, words: tuple[str, ...]) -> None:
    """Who has read enough is no failure and no bug."""
    line = [sys.executable, "-m", "tieline", *words, str(connector)]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        talk = process.stderr.read()
    assert (process.returncode, talk) == (0, b"")


@pytest.mark.skipif(sys.platform == "win32", reason="its shell closes no streams")
@pytest.mark.parametrize("tail", ["| true", ">&-", "<&- 2>&-"])
def test_streams_that_nobody_reads(connector: Path, tail: str) -> None:
    """A reader that has read enough, or streams that are closed, are no failure and no bug."""
    line = f'"{sys.executable}" -m tieline show "{connector}" {tail}; exit ${{PIPESTATUS[0]}}'
    done = subprocess.run(["bash", "-c", line], capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")


def test_debug_shows_the_traceback(tieline: Tieline) -> None:
    """Only ``--debug`` shows where an error came from."""
    assert "Traceback" in tieline("import", "no-such-file.yaml", "--debug").talk


def test_import_refuses_a_full_folder(tieline: Tieline, connector: Path) -> None:
    """A folder that holds files is not written over, unless forced."""
    definition = connector / "apiDefinition.swagger.json"
    before = definition.read_bytes()
    again = tieline("import", definition, "-o", connector)
    assert again.code == 2
    assert "--force" in again.talk
    assert tieline("import", definition, "-o", connector, "--force").code == 0
    assert json.loads(definition.read_bytes()) == json.loads(before)


def test_new_is_valid_and_shows(tieline: Tieline, tmp_path: Path) -> None:
    """Every kind of ``new`` gives a folder that loads without a finding."""
    for auth in ("none", "api-key", "basic", "oauth2"):
        ran = tieline("new", "My Thing", "--host", "api.example.com", "--auth", auth, "-o", tmp_path / auth)
        assert ran.code == 0, ran.talk
        shown = tieline("show", tmp_path / auth, "--format", "json")
        assert shown.code == 0, shown.talk
        assert shown.json["findings"] == []
        assert shown.json["baseUrl"].startswith("https://api.example.com")


def test_no_reply_is_said_quietly_too(tieline: Tieline, connector: Path) -> None:
    """``-q`` leaves out all talk but why there is no result."""
    words = ("--server", "http://127.0.0.1:9", "--set", "api_key=k", "--retry", "none", "-q")
    ran = tieline("call", "GetProducts", connector, *words)
    assert (ran.code, ran.out) == (3, b"")
    assert "error: " in ran.talk


def test_new_leaves_a_folder_that_holds_something(tieline: Tieline, tmp_path: Path) -> None:
    """A second one in the same place is refused with what can be done about it, and changes nothing."""
    folder = tmp_path / "a b"
    assert f"tieline show {quoted(str(folder))}" in tieline("new", "One", "-o", folder).talk
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    again = tieline("new", "Two", "-o", folder)
    assert again.code == 2
    assert "-o" in again.talk
    assert "--force" not in again.talk
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_a_har_file_that_cannot_be_written_is_said_before_anything_is_sent(
    tieline: Tieline, server: str, connector: Path, tmp_path: Path
) -> None:
    """A folder, and a file in a folder that is not there, are refused; nothing reaches the service."""
    for place in (tmp_path, tmp_path / "no" / "x.har"):
        ran = tieline("call", "GetProducts", connector, "--server", server, "--set", "api_key=k", "--har", place)
        assert ran.code == 3, ran.talk
        assert "folder" in ran.talk
        assert "GET " not in ran.talk


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("form", ["text", "json"])
def test_output_that_cannot_be_written(connector: Path, form: str) -> None:
    """A full disk behind stdout is an error with its exit code, in either form."""
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "tieline", "show", str(connector), "--format", form]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 3
    assert "unusable-file" in done.stderr
    assert "Traceback" not in done.stderr


def test_show_an_operation(tieline: Tieline, connector: Path) -> None:
    """One operation in detail, as text and as JSON."""
    ran = tieline("show", connector, "GetProducts")
    assert ran.code == 0, ran.talk
    assert "category" in ran.out.decode()
    assert tieline("show", connector, "GetProducts", "--format", "json").json["method"] == "GET"


def test_doctor_finds_everything(tieline: Tieline) -> None:
    """Nothing that Tieline needs is missing where its tests run."""
    ran = tieline("doctor", "--format", "json")
    assert ran.code == 0, ran.out
    assert {"tieline", "python", "aiohttp", "example"} <= {check["name"] for check in ran.json["checks"]}


def test_demo_runs_from_an_empty_folder(tieline: Tieline, tmp_path: Path) -> None:
    """Without a terminal the demo runs every step, ends with 0 and leaves nothing behind."""
    ran = tieline("demo", cwd=tmp_path)
    assert ran.code == 0, ran.talk + ran.out.decode()
    assert list(tmp_path.iterdir()) == []


def test_demo_as_json(tieline: Tieline, tmp_path: Path) -> None:
    """The demo's verdicts as JSON."""
    ran = tieline("demo", "--check", "--format", "json", cwd=tmp_path)
    assert ran.code == 0, ran.talk
    assert all(step["ok"] for step in ran.json["steps"])
