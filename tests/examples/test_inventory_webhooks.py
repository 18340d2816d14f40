"""Inventory really calls back: receivers on loopback that are quick, slow, failing or absent."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import Any

import pytest

WAIT = 10.0


def product(name: str = "Lamp", **others: Any) -> dict[str, Any]:
    return {"name": name, "category": "Tests", "price": 12.5, "quantity": 3, **others}


def test_a_webhook_hears_of_every_change_in_order(api: Any, own: Any, receiving: Any) -> None:
    """Created, updated and deleted arrive in the order of the changes, as the description says."""
    payload = own.validator(own.document["paths"]["/webhooks"]["x-ms-notification-content"]["schema"])
    with receiving() as receiver:
        registered = api.call("POST", "/webhooks", {"callbackUrl": receiver.url})
        hook = registered.json()
        assert "Location" not in registered.headers
        assert (hook["callbackUrl"], "eventType" in hook) == (receiver.url, False)
        things = [api.ok("POST", "/products", product(f"Ordered {index}")) for index in range(5)]
        changed = api.ok("PUT", f"/products/{things[0]['id']}", product("Other"))
        api.ok("DELETE", f"/products/{things[0]['id']}")
        events = [receiver.next() for _ in range(7)]
        assert api.call("DELETE", f"/webhooks/{hook['id']}").status == 204
    for event in events:
        payload.validate(event)
    assert [event["eventType"] for event in events] == ["created"] * 5 + ["updated", "deleted"]
    assert [event["item"] for event in events] == [*things, changed, changed]
    assert len({event["eventId"] for event in events}) == 7
    assert [event["occurredAt"] for event in events] == sorted({event["occurredAt"] for event in events})


@pytest.mark.parametrize("event_type", ["created", "updated", "deleted"])
def test_a_webhook_hears_only_what_it_asked_for(api: Any, event_type: str, receiving: Any) -> None:
    """An event type leaves out the other two."""
    with receiving() as receiver:
        hook = api.ok("POST", "/webhooks", {"callbackUrl": receiver.url, "eventType": event_type})
        for _ in range(2):
            thing = api.ok("POST", "/products", product())
            api.ok("PUT", f"/products/{thing['id']}", product())
            api.ok("DELETE", f"/products/{thing['id']}")
        assert [receiver.next()["eventType"] for _ in range(2)] == [event_type] * 2
        assert api.ok("GET", "/webhooks")[0]["eventType"] == event_type
        api.ok("DELETE", f"/webhooks/{hook['id']}")
        assert receiver.arrived.empty()


def test_a_callback_url_is_used_to_the_letter(api: Any, receiving: Any) -> None:
    """Escapes and signatures in a callback URL arrive as they were given."""
    query = "api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=a-B_c%2B/d==&e=%7e" + "x" * 400
    with receiving() as receiver:
        hook = api.ok("POST", "/webhooks", {"callbackUrl": f"{receiver.url}/a%2Fb//c/../d?{query}"})
        api.ok("POST", "/products", product())
        path, _ = receiver.arrived.get(timeout=WAIT)
        api.ok("DELETE", f"/webhooks/{hook['id']}")
    assert path == f"/hook/a%2Fb//c/../d?{query}"


def test_a_delivery_is_tried_again(api: Any, receiving: Any) -> None:
    """A receiver that fails at first gets the same event again, and only then the next one."""
    with receiving(500, 429, 302) as receiver:
        hook = api.ok("POST", "/webhooks", {"callbackUrl": receiver.url})
        first = api.ok("POST", "/products", product("First"))
        second = api.ok("POST", "/products", product("Second"))
        events = [receiver.next() for _ in range(5)]
        api.ok("DELETE", f"/webhooks/{hook['id']}")
    assert [event["item"]["id"] for event in events] == [first["id"]] * 4 + [second["id"]]
    assert len({event["eventId"] for event in events}) == 2


def test_a_delivery_that_is_given_up_is_told(api: Any, receiving: Any) -> None:
    """After three retries the next event follows, and the list of webhooks says what happened."""
    with receiving(500, 500, 500, 500) as receiver:
        hook = api.ok("POST", "/webhooks", {"callbackUrl": receiver.url})
        for name in ("Lost", "Kept", "Last"):
            api.ok("POST", "/products", product(name))
        # When the last event arrives, what became of the two before it is settled.
        assert [receiver.next()["item"]["name"] for _ in range(6)] == ["Lost"] * 4 + ["Kept", "Last"]
        report = next(each for each in api.ok("GET", "/webhooks") if each["id"] == hook["id"])["deliveries"]
        api.ok("DELETE", f"/webhooks/{hook['id']}")
    assert (report["failed"], report["lastError"]) == (1, "the callback URL answered 500")
    assert report["delivered"] in (1, 2)


def test_a_slow_receiver_holds_up_nobody_else(inventory: Any, serving: Any, receiving: Any) -> None:
    """While one receiver does not answer, calls and other receivers go on, and the server still ends in time."""
    before = set(threading.enumerate())
    hold = threading.Event()
    delivery = inventory.Delivery(grace=0.05, timeout=60.0)
    with receiving(hold=hold) as slow, receiving() as quick:
        with serving(delivery=delivery) as served:
            for receiver in (slow, quick):
                served.ok("POST", "/webhooks", {"callbackUrl": receiver.url})
            for index in range(10):
                served.ok("POST", "/products", product(str(index)))
            assert [quick.next()["item"]["name"] for _ in range(10)] == [str(index) for index in range(10)]
            assert slow.next()["item"]["name"] == "0"
        assert slow.arrived.empty()
        hold.set()
    assert {thread for thread in threading.enumerate() if not thread.daemon} <= before


def change_for(inventory: Any, callback_url: str) -> Any:
    records = inventory.records
    thing = records.Product(id="1", name="x", category="y", price=1.0, quantity=0, created=1, updated=1)
    hook = records.Hook(id="h", callback_url=callback_url, event_type=None, created=1)
    return records.Change(id="e", event_type="created", product=thing, occurred=1, hooks=(hook,))


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "a" * 70 + ":{port}", "[v1.x]"])
def test_a_receiver_that_is_not_there_is_told(inventory: Any, host: str) -> None:
    """A URL that nobody answers at, or that no name leads to, counts as a failure."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    deliveries = inventory.deliveries.Deliveries(inventory.Delivery(delay=0.0, grace=WAIT))

    async def deliver() -> None:
        async with deliveries:
            deliveries.publish(change_for(inventory, f"http://{host.format(port=port)}/hook"))

    asyncio.run(deliver())
    report = deliveries.report("h")
    assert (report.delivered, report.failed) == (0, 1)
    assert "could not be reached" in report.last_error


