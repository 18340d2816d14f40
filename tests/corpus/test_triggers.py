"""Every trigger of every connector of the corpus, over HTTP against the mock of its connector: webhooks are subscribed,
notified and unsubscribed, polling triggers are polled; and proof that the rounds see what is wrong."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import orjson
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from trigger_ground import Edit, ground
from trigger_rounds import USUAL, Round, Way, rounds

from tieline import source
from tieline.model import Reply

pytestmark = pytest.mark.corpus

EXCEPTIONS = Path(__file__).with_name("trigger-exceptions.json")
"""Triggers that do not go their whole way: how they end, the rule that says why, and the fault in their files."""

KINDS = {"webhook": 211, "policy": 17, "reply": 8}
"""Triggers of the corpus by kind."""

SHARES = {"webhook": 650 / 728, "policy": 39 / 78, "marked": 69 / 78}
"""Webhooks among the triggers, and among the polling ones those by policy and those with ``x-ms-trigger-metadata``, in
all published connectors (reference: triggers, section 0)."""

FLOORS = {"removed by Location": 118, "fired": 24}
"""How triggers end at least when the mock answers as it does; may only rise."""

CEILINGS = {"leaked": 91, "nothing to fire": 1, "not registered": 2}
"""How they end at most; may only fall."""

SILENT_FLOORS = {"removed by reply": 57, "fired": 24}
"""The same with a service that leaves ``Location`` out."""

WHY = {
    "leaked": {"hook-leaked"},
    "elsewhere": {"hook-elsewhere"},
    "nothing to fire": {"no-trigger-schema"},
    "not registered": {"trigger-script"},
}
"""What says why a trigger did not go its whole way; an outcome that is not here needs no reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The rounds of all connectors."""

    usual: list[Round]
    silent: list[Round]
    """With a service that leaves ``Location`` out."""
    bare: list[Round]
    """Of triggers with custom code, as if they had none."""


def folders(shared: Path) -> list[Path]:
    """The connectors of the corpus."""
    return sorted((shared / "corpus" / "connectors").glob("*/*"))


async def hold(home: Path, listed: Iterable[Path], way: Way = USUAL, damage: Edit | None = None) -> list[Round]:
    """The rounds of some connectors."""
    out: list[Round] = []
    async with ground(home) as here:
        here.service.damage = damage or here.service.damage
        for number, folder in enumerate(listed):
            out += await rounds(here, folder, f"{folder.parent.name}/{folder.name}", number, way)
    return out


@pytest.fixture(scope="module")
def held(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Held:
    """All rounds."""

    async def all_of_them() -> Held:
        listed = folders(shared)
        usual = await hold(tmp_path_factory.mktemp("usual"), listed)
        scripted = {one.name.partition("#")[0] for one in usual if one.scripted}
        theirs = [folder for folder in listed if f"{folder.parent.name}/{folder.name}" in scripted]
        return Held(
            usual=usual,
            silent=await hold(tmp_path_factory.mktemp("silent"), listed, Way(silent=True)),
            bare=await hold(tmp_path_factory.mktemp("bare"), theirs, Way(bare=True)),
        )

    return asyncio.run(all_of_them())


def counted(shared: Path) -> Counter[str]:
    """Triggers by kind, counted in the text of the files."""
    counts: Counter[str] = Counter()
    for folder in folders(shared):
        written = [source.read(file.read_bytes(), file.name).value for file in folder.glob("*.json")]
        (definition,) = [value for value in written if "swagger" in value]
        properties = [value["properties"] for value in written if "properties" in value and "swagger" not in value]
        instances = [one for value in properties for one in value.get("policyTemplateInstances") or []]
        polled = {
            name
            for one in instances
            if one["templateId"] == "pollingtrigger"
            for name in one["parameters"].get("x-ms-apimTemplate-operationName", [])
        }
        for item in definition["paths"].values():
            for operation in item.values():
                if isinstance(operation, dict) and "x-ms-trigger" in operation:
                    webhook = "x-ms-notification-content" in item
                    kind = "webhook" if webhook else "policy" if operation["operationId"] in polled else "reply"
                    counts[kind] += 1
                    counts["marked"] += not webhook and "x-ms-trigger-metadata" in operation
    return counts


def test_triggers_are_recognised(shared: Path, held: Held) -> None:
    """Kinds are what the files say, and their shares those of all published connectors."""
    found = Counter(one.kind for one in held.usual)
    counts = counted(shared)
    assert found == KINDS
    assert {kind: counts[kind] for kind in KINDS} == KINDS
    polling = counts["policy"] + counts["reply"]
    assert counts["webhook"] / len(held.usual) == pytest.approx(SHARES["webhook"], abs=0.03)
    assert counts["policy"] / polling == pytest.approx(SHARES["policy"], abs=0.2)
    assert counts["marked"] / polling == pytest.approx(SHARES["marked"], abs=0.2)


@pytest.mark.parametrize("which", ["usual", "silent", "bare"])
def test_every_trigger_goes_its_way(held: Held, which: str) -> None:
    """The callback URL arrives where it is marked; a notification is one event; the hook that was registered is the one
    that is removed; a first poll fires nothing, news fires once, and no news fires nothing."""
    faults = {one.name: one.faults for one in getattr(held, which) if one.faults}
    assert not faults, "\n".join(f"{name}: {found}" for name, found in list(faults.items())[:30])


@pytest.mark.parametrize("which", ["usual", "silent", "bare"])
def test_none_is_left_without_event_or_reason(held: Held, which: str) -> None:
    """Whatever does not fire, or leaves its hook behind, has a finding or report that says why."""
    left = [
        (one.name, one.outcome, one.rules)
        for one in getattr(held, which)
        if not (one.events or WHY.get(one.outcome, set()) & set(one.rules))
        or (one.outcome in WHY and not WHY[one.outcome] & set(one.rules))
    ]
    assert not left
    assert all(len(one.rules) == len(one.words) and all(one.words) for one in getattr(held, which))


def test_exceptions_are_tracked(held: Held) -> None:
    """Those that do not go their whole way are listed, each with the rule that says why and the fault in its files."""
    tracked: dict[str, tuple[str, list[str]]] = {}
    for entry in orjson.loads(EXCEPTIONS.read_bytes()):
        assert entry["fault"]
        tracked.update(dict.fromkeys(entry["operations"], (entry["outcome"], entry["rules"])))
    found = {one.name: (one.outcome, _why(one)) for one in held.usual if one.outcome in WHY}
    news = {name: why for name, why in found.items() if tracked.get(name) != why}
    assert not news, f"not in {EXCEPTIONS.name}: {news}"
    gone = sorted(set(tracked) - set(found))
    assert not gone, f"no longer exceptions, take them out of {EXCEPTIONS.name}: {gone}"


def _why(one: Round) -> list[str]:
    return sorted(WHY[one.outcome] & set(one.rules))


def test_as_many_as_ever_go_their_way(held: Held) -> None:
    """Outcomes are counted, with and without ``Location``."""
    usual, silent = (Counter(one.outcome for one in listed) for listed in (held.usual, held.silent))
    print(dict(usual), dict(silent), Counter(one.outcome for one in held.bare))
    assert not {name: usual[name] for name, floor in FLOORS.items() if usual[name] < floor}
    assert not {name: usual[name] for name, ceiling in CEILINGS.items() if usual[name] > ceiling}
    assert not {name: silent[name] for name, floor in SILENT_FLOORS.items() if silent[name] < floor}
    assert set(usual) <= {*FLOORS, *CEILINGS}


def test_custom_code_is_said(held: Held) -> None:
    """A trigger behind custom code is not registered, and that is said twice; without the code it goes its way."""
    scripted = [one for one in held.usual if one.scripted]
    assert len(scripted) == 2
    for one in scripted:
        assert (one.outcome, one.rules) == ("not registered", ["trigger-script", "hook-refused"])
        assert "custom code does not run yet" in one.words[-1]
    bare = [one for one in held.bare if one.name in {other.name for other in scripted}]
    assert sorted(one.outcome for one in bare) == ["elsewhere", "removed by Location"]


def refusing(reply: Reply) -> Reply:
    """Every removal is refused."""
    return replace(reply, status=403) if reply.status == 204 else reply


def repeating(reply: Reply) -> Reply:
    """Nothing is ever said to be no news."""
    return replace(reply, status=200) if reply.status == 202 else reply


def taciturn(reply: Reply) -> Reply:
    """No reply has a body."""
    return replace(reply, body=b"")


@pytest.mark.parametrize(
    ("damage", "fault", "least"),
    [(refusing, "not-removed", 5), (repeating, "fired-without-news", 1), (taciturn, "news", 1)],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_damage_is_seen(damage: Edit, fault: str, least: int, shared: Path, tmp_path: Path) -> None:
    """A service that does something else than it should is noticed."""
    some = [
        folder
        for number, folder in enumerate(folders(shared))
        if number % 5 == 0 or folder.name in ("iMIS", "Scrive eSign")
    ]
    found = asyncio.run(hold(tmp_path, some, damage=damage))
    assert sum(any(one.partition(":")[0] == fault for one in it.faults) for it in found) >= least
