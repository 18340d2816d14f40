"""The walk through the main jobs on the example servers: the command lines that a user would type, really run."""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .example import load_identity, load_inventory

KEY = "demo-key"
"""The example's API key. It protects nothing: the example runs on loopback with made-up data."""

CONNECTOR = "InventoryAPI"
"""Name of the connector that the walk makes."""

OAUTH_CONNECTOR = "InventoryOAuth"
"""Name of the one that signs in with OAuth 2.0."""

CLIENT_ID, CLIENT_SECRET, SECRET_VARIABLE = "demo-client", "demo-secret", "DEMO_SECRET"
"""The app that the identity server knows, and the environment variable that the steps name its secret by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What one command line gave."""

    code: int
    """Exit code."""
    out: str
    """Standard output."""
    talk: str
    """Standard error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One command line of the walk and what it should give."""

    name: str
    """Kebab-case id."""
    title: str
    """What the step shows, in one sentence."""
    words: tuple[str, ...]
    """The command line without ``tieline``; ``{description}`` and ``{oauth_description}`` are filled in."""
    code: int = 0
    """The exit code that it should give."""
    stays: bool = False
    """Whether the command runs on until the walk ends; then its output is the first line."""
    expect: Callable[[Output], bool] = lambda output: True
    """Whether the output is as it should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """What became of a step."""

    step: Step
    ok: bool
    output: str
    """What the command printed."""
    why: str = ""
    """Why it is not as expected."""

    def json(self) -> dict[str, Any]:
        """The result as JSON."""
        return {"name": self.step.name, "title": self.step.title, "ok": self.ok, "output": self.output, "why": self.why}


def _body(output: Output) -> Any:
    return json.loads(output.out)


FIRED = {"tieline.webhook.CreateWebhook", "tieline.polling.PollForNewItems"}
"""Types of the events of the walk."""

SIGNED_IN = ("--set", f"api_key={KEY}")

STEPS = (
    Step(
        name="import",
        title="Import an API description: it becomes a connector folder.",
        words=("import", "{description}", "-o", CONNECTOR),
        expect=lambda output: CONNECTOR in output.out,
    ),
    Step(
        name="show",
        title="See what the connector has.",
        words=("show", CONNECTOR),
        expect=lambda output: "GetProducts" in output.out and "api_key" in output.out,
    ),
    Step(
        name="call",
        title="Call an operation through the whole pipeline.",
        words=("call", "GetProducts", CONNECTOR, "category=Electronics", "inStock=true", "limit=3", *SIGNED_IN),
        expect=lambda output: (
            len(_body(output)) > 0 and all(item["category"] == "Electronics" for item in _body(output))
        ),
    ),
    Step(
        name="create",
        title="Send a body: its properties are given by name, as the designer shows them.",
        words=("call", "CreateProduct", CONNECTOR, "name=Tie line", "category=Electronics", "price=12.5", *SIGNED_IN),
        expect=lambda output: _body(output)["name"] == "Tie line",
    ),
    Step(
        name="bad-argument",
        title="A bad argument is found before anything is sent.",
        words=("call", "GetProducts", CONNECTOR, "inStock=perhaps", *SIGNED_IN),
        code=2,
        expect=lambda output: "inStock" in output.talk,
    ),
    Step(
        name="no-credential",
        title="A missing credential says what to type.",
        words=("call", "GetProducts", CONNECTOR),
        code=3,
        expect=lambda output: "--set api_key=" in output.talk,
    ),
    Step(
        name="error",
        title="An error of the API comes in one shape, whatever the API sent.",
        words=("call", "GetProduct", CONNECTOR, "id=no-such-product", *SIGNED_IN),
        code=1,
        expect=lambda output: "404" in output.talk,
    ),
    Step(
        name="policy",
        title="Add a policy: it is written into apiProperties.json, and nothing else there changes.",
        words=(
            *("policy", "add", "setqueryparameter", CONNECTOR, "--operation", "GetProducts"),
            *("name=category", "value=Furniture", "existsAction=override"),
        ),
    ),
    Step(
        name="policy-runs",
        title="Policies run here as they will run there; the trace shows what each changed.",
        words=("call", "GetProducts", CONNECTOR, "limit=1", "--trace", *SIGNED_IN),
        expect=lambda output: "setqueryparameter" in output.talk and _body(output)[0]["category"] == "Furniture",
    ),
    Step(
        name="provoke",
        title="The example can be asked to fail: its next call will be answered 429.",
        words=("call", "ProvokeFailures", CONNECTOR, "status=429", "times=1", "retryAfter=1", *SIGNED_IN),
    ),
    Step(
        name="retry",
        title="A busy service is tried again after the time that it asks for (429, Retry-After).",
        words=("call", "GetProducts", CONNECTOR, "limit=1", "--trace", *SIGNED_IN),
        expect=lambda output: len(_body(output)) == 1 and "429" in output.talk,
    ),
    Step(
        name="import-oauth",
        title="The same API with OAuth 2.0 in the place of its key.",
        words=("import", "{oauth_description}", "-o", OAUTH_CONNECTOR),
        expect=lambda output: OAUTH_CONNECTOR in output.out,
    ),
    Step(
        name="connect",
        title="Sign in for the app itself and keep the connection, encrypted; the secret is only named, not typed.",
        words=(
            *("connect", OAUTH_CONNECTOR, "--name", "demo", "--yes", "--grant", "client_credentials"),
            *("--client-id", CLIENT_ID, "--client-secret", f"env:{SECRET_VARIABLE}"),
        ),
        expect=lambda output: output.out.strip() == "demo" and CLIENT_SECRET not in output.talk,
    ),
    Step(
        name="call-connected",
        title="Call with the connection.",
        words=("call", "GetProducts", OAUTH_CONNECTOR, "limit=1", "--connection", "demo"),
        expect=lambda output: len(_body(output)) == 1,
    ),
    Step(
        name="expire",
        title="Take the access token for expired, to see that it is renewed.",
        words=("connections", "expire", "demo"),
    ),
    Step(
        name="renewed",
        title="The next call renews the access token first; the trace says so and shows no secret.",
        words=("call", "GetProducts", OAUTH_CONNECTOR, "limit=1", "--connection", "demo", "--trace"),
        expect=lambda output: (
            len(_body(output)) == 1 and "refresh: renewed" in output.talk and CLIENT_SECRET not in output.talk
        ),
    ),
    Step(
        name="connect-key",
        title="A connection with an API key, for the triggers.",
        words=("connect", CONNECTOR, "--name", "key", "--yes", "--set", f"api_key={KEY}"),
        expect=lambda output: output.out.strip() == "key",
    ),
    Step(
        name="serve",
        title="Serve the connector: gateway, webhook intake and triggers. It runs on while the walk goes on.",
        words=("serve", CONNECTOR, "--port", "0", "--format", "json"),
        stays=True,
        expect=lambda output: _body(output)["event"] == "listening",
    ),
    Step(
        name="webhook",
        title="Switch a webhook trigger on: the API is told where to send its notifications.",
        words=(
            *("triggers", "enable", "CreateWebhook", CONNECTOR, "eventType=created"),
            *("--connection", "key", "--name", "hook"),
        ),
        expect=lambda output: "hook" in output.out,
    ),
    Step(
        name="polling",
        title="Switch a polling trigger on: the API is asked for what is new.",
        words=(
            *("triggers", "enable", "PollForNewItems", CONNECTOR, "--interval", "1"),
            *("--connection", "key", "--name", "poll"),
        ),
        expect=lambda output: "poll" in output.out,
    ),
    Step(
        name="change",
        title="Change something in the API.",
        words=("call", "CreateProduct", CONNECTOR, "name=Pole", "category=Electronics", "price=3", *SIGNED_IN),
        expect=lambda output: _body(output)["name"] == "Pole",
    ),
    Step(
        name="events",
        title="Both triggers fired, each once: the events as CloudEvents.",
        words=("triggers", "watch", "--since", "2020-01-01T00:00:00Z", "--count", "2"),
        expect=lambda output: {json.loads(line)["type"] for line in output.out.splitlines()} == FIRED,
    ),
    Step(
        name="remove",
        title="Switch the webhook off: the API forgets it, and Tieline says where the platform would leave it behind.",
        words=("triggers", "remove", "hook"),
    ),
)
"""The walk. Later parts of Tieline add their steps here."""

START_SECONDS = 30.0
"""How long a command that stays may take until it says that it runs."""


class Demo:
    """The running examples and the folder that the walk works in; a context manager that removes all of it."""

    def __init__(self, *, port: int = 0) -> None:
        """Takes the port of the API; 0 for any free one."""
        self.steps = STEPS
        self._port = port
        self._stack = ExitStack()
        self.server = ""
        """Address of the running API."""
        self.folder = Path()
        """Where the connectors are written."""
        self._key = secrets.token_hex(32)

    def __enter__(self) -> Self:
        from ..net.listener import ListenOptions, listen_in_thread

        with ExitStack() as stack:
            identity = load_identity().create_app()
            signing = stack.enter_context(listen_in_thread(identity))
            bearer = identity.state.identity.bearer
            app = load_inventory().create_app(api_key=KEY, bearer=bearer, identity_url=signing)
            self.server = stack.enter_context(listen_in_thread(app, ListenOptions(port=self._port)))
            # Windows removes no file that the end of a process has not let go yet.
            place = tempfile.TemporaryDirectory(prefix="tieline-demo-", ignore_cleanup_errors=True)
            self.folder = Path(stack.enter_context(place))
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _words(self, step: Step) -> list[str]:
        descriptions = {
            "description": f"{self.server}/openapi.yaml",
            "oauth_description": f"{self.server}/openapi-oauth.yaml",
        }
        return [word.format(**descriptions) for word in step.words]

    def shown(self, step: Step) -> str:
        """The command line as a user types it."""
        words = [f'"{word}"' if re.search(r"[\s&|<>*?;]", word) else word for word in self._words(step)]
        return " ".join(["tieline", *words])

    def run(self, step: Step) -> StepResult:
        """Run one step's command line in a process of its own and judge what it gave."""
        output = self._begin(self._words(step)) if step.stays else self._run(self._words(step))
        shown = output.talk + output.out
        if output.code != step.code:
            return StepResult(step=step, ok=False, output=shown, why=f"exit code {output.code}, not {step.code}")
        try:
            good = step.expect(output)
        except (ValueError, KeyError, TypeError) as error:
            return StepResult(step=step, ok=False, output=shown, why=f"unexpected output: {error}")
        return StepResult(step=step, ok=good, output=shown, why="" if good else "unexpected output")

    def _environment(self) -> dict[str, str]:
        """What the commands are given: connections of the walk's own, under a key of its own, so that those of whoever
        runs it and the system's keyring stay untouched."""
        return {
            "PYTHONIOENCODING": "utf-8",
            "NO_COLOR": "1",
            "TIELINE_HOME": str(self.folder / "home"),
            "TIELINE_KEY": self._key,
            SECRET_VARIABLE: CLIENT_SECRET,
        }

    def _begin(self, words: list[str]) -> Output:
        """Start a command that stays, until its first line or its end; the walk's end ends it."""
        process = subprocess.Popen(
            [sys.executable, "-m", "tieline", *words],
            cwd=self.folder,
            env={**os.environ, **self._environment()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            errors="replace",
        )
        self._stack.callback(_end, process)
        watchdog = threading.Timer(START_SECONDS, process.kill)
        watchdog.start()
        assert process.stdout is not None
        line = process.stdout.readline()
        watchdog.cancel()
        return Output(code=0 if line else process.wait(), out=line, talk="")

    def _run(self, words: list[str]) -> Output:
        command = [sys.executable, "-m", "tieline", *words]
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={**os.environ, **self._environment()},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        return Output(code=done.returncode, out=done.stdout, talk=done.stderr)


def _end(process: subprocess.Popen[str]) -> None:
    """End a command that stayed, and read what it still says, so that it is not held up by that."""
    process.terminate()
    process.communicate()
