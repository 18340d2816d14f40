"""Triggers end to end on a running server: switched on, fired, delivered, switched off; starting and ending."""

from __future__ import annotations

import asyncio
import json
import stat
import sys
from pathlib import Path

import pytest
from house import HandClock, House, Receiver, Service, house, until
from prometheus_client.parser import text_string_to_metric_families

from tieline.app import subscribing
from tieline.engine.protocol import EngineOptions
from tieline.model import DocumentError, ServiceError
from tieline.net.listener import listen
from tieline.server.serving import ServeOptions


async def test_webhook(home_of_things: House) -> None:
    """A notification becomes the CloudEvent that the receiver gets and that the history has."""
    home = home_of_things
    url = await home.enable()
    assert (await home.send(url, b'{"id": "1"}'))[0] == 202
    (event,) = await home.taken(1)
    assert event["content-type"] == "application/cloudevents+json"
    assert event["specversion"] == "1.0"
    assert event["type"] == "tieline.webhook.OnThing"
    assert event["source"] == "/connectors/Things/operations/OnThing"
    assert event["data"] == {"id": "1"}
    kept = await home.running.control("events", {"name": "hook"})
    assert [one["id"] for one in kept["events"]] == [event["id"]]
    shown = await home.running.control("show", {"name": "hook"})
    assert (shown["status"], shown["state"], shown["event_count"], shown["kind"]) == ("on", "active", 1, "webhook")


async def test_polling(home_of_things: House) -> None:
    """The first poll fires nothing; what is new afterwards fires once."""
    home = home_of_things
    home.service.things.append({"id": "old"})
    await home.enable("NewThings", "poll", interval=3600.0)
    home.service.things.append({"id": "new"})
    fired = await home.running.control("fire", {"name": "poll"})
    assert [event["data"] for event in fired["events"]] == [{"id": "new"}]
    assert (await home.running.control("fire", {"name": "poll"}))["events"] == []
    assert [event["data"]["id"] for event in await home.taken(1)] == ["new"]
    shown = await home.running.control("show", {"name": "poll"})
    assert (shown["status"], shown["state"], shown["event_count"]) == ("on", "waiting", 1)
    assert shown["next"] > fired["events"][0]["time"]


