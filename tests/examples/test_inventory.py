"""Inventory as its callers see it, and as the guide describes it: a real server on loopback."""

from __future__ import annotations

import json
import re
import socket
import sqlite3
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import jsonschema_rs
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from openapi_spec_validator import validate

DATA = Path(__file__).parent / "data" / "inventory"
WAIT = 10.0


def product(name: str = "Lamp", **others: Any) -> dict[str, Any]:
    return {"name": name, "category": "Tests", "price": 12.5, "quantity": 3, **others}


# -- the description


def test_the_description_is_a_valid_openapi_document(own: Any) -> None:
    """The description is valid OpenAPI 3.0."""
    validate(own.document)
    assert own.document["openapi"].startswith("3.0")


def test_the_description_and_the_routes_agree(inventory: Any, own: Any) -> None:
    """Every route of the API is described, and every described operation has a route."""
    mount = next(route for route in inventory.create_app().routes if route.path == "/v1")
    routed = {(method, route.path) for route in mount.routes for method in route.methods - {"HEAD"}}
    assert routed == set(own.operations)


def test_every_operation_is_served(api: Any, own: Any) -> None:
    """No described operation answers that its path or its method is not there."""
    for method, template in own.operations:
        path = template.replace("{id}", "17").replace("{webhookId}", "17")
        reply = api.call(method, path, {} if method in ("POST", "PUT") else None)
        assert reply.status in (200, 204, 400, 404)
        assert b"there is nothing at" not in reply.body
    assert api.call("DELETE", "/demo/failures").status == 204


def test_the_description_is_served_with_the_address_of_the_caller(api: Any, own: Any) -> None:
    """Without a key, /openapi.yaml gives the description, whose server is the one that was asked."""
    reply = api.raw("GET", "/openapi.yaml")
    served = yaml.safe_load(reply.body)
    assert reply.status == 200
    assert served["servers"][0]["url"] == f"{api.origin}/v1"
    served["servers"] = own.document["servers"]
    assert served == own.document


@pytest.mark.parametrize("host", ["x: y", "a>b", "[::1", "evil#", ""])
def test_a_strange_host_is_not_repeated(api: Any, host: str) -> None:
    """What is not a host and port in the Host header gets into no reply."""
    assert yaml.safe_load(api.raw("GET", "/openapi.yaml", None, {"Host": host}).body)["servers"][0]["url"] == (
        f"{api.origin}/v1"
    )
    link = api.call("GET", "/products?limit=1", headers={"Host": host}).headers["Link"]
    assert link.startswith(f"<{api.origin}/v1/products?limit=1&offset=0>")


def test_health_needs_no_key(api: Any) -> None:
    """Health is told to everybody."""
    assert api.raw("GET", "/health").json() == {"status": "ok"}


# -- keys


@pytest.mark.parametrize("key", [None, "", "wrong", "demo-keys", "demo-ke", "démo-key"])
def test_a_missing_or_wrong_key_is_401(api: Any, key: str | None) -> None:
    """Without a known key, all of the API answers 401, also where there is nothing."""
    for path in ("/products", "/nothing", "/demo/failures"):
        reply = api.raw("GET", f"/v1{path}", None, {} if key is None else {"X-API-Key": key})
        assert reply.status == 401
        assert reply.json()["code"] == "Unauthorized"
        assert reply.headers["WWW-Authenticate"]


def test_the_read_only_key_may_read_but_not_write(api: Any) -> None:
    """The second key reads everything and gets 403 for every write."""
    assert api.call("GET", "/products", key="demo-readonly").status == 200
    for method, path in (("POST", "/products"), ("PUT", "/products/1"), ("DELETE", "/webhooks/1")):
        reply = api.call(method, path, product(), key="demo-readonly")
        assert (reply.status, reply.json()["code"]) == (403, "Forbidden")


def test_keys_are_chosen_by_the_owner(serving: Any) -> None:
    """Other keys replace the usual ones, non-ASCII included."""
    with serving(api_key="schlüssel", read_only_key="r") as served:
        assert served.call("GET", "/products").status == 401
        assert served.raw("GET", "/v1/products", None, {"X-API-Key": "schlüssel".encode()}).status == 200  # type: ignore[dict-item]
        assert served.call("GET", "/products", key="r").status == 200


# -- products