def test_a_receiver_that_takes_too_long_is_told(inventory: Any, receiving: Any) -> None:
    """A try ends with its timeout."""
    hold = threading.Event()
    deliveries = inventory.deliveries.Deliveries(inventory.Delivery(retries=0, timeout=0.05, grace=WAIT))

    async def deliver(url: str) -> None:
        async with deliveries:
            deliveries.publish(change_for(inventory, url))

    with receiving(hold=hold) as receiver:
        asyncio.run(deliver(receiver.url))
        hold.set()
    assert deliveries.report("h").last_error == "the callback URL did not answer within 0.05 s"


def test_what_comes_too_late_or_too_much_is_counted(inventory: Any) -> None:
    """Beyond the backlog and after the end, a change counts as failed instead of vanishing."""
    deliveries = inventory.deliveries.Deliveries(inventory.Delivery(backlog=1, grace=0.0))
    change = change_for(inventory, "http://127.0.0.1:9/")

    async def deliver() -> None:
        async with deliveries:
            deliveries.publish(change)
            deliveries.publish(change)
        deliveries.publish(change)

    asyncio.run(deliver())
    assert deliveries.report("h").failed == 2


def test_a_removed_webhook_hears_no_more(api: Any, receiving: Any) -> None:
    """What waits for a webhook is dropped when it is deleted, even in the middle of a try."""
    hold = threading.Event()
    with receiving(hold=hold) as slow, receiving() as quick:
        removed = api.ok("POST", "/webhooks", {"callbackUrl": slow.url})
        kept = api.ok("POST", "/webhooks", {"callbackUrl": quick.url})
        for name in ("First", "Second"):
            api.ok("POST", "/products", product(name))
        assert slow.next()["item"]["name"] == "First"
        api.ok("DELETE", f"/webhooks/{removed['id']}")
        hold.set()
        api.ok("POST", "/products", product("Third"))
        assert [quick.next()["item"]["name"] for _ in range(3)] == ["First", "Second", "Third"]
        assert [each["id"] for each in api.ok("GET", "/webhooks")] == [kept["id"]]
        api.ok("DELETE", f"/webhooks/{kept['id']}")
    assert slow.arrived.empty()