async def test_nothing_is_left_out_in_silence(home_of_things: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are more events than are shown, delivered again or listed, that is said."""
    home = home_of_things
    monkeypatch.setattr(subscribing, "FIRED", 2)
    await home.enable("NewThings", "poll", interval=3600.0)
    home.service.things += [{"id": str(number)} for number in range(3)]
    fired = await home.running.control("fire", {"name": "poll"})
    assert [len(fired["events"]), [one["rule"] for one in fired["findings"] if "more" in one["rule"]]] == [
        2,
        ["more-events"],
    ]
    for limit, more in ((2, True), (3, False)):
        asked = {"name": "poll", "limit": limit}
        assert (await home.running.control("events", asked))["more"] is more
        replayed = await home.running.control("replay", asked)
        assert (replayed["events"], replayed["more"]) == (limit, more)
    await home.enable("NewThings", "other", interval=3600.0)
    with pytest.raises(DocumentError, match=r'there is no event ".*" of "other"'):
        await home.running.control("replay", {"name": "other", "id": fired["events"][0]["id"]})


async def test_off_and_on(home_of_things: House) -> None:
    """Off, the hook is gone at the service and notifications are 404; on again, the same URL takes them."""
    home = home_of_things
    url = await home.enable()
    off = await home.running.control("disable", {"name": "hook"})
    assert (off["status"], off["state"]) == ("off", "removed")
    assert home.service.hooks == {}
    assert (await home.send(url))[0] == 404
    on = await home.running.control("again", {"name": "hook"})
    assert on["status"] == "on"
    assert list(home.service.hooks.values()) == [url]
    assert (await home.send(url))[0] == 202
    assert (await home.running.control("remove", {"name": "hook"}))["findings"] == []
    assert home.service.hooks == {}
    assert (await home.send(url))[0] == 401
    assert (await home.running.control("list", {}))["subscriptions"] == []


async def test_a_host_that_a_policy_chooses(tmp_path: Path) -> None:
    """A Location below the host that a policy chose is the connector's: the hook is removed with the credential."""
    service = Service(absolute=True)
    async with house(tmp_path, service=service) as home:
        definition = home.folder / "apiDefinition.swagger.json"
        said = json.loads(definition.read_text(encoding="utf-8"))
        host, said["host"], said["basePath"] = said["host"], "api.example.invalid", "/"
        definition.write_text(json.dumps(said), encoding="utf-8")
        instance = {
            "templateId": "dynamichosturl",
            "title": "host",
            "parameters": {"x-ms-apimTemplateParameter.urlTemplate": f"http://{host}/v1"},
        }
        properties = home.folder / "apiProperties.json"
        said = json.loads(properties.read_text(encoding="utf-8"))
        said["properties"]["policyTemplateInstances"] = [instance]
        properties.write_text(json.dumps(said), encoding="utf-8")
        await home.enable()
        off = await home.running.control("disable", {"name": "hook"})
        assert off["findings"] == []
        assert (service.hooks, service.removed_with) == ({}, ["the-secret-key"])


async def test_refused(home_of_things: House) -> None:
    """A hook that the service refuses leaves nothing, and neither key nor signature is in what is said."""
    home = home_of_things
    home.service.status = 400
    with pytest.raises(ServiceError) as raised:
        await home.enable()
    assert raised.value.finding.rule == "not-enabled"
    said = raised.value.finding.message
    signature = home.service.bodies[0]["url"].rpartition("sig=")[2]
    assert "the service answered 400: no: http://" in said
    assert signature not in said
    assert "the-secret-key" not in said
    assert (await home.running.control("list", {}))["subscriptions"] == []
    home.service.status = 201
    await home.enable()
    await home.running.control("disable", {"name": "hook"})
    home.service.status = 500
    with pytest.raises(ServiceError):
        await home.running.control("again", {"name": "hook"})
    assert (await home.running.control("show", {"name": "hook"}))["status"] == "off"


async def test_dead_letters(home_of_things: House) -> None:
    """What a receiver will never take is listed with the reason, and goes to it again when it is replayed."""
    home = home_of_things
    home.receiver.statuses["/never"] = 410
    url = await home.enable(to=["/never", "/take"])
    await home.send(url)
    await home.taken(1)
    await until(lambda: ("dead-letter") in {rule for _, rule in home.reports})
    (letter,) = (await home.running.control("dead", {"name": "hook"}))["dead"]
    assert letter["receiver"] == {"kind": "http", "target": f"{home.taking}/never"}
    assert "410" in letter["problem"]
    del home.receiver.statuses["/never"]
    replayed = await home.running.control("replay", {"dead": True, "name": "hook"})
    assert (replayed["events"], replayed["deliveries"]) == (1, 1)
    first, again = await home.taken(2)
    assert first["id"] == again["id"]
    await home.running.control("replay", {"id": first["id"]})
    assert {event["id"] for event in await home.taken(4)} == {first["id"]}
    with pytest.raises(DocumentError, match="there is no event"):
        await home.running.control("replay", {"id": "nothing"})


async def test_a_moved_folder(home_of_things: House) -> None:
    """Notifications of a connector whose folder was moved go on; that they are not checked is said once."""
    home = home_of_things
    url = await home.enable()
    home.folder.rename(home.folder.with_name("Elsewhere"))
    home.running.connectors = type(home.running.connectors)()
    for number in range(3):
        assert (await home.send(url, json.dumps({"id": str(number)}).encode()))[0] == 202
    await home.taken(3)
    assert [rule for _, rule in home.reports].count("notification-not-checked") == 1


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ('"size": {"type": "integer"}', '"size": {"type": "string"}', "notification-mismatch"),
        ('"operationId": "OnThing"', '"operationId": "OnOther"', "notification-not-checked"),
        ('"swagger": "2.0"', '"swagger": ', "notification-not-checked"),
        ('"x-ms-notification-content"', '"x-not-any-more"', None),
    ],
)
async def test_an_edited_folder(home_of_things: House, old: str, new: str, rule: str | None) -> None:
    """Notifications are compared with what the files say now; whatever they say, the event goes on."""
    home = home_of_things
    url = await home.enable()
    file = home.folder / "apiDefinition.swagger.json"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    home.running.connectors = type(home.running.connectors)()
    assert (await home.send(url, b'{"id": "1", "size": 1}'))[0] == 202
    await home.taken(1)
    said = {rule for _, rule in home.reports} - {"hook-registered"}
    assert said == ({rule} if rule else set())