def test_the_seed_is_worth_looking_at(serving: Any) -> None:
    """A new database has about forty products in several categories, in stock and not, and the same in each."""
    with serving() as first, serving() as second:
        products = first.ok("GET", "/products")
        assert products == second.ok("GET", "/products")
    assert 35 <= len(products) <= 50
    assert len({each["category"] for each in products}) >= 5
    electronics = [each for each in products if each["category"] == "Electronics"]
    assert {each["inStock"] for each in electronics} == {True, False}


def test_a_product_lives_and_dies(api: Any) -> None:
    """Create, get, update and delete do what they say."""
    created = api.call("POST", "/products", product())
    thing = created.json()
    assert created.status == 201
    assert created.headers["Location"] == f"{api.origin}/v1/products/{thing['id']}"
    assert thing == {**product(), "id": thing["id"], "inStock": True, "lastUpdated": thing["lastUpdated"]}
    assert api.ok("GET", f"/products/{thing['id']}") == thing
    changed = api.ok("PUT", f"/products/{thing['id']}", product("Lamp 2", quantity=0))
    assert (changed["id"], changed["name"], changed["inStock"]) == (thing["id"], "Lamp 2", False)
    assert changed["lastUpdated"] > thing["lastUpdated"]
    gone = api.call("DELETE", f"/products/{thing['id']}")
    assert (gone.status, gone.body) == (204, b"")
    assert api.call("GET", f"/products/{thing['id']}").status == 404
    assert api.call("DELETE", f"/products/{thing['id']}").status == 404


def test_a_quantity_that_is_left_out(api: Any) -> None:
    """A new product then has none, an old one keeps what it had."""
    thing = api.ok("POST", "/products", {"name": "x", "category": "Tests", "price": 1})
    assert (thing["quantity"], thing["inStock"]) == (0, False)
    api.ok("PUT", f"/products/{thing['id']}", product(quantity=7))
    assert api.ok("PUT", f"/products/{thing['id']}", {"name": "x", "category": "Tests", "price": 1})["quantity"] == 7


def test_a_product_can_be_sent_back_as_it_came(api: Any) -> None:
    """The fields that only the inventory sets are ignored in a body."""
    thing = api.ok("POST", "/products", {**product(), "id": "mine", "inStock": False, "lastUpdated": "never"})
    assert thing["id"] != "mine"
    assert api.ok("PUT", f"/products/{thing['id']}", thing)["inStock"] is True


@pytest.mark.parametrize(
    "name", ["'); DROP TABLE products; --", '" OR ""="', "抹茶 🍵 Ünïcödé", "{{body.id}}", "<script>", "%s %00 \\u0000"]
)
def test_texts_are_kept_as_they_are(api: Any, name: str) -> None:
    """Whatever a name looks like, it is only a name."""
    thing = api.ok("POST", "/products", product(name, category=name))
    assert api.ok("GET", f"/products/{thing['id']}")["name"] == name
    found = api.ok("GET", f"/products?category={quote(name)}")
    assert [each["id"] for each in found] == [thing["id"]]


@pytest.mark.parametrize(
    ("query", "stock"),
    [("inStock=true", {True}), ("inStock=False", {False}), ("inStock=", {True, False}), ("", {True, False})],
)
def test_filters(api: Any, query: str, stock: set[bool]) -> None:
    """Category and stock narrow the list; an empty parameter is as good as none."""
    found = api.ok("GET", f"/products?category=Electronics&{query}")
    assert {each["inStock"] for each in found} == stock
    assert {each["category"] for each in found} == {"Electronics"}
    assert api.ok("GET", f"/products?category=electronics' OR 1=1&{query}".replace(" ", "%20")) == []


def links(reply: Any) -> dict[str, str]:
    pairs = re.findall(r'<([^>]+)>; rel="(\w+)"', reply.headers.get("Link", ""))
    return {name: url for url, name in pairs}