async def test_metrics_and_health(home_of_things: House) -> None:
    """Health is 200 and says how much waits; metrics are Prometheus text with the figures."""
    home = home_of_things
    url = await home.enable()
    await home.send(url)
    await home.send(url + "x")
    await home.taken(1)
    await until(lambda: home.running.engine.waiting == 0)
    status, body = await home.get("/health")
    health = json.loads(body)
    assert (status, health["ok"], health["subscriptions"], health["waiting"]) == (200, True, 1, 0)
    status, text = await home.get("/metrics")
    assert status == 200
    samples = [sample for family in text_string_to_metric_families(text.decode()) for sample in family.samples]
    figures = {(sample.name, *sorted(sample.labels.items())): sample.value for sample in samples}
    assert figures["tieline_events_total", ("type", "tieline.webhook.OnThing")] == 1
    assert figures["tieline_notifications_total",] == 1
    assert figures["tieline_notifications_refused_total", ("status", "401")] == 1
    assert figures["tieline_deliveries_total", ("outcome", "taken"), ("receiver", "http")] == 1
    assert figures["tieline_keys", ("kind", "subscription"), ("status", "active")] == 1
    for name in ("tieline_dead_letters", "tieline_delivery_retries_total", "tieline_timer_lag_seconds"):
        assert figures[name,] == 0


async def test_metrics_without_store(home_of_things: House) -> None:
    """A store that cannot be read is a 503 for both, with what is wrong."""
    home = home_of_things
    kept = home.running.history
    home.running.history = type(kept)(home.store / "gone.db")
    for path in ("/health", "/metrics"):
        status, body = await home.get(path)
        assert (status, b"there is no store" in body) == (503, True)
    home.running.history = kept


async def test_note(tmp_path: Path) -> None:
    """The note that tells commands where the server is can be read by its user alone, and is gone afterwards."""
    async with house(tmp_path) as home:
        note = home.store / "serve.json"
        if sys.platform != "win32":
            assert stat.S_IMODE(note.stat().st_mode) == 0o600
        assert json.loads(note.read_bytes())["address"] == home.started.address
    assert not note.exists()


async def test_second_server(tmp_path: Path) -> None:
    """A second server on the store, and one on a port that is taken, are refused; the first goes on."""
    async with house(tmp_path) as home:
        with pytest.raises(ServiceError, match="another process runs on the store") as raised:
            async with house(tmp_path):
                pass
        assert raised.value.finding.rule == "store-in-use"
        port = int(home.started.address.rpartition(":")[2])
        with pytest.raises(ServiceError) as raised:
            async with house(tmp_path / "other", serve=lambda run: ServeOptions(run=run, port=port)):
                pass
        assert raised.value.finding.rule == "port-in-use"
        assert (await home.get("/health"))[0] == 200


@pytest.mark.parametrize("url", ["name.example", "ftp://a.example", "https://", "https://[", "https://a.example?b=1"])
async def test_bad_public_url(tmp_path: Path, url: str) -> None:
    """A public URL that no service could use is refused before anything is opened."""
    with pytest.raises(DocumentError, match="is no address under which services reach this"):
        async with house(tmp_path, public_url=url):
            pass
    assert not (tmp_path / "store" / "tieline.db").exists()


async def test_intake_port_that_is_taken(tmp_path: Path) -> None:
    """It is said which of the two ports has to be another one."""
    async with listen(Receiver().app) as address:
        port = int(address.rpartition(":")[2])
        serve = lambda run: ServeOptions(run=run, port=0, intake_port=port)  # noqa: E731
        with pytest.raises(ServiceError) as raised:
            async with house(tmp_path, public_url="https://things.example", serve=serve):
                pass
    assert raised.value.finding.rule == "port-in-use"
    assert "--intake-port" in raised.value.finding.remedy


async def test_public_url(tmp_path: Path) -> None:
    """With a public URL callback URLs begin with it, and its port answers intake and nothing else."""
    serve = lambda run: ServeOptions(run=run, port=0, intake_port=0)  # noqa: E731
    async with house(tmp_path, public_url="https://things.example/", serve=serve) as home:
        url = await home.enable()
        assert url.startswith("https://things.example/workflows/")
        inside = url.replace("https://things.example", home.started.intake)
        host = {"host": "things.example", "content-type": "application/json"}
        assert (await home.send(inside, headers=host))[0] == 202
        for path in ("/health", "/metrics", "/apim/Things/mine/echo/1", "/control/list", "/"):
            assert (await home.send(home.started.intake + path, headers=host))[0] == 404, path
        assert (await home.send(inside, headers={"host": "other.example"}))[0] == 421
        assert (await home.get("/health", host="things.example"))[0] == 421


async def test_moved_hooks(tmp_path: Path) -> None:
    """A server that starts with another address says which hooks lead elsewhere."""
    async with house(tmp_path) as home:
        await home.enable()
        assert home.started.triggers == 0
    async with house(tmp_path) as home:
        assert home.started.triggers == 1
        assert ("hook", "callback-moved") in home.reports


async def test_end_under_way(tmp_path: Path) -> None:
    """A delivery that does not end in the grace time is made again with the next start, under the same id."""
    receiver = Receiver(hold=asyncio.Event())
    async with house(tmp_path, receiver=receiver, engine=EngineOptions(grace=0.05)) as home:
        url = await home.enable()
        await home.send(url)
        await until(lambda: receiver.tries)
        taking = home.taking
    assert receiver.events == []
    receiver.hold.set()
    receiver.hold = None
    port = int(taking.rpartition(":")[2])
    from tieline.net.listener import ListenOptions, listen

    async with listen(receiver.app, ListenOptions(port=port)), house(tmp_path) as home:
        await until(lambda: receiver.events)
    assert set(receiver.tries) == {receiver.events[0]["id"]}
    assert len(receiver.tries) >= 2


async def test_watchers_let_go(tmp_path: Path) -> None:
    """Whoever waits for news when the server ends is let go at once."""
    async with house(tmp_path) as home:
        waiting = asyncio.ensure_future(home.running.control("tail", {"wait": 600.0}))
        await until(lambda: home.running._bells)
    async with asyncio.timeout(2):
        assert (await waiting)["events"] == []


async def test_tail(home_of_things: House) -> None:
    """A tail gives what comes in, from the end or from a time."""
    home = home_of_things
    url = await home.enable()
    await home.send(url)
    earlier = await home.running.control("tail", {"since": 0.0})
    assert len(earlier["events"]) == 1
    assert (await home.running.control("tail", {"wait": 0.01}))["events"] == []
    waiting = asyncio.ensure_future(home.running.control("tail", {"name": "hook", "after": earlier["after"]}))
    await home.send(url)
    assert len((await waiting)["events"]) == 1


async def test_clock_jumps(tmp_path: Path) -> None:
    """A clock that jumps ahead makes one poll, one that jumps back makes none come late by more than the interval."""
    clock = HandClock(1_800_000_000.0)
    async with house(tmp_path, clock=clock) as home:
        await home.enable("NewThings", "poll", interval=60.0)
        for number, jump in enumerate((90.0, 30 * 86400.0), 1):
            home.service.things.append({"id": str(number)})
            clock.move(jump)
            assert len(await home.taken(number)) == number
        await until(lambda: home.running.engine.waiting == 0)
        clock.move(-20 * 86400.0)
        home.service.things.append({"id": "3"})
        shown = await home.running.control("show", {"name": "poll"})
        key = f"subscription/{shown['id']}"
        await until(lambda: home.running.history.wakes([key])[key] < clock.now() + 70)
        clock.move(90.0)
        assert [event["data"]["id"] for event in await home.taken(3)] == ["1", "2", "3"]
        url = await home.enable()
        clock.move(-86400.0)
        assert (await home.send(url))[0] == 202
        await home.taken(4)


async def test_retention(tmp_path: Path) -> None:
    """Events and reports that are too old are gone, the trigger stays."""
    async with house(tmp_path) as home:
        await home.send(await home.enable())
        await home.taken(1)
        now = home.running.clock.now()
    async with house(tmp_path, clock=HandClock(now + 40 * 86400)) as home:
        await until(lambda: not home.running.history.events())
        shown = await home.running.control("show", {"name": "hook"})
        assert [report["rule"] for report in shown["reports"]] == ["callback-moved"]
        assert shown["status"] == "on"


if sys.platform != "win32":

    async def test_only_the_user_reads(tmp_path: Path) -> None:
        """Nobody else can read the files of the store."""
        async with house(tmp_path) as home:
            await home.enable()
            for file in home.store.iterdir():
                assert not file.stat().st_mode & 0o077, file