@pytest.mark.parametrize("limit", [1, 7, 40, 100])
def test_a_walk_through_the_pages_sees_every_product_once(limit: int, serving: Any) -> None:
    """From first by next to last, and back by prev, each product is seen once, filters kept."""
    with serving() as served:
        everything = [each["id"] for each in served.ok("GET", "/products?inStock=true")]
        seen: list[str] = []
        target: str | None = f"/products?inStock=true&limit={limit}"
        pages = []
        while target:
            reply = served.call("GET", target)
            assert reply.headers["X-Total-Count"] == str(len(everything))
            seen += [each["id"] for each in reply.json()]
            pages.append(reply)
            target = links(reply).get("next", "").removeprefix(f"{served.origin}/v1") or None
        assert seen == everything
        assert len(pages) == -(-len(everything) // limit)
        if len(pages) == 1:
            assert "Link" not in pages[0].headers
            return
        assert "prev" not in links(pages[0])
        for before, after in pairwise(pages):
            back = served.call("GET", links(after)["prev"].removeprefix(f"{served.origin}/v1"))
            assert back.json() == before.json()
        last = served.call("GET", links(pages[0])["last"].removeprefix(f"{served.origin}/v1"))
        assert last.json() == pages[-1].json()


def test_limits_of_paging(api: Any) -> None:
    """A huge limit counts as 100, an offset beyond the end gives an empty page with a way back."""
    for index in range(70):
        api.ok("POST", "/products", product(f"Filler {index}"))
    assert len(api.ok("GET", "/products?limit=99999999999999999999999999")) == 100
    assert len(api.ok("GET", "/products")) == 50
    beyond = api.call("GET", "/products?offset=99999999999999999999999999")
    assert beyond.json() == []
    assert set(links(beyond)) == {"first", "prev", "last"}
    assert links(beyond)["prev"] == links(beyond)["last"]


# -- bad input


def bad_requests() -> list[Any]:
    cases = yaml.safe_load((DATA / "bad_requests.yaml").read_text(encoding="utf-8"))
    return [pytest.param(case, id=case["name"]) for case in cases]


@pytest.mark.parametrize("case", bad_requests())
def test_bad_requests(api: Any, case: dict[str, Any], own: Any) -> None:
    """Each bad request gets its status in the Error shape, and each bad field is named."""
    method, path = case["send"].split(" ", 1)
    data = None
    if "latin1" in case:
        data = case["latin1"].encode("latin-1")
    if "text" in case:
        data = re.sub(r"@(.)x(\d+)", lambda match: match[1] * int(match[2]), case["text"]).encode()
    headers = {"Content-Type": case["type"]} if "type" in case else None
    reply = api.call(method, path, case.get("json"), data=data, headers=headers)
    assert reply.status == case["status"], reply.body
    own.validator({"$ref": "#/components/schemas/Error"}).validate(reply.json())
    assert [each["field"] for each in reply.json()["details"]] == case.get("fields", [])


def test_a_wrong_method_hears_which_there_are(api: Any) -> None:
    """A 405 names every method of the path."""
    allowed = api.call("PATCH", "/products/17").headers["Allow"]
    assert set(allowed.split(", ")) == {"GET", "HEAD", "PUT", "DELETE"}


def test_a_body_that_is_too_large_is_refused(api: Any) -> None:
    """More than 64 KiB is 413, with its length announced and without."""
    large = json.dumps(product("x" * 70_000)).encode()
    announced = api.call("POST", "/products", data=large)
    chunked = api.call("POST", "/products", data=iter([large[:50_000], large[50_000:]]))
    assert (announced.status, chunked.status) == (413, 413)
    assert announced.json()["code"] == "PayloadTooLarge"


def test_a_caller_who_hangs_up_harms_nobody(api: Any) -> None:
    """Half a body and then nothing leaves the server as it was."""
    with socket.create_connection(("127.0.0.1", api.port), WAIT) as caller:
        caller.sendall(
            b"POST /v1/products HTTP/1.1\r\nHost: x\r\nX-API-Key: demo-key\r\nContent-Type: application/json\r\n"
            b'Content-Length: 100\r\n\r\n{"name":'
        )
    assert api.ok("GET", "/products?limit=1")


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from(
    ["name", "category", "price", "quantity", "callbackUrl", "eventType", "metadata", "displayName"]
)


@settings(max_examples=80, deadline=None)
@given(
    path=st.sampled_from(["/products", "/legacy/items", "/demo/failures", "/webhooks"]),
    body=st.binary(max_size=50)
    | st.dictionaries(NAMES, JSON_VALUES, max_size=5).map(lambda value: json.dumps(value).encode()),
)
def test_any_body_is_taken_or_refused(api: Any, path: str, body: bytes) -> None:
    """Whatever is sent, the answer is a success or a 400 in the Error shape."""
    try:
        assert api.call("POST", path, data=body).status in (200, 201, 400)
    finally:
        api.call("DELETE", "/demo/failures")
        for hook in api.ok("GET", "/webhooks"):
            api.call("DELETE", f"/webhooks/{hook['id']}")


@settings(max_examples=80, deadline=None)
@given(
    name=st.sampled_from(["category", "inStock", "limit", "offset", "since"]),
    value=st.text(max_size=40) | st.datetimes().map(str) | st.integers().map(str),
)
def test_any_parameter_is_taken_or_refused(api: Any, name: str, value: str) -> None:
    """Whatever a parameter says, the answer is a list or a 400 that names the parameter."""
    path = "/items/poll" if name == "since" else "/products"
    reply = api.call("GET", f"{path}?{name}={quote(value, errors='replace')}")
    assert reply.status == 200 or [each["field"] for each in reply.json()["details"]] == [name]


# -- polling


def test_polling_gives_each_change_once_newest_first(api: Any) -> None:
    """Going on from the newest item seen, every change comes once, and nothing comes without a change."""
    newest = api.ok("GET", "/items/poll")[0]["lastUpdated"]
    assert api.ok("GET", f"/items/poll?since={newest}") == []
    made = [api.ok("POST", "/products", product(f"Polled {index}")) for index in range(120)]
    items = api.ok("GET", f"/items/poll?since={newest}")
    assert [item["id"] for item in items] == [each["id"] for each in reversed(made)]
    assert {item["change"] for item in items} == {"created"}
    times = [item["lastUpdated"] for item in items]
    assert times == sorted(set(times), reverse=True)
    api.ok("PUT", f"/products/{made[3]['id']}", product("Changed"))
    again = api.ok("GET", f"/items/poll?since={times[0]}")
    assert [(item["name"], item["change"]) for item in again] == [("Changed", "updated")]


def test_polling_without_a_moment_is_bounded(serving: Any) -> None:
    """Without `since`, the newest hundred items come."""
    with serving() as served:
        assert len(served.ok("GET", "/items/poll")) == len(served.ok("GET", "/products"))
        for index in range(70):
            served.ok("POST", "/products", product(str(index)))
        assert len(served.ok("GET", "/items/poll")) == 100


@pytest.mark.parametrize(
    ("since", "count"),
    [
        ("2025-01-06T08:37:59.999Z", 2),
        ("2025-01-06T08:38:00.000Z", 1),
        ("2025-01-06t08:38:00z", 1),
        ("2025-01-06T08:37:59.9999999Z", 2),
        ("2025-01-06T08:38:00.0004Z", 1),
        ("2025-01-06T09:38:00%2B01:00", 1),
        ("2025-01-06T00:38:00-08:00", 1),
        ("0001-01-01T00:00:00Z", 40),
        ("9999-12-31T23:59:59.999Z", 0),
        ("", 40),
    ],
)
def test_moments_are_understood(since: str, count: int, serving: Any) -> None:
    """Zones, fractions of any length and both letter cases; strictly later counts."""
    with serving() as served:
        assert len(served.ok("GET", f"/items/poll?since={since}")) == count


# -- the older interface


def test_legacy_items(serving: Any) -> None:
    """What is posted leads the list; total counts all; an empty id is replaced."""
    item = {"externalId": "A-17", "displayName": "Übersetzer", "metadata": {"source": "PowerAutomate", "timestamp": ""}}
    with serving() as served:
        before = served.ok("GET", "/legacy/items")
        assert before["total"] == len(before["data"]) >= 5
        posted = served.ok("POST", "/legacy/items", item)
        assert served.ok("POST", "/legacy/items", {"externalId": "", "displayName": "x"})["externalId"]
        after = served.ok("GET", "/legacy/items?limit=2")
        assert (after["total"], len(after["data"])) == (before["total"] + 2, 2)
        assert after["data"][1] == posted
        assert served.ok("GET", "/legacy/items?offset=2")["data"] == before["data"]


# -- failures on request and the rate


def test_failures_on_request_are_counted(api: Any) -> None:
    """The next calls fail as asked for, then all is well again; asking is never in the way of itself."""
    assert api.ok("POST", "/demo/failures", {"status": 429, "times": 2, "retryAfter": 0})["times"] == 2
    replies = [api.call("GET", "/products") for _ in range(3)]
    assert [reply.status for reply in replies] == [429, 429, 200]
    assert replies[0].headers["Retry-After"] == "0"
    assert api.ok("POST", "/demo/failures", {}) == {"status": 429, "times": 1, "retryAfter": 1}
    assert api.ok("POST", "/demo/failures", {"status": 500, "times": 1000}) == {"status": 500, "times": 1000}
    reply = api.call("POST", "/products", product())
    assert (reply.status, "Retry-After" in reply.headers) == (500, False)
    api.ok("DELETE", "/demo/failures")
    assert api.call("GET", "/products").status == 200


def test_strangers_use_up_no_failure(api: Any) -> None:
    """A call without a key is 401 and leaves the failure to the next."""
    api.ok("POST", "/demo/failures", {"status": 500})
    assert api.call("GET", "/products", key=None).status == 401
    assert api.call("GET", "/products").status == 500


@pytest.mark.parametrize("status", [402, 408, 409, 418, 499, 502, 503, 504, 599])
def test_any_error_can_be_asked_for(api: Any, status: int, own: Any) -> None:
    """Statuses that the description does not declare come in the Error shape too."""
    api.ok("POST", "/demo/failures", {"status": status, "retryAfter": 7})
    reply = api.raw("GET", "/v1/products", None, {"X-API-Key": "demo-key"})
    assert (reply.status, reply.headers["Retry-After"]) == (status, "7")
    own.validator({"$ref": "#/components/schemas/Error"}).validate(reply.json())


def test_the_rate_is_limited_for_each_key(inventory: Any, serving: Any) -> None:
    """A key that used up its burst gets 429 with the seconds to wait; the other key does not."""
    with serving(rate=inventory.Rate(per_second=0.1, burst=3)) as served:
        replies = [served.call("GET", "/products") for _ in range(4)]
        assert [reply.status for reply in replies] == [200, 200, 200, 429]
        assert 1 <= int(replies[3].headers["Retry-After"]) <= 10
        assert served.call("GET", "/products", key="demo-readonly").status == 200


def test_a_bucket_fills_up_with_time(inventory: Any) -> None:
    """Tokens come back at the rate, up to the burst, and the wait that is told is just enough."""
    times = [0.0]
    bucket = inventory.gate.Bucket(inventory.Rate(per_second=2.0, burst=2), lambda: times[0])
    assert [bucket.take() for _ in range(3)] == [0.0, 0.0, 0.5]
    times[0] = 0.5
    assert [bucket.take() for _ in range(2)] == [0.0, 0.5]
    times[0] = 100.0
    assert [bucket.take() for _ in range(3)] == [0.0, 0.0, 0.5]


def test_a_real_fault_is_500_and_says_nothing_of_its_cause(tmp_path: Path, serving: Any) -> None:
    """When the database is broken under it, the server answers 500 in the Error shape and lives on."""
    file = tmp_path / "inventory.db"
    with serving(database=file) as served:
        assert served.call("GET", "/products").status == 200
        other = sqlite3.connect(file)
        other.execute("DROP TABLE products")
        other.commit()
        other.close()
        reply = served.call("GET", "/products")
        assert (reply.status, reply.json()["code"]) == (500, "InternalError")
        assert b"table" not in reply.body
        assert served.call("GET", "/webhooks").status == 200


# -- the guide


def guide(shared: Path, name: str) -> Any:
    return yaml.safe_load((shared / "guide" / name).read_text(encoding="utf-8"))


def test_the_guides_description_is_served_to_the_letter(shared: Path, contract: Any, serving: Any) -> None:
    """Every operation of the guide's description answers as it declares, with exactly the fields of its Product."""
    guides = contract(guide(shared, "openapi.yaml"))
    fields = set(guides.document["components"]["schemas"]["Product"]["properties"])
    scheme = guides.document["components"]["securitySchemes"]["apiKey"]
    assert (scheme["in"], scheme["name"]) == ("header", "X-API-Key")
    assert urlsplit(guides.document["servers"][0]["url"]).path == "/v1"
    with serving() as served:
        served.contracts.append(guides)
        listed = served.ok("GET", "/products?category=Electronics&inStock=true")
        assert listed
        assert all(each["inStock"] for each in listed)
        thing = served.ok("POST", "/products", {"name": "x", "category": "y", "price": 1.5, "quantity": 2})
        path = f"/products/{thing['id']}"
        shown = [*listed, thing, served.ok("GET", path), served.ok("PUT", path, product())]
        served.ok("DELETE", path)
    assert all(set(each) == fields for each in shown)
    assert {(method, path) for method, path, _ in guides.seen} == set(guides.operations)


def test_the_guides_triggers_are_served(shared: Path, own: Any, contract: Any, serving: Any, receiving: Any) -> None:
    """The guide's webhook and polling operations answer as they declare."""
    webhook, polling = guide(shared, "trigger-webhook.yaml"), guide(shared, "trigger-polling.yaml")
    schemas = {name: own.document["components"]["schemas"][name] for name in ("Item", "WebhookPayload", "Product")}
    guides = contract({"paths": {**webhook["paths"], **polling["paths"]}, "components": {"schemas": schemas}})
    subscribe = guides.operations["POST", "/webhooks"]["requestBody"]["content"]["application/json"]["schema"]
    with receiving() as receiver, serving() as served:
        served.contracts.append(guides)
        for event_type in subscribe["properties"]["eventType"]["enum"]:
            body = {"callbackUrl": receiver.url, "eventType": event_type}
            guides.validator(subscribe).validate(body)
            hook = served.ok("POST", "/webhooks", body)
            served.ok("DELETE", f"/webhooks/{hook['id']}")
        # The hooks are listed at the same path; the guide says nothing of that.
        assert served.ok("GET", "/items/poll?since=2025-01-06T08:00:00.000Z")
    assert {(method, path) for method, path, _ in guides.seen} == set(guides.operations)


def test_the_guides_extensions_stand_where_the_guide_puts_them(shared: Path, own: Any) -> None:
    """Our description marks the triggers at the very places where the guide's fragments do."""

    def marks(value: Any, route: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        for key, inner in (
            value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        ):
            if str(key).startswith("x-ms-"):
                yield (*route, key)
            yield from marks(inner, (*route, key))

    ours = set(marks(own.document))
    for name in ("trigger-webhook.yaml", "trigger-polling.yaml"):
        assert set(marks(guide(shared, name))) <= ours


def test_every_reply_of_the_guides_errors_can_be_had(shared: Path, serving: Any) -> None:
    """Each status of errors.yaml comes with the guide's Error and the headers that it declares."""
    errors = guide(shared, "errors.yaml")
    shape = jsonschema_rs.Draft4Validator(errors["components"]["schemas"]["Error"])
    with serving() as served:
        for status, declared in errors["responses"].items():
            served.ok("POST", "/demo/failures", {"status": int(status)})
            reply = served.raw("GET", "/v1/products", None, {"X-API-Key": "demo-key"})
            assert reply.status == int(status)
            shape.validate(reply.json())
            assert set(reply.json()) == set(errors["components"]["schemas"]["Error"]["properties"])
            for header in declared.get("headers", {}):
                assert int(reply.headers[header]) >= 0


def test_what_the_guides_request_policy_writes_is_taken(shared: Path, api: Any) -> None:
    """The body of the guide's request template, with values put in, makes a legacy item, empty ones included."""
    template = re.search(
        r"<set-body.*?>(.*)</set-body>", (shared / "guide/policy-transform-request.xml").read_text(), re.S
    )
    assert template is not None
    for values in (
        {"body.id": "17", "body.name": "Lamp", "utcNow": "2026-11-25T08:30:00.0000000Z"},
        {"body.id": "", "body.name": "Lamp", "utcNow": ""},
    ):
        body = re.sub(r"\{\{(.+?)\}\}", lambda match, values=values: values[match[1]], template[1])
        assert api.call("POST", "/legacy/items", data=body.encode()).status == 201


def test_what_the_guides_response_policy_reads_is_there(shared: Path, api: Any) -> None:
    """Every value that the guide's response template asks for is in the list of legacy items."""
    text = (shared / "guide/policy-transform-response.xml").read_text(encoding="utf-8")
    listed = api.ok("GET", "/legacy/items")
    assert set(re.findall(r"body\.(\w+)", text)) <= set(listed)
    for item in listed["data"]:
        assert set(re.findall(r"\{\{item\.(\w+)\}\}", text)) <= set(item)
