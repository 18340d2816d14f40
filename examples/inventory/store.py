"""Where Inventory keeps its data: one SQLite database, used from one thread at a time. No HTTP here."""

from __future__ import annotations

import csv
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

from .records import Change, EventType, Hook, LegacyItem, Product, ProductInput

MEMORY = ":memory:"
"""SQLite's name for a database that lives as long as its connection."""

_VERSION = 1

_SEED = Path(__file__).resolve().parent / "seed"

_SEEDED_FROM = 1_736_150_400_000
"""The moment of the first seeded product, 2025-01-06T08:00:00Z; the others follow, one each minute."""

_TABLES = """
CREATE TABLE clock (last INTEGER NOT NULL);
INSERT INTO clock VALUES (0);
CREATE TABLE products (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, category TEXT NOT NULL,
    price REAL NOT NULL, quantity INTEGER NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL
);
CREATE INDEX products_by_category ON products (category);
CREATE INDEX products_by_change ON products (updated);
CREATE TABLE hooks (
    id TEXT PRIMARY KEY, callback_url TEXT NOT NULL, event_type TEXT, created INTEGER NOT NULL
);
CREATE TABLE legacy_items (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    external_id TEXT NOT NULL, display_name TEXT NOT NULL, source TEXT NOT NULL, timestamp TEXT NOT NULL,
    created INTEGER NOT NULL
);
"""

_PRODUCT, _HOOK, _LEGACY = (", ".join(each.name for each in fields(kind)) for kind in (Product, Hook, LegacyItem))
"""The columns of each table, named like the fields of its record."""


def _quiet(change: Change) -> None:
    """Tells nobody."""


class Store:
    """The database. Every method is one transaction; `sqlite3.Error` where the file cannot be used."""

    def __init__(self, database: str | Path, on_change: Callable[[Change], None] = _quiet) -> None:
        """Open the database, and fill it if it is new. `on_change` hears each change in the order of the commits."""
        self._on_change = on_change
        # Opened in one thread, closed in another at the latest when the program ends: the owner takes care of turns.
        self._connection = sqlite3.connect(str(database), isolation_level=None, check_same_thread=False, timeout=10.0)
        self._connection.row_factory = sqlite3.Row
        try:
            with self._transaction():
                self._prepare()
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Close the database; a second call does nothing."""
        self._connection.close()

    # -- products

    def products(
        self, category: str | None, in_stock: bool | None, limit: int, offset: int
    ) -> tuple[list[Product], int]:
        """One page of the products that fit, oldest first, and how many fit in all."""
        where = "(:category IS NULL OR category = :category) AND (:in_stock IS NULL OR (quantity > 0) = :in_stock)"
        values = {"category": category, "in_stock": in_stock, "limit": limit, "offset": offset}
        with self._transaction():
            rows = self._rows(
                f"SELECT {_PRODUCT} FROM products WHERE {where} ORDER BY position LIMIT :limit OFFSET :offset", values
            )
            return [Product(**row) for row in rows], self._number(
                f"SELECT count(*) FROM products WHERE {where}", values
            )

    def changed_since(self, since: int | None, limit: int) -> list[Product]:
        """All products changed after a moment, newest first; without a moment the newest `limit`."""
        # Newest first with a limit would lose the oldest for good, since the caller goes on from the newest.
        order = "ORDER BY updated DESC"
        if since is None:
            rows = self._rows(f"SELECT {_PRODUCT} FROM products {order} LIMIT ?", (limit,))
        else:
            rows = self._rows(f"SELECT {_PRODUCT} FROM products WHERE updated > ? {order}", (since,))
        return [Product(**row) for row in rows]

    def product(self, product_id: str) -> Product | None:
        """The product of that id, or None."""
        rows = self._rows(f"SELECT {_PRODUCT} FROM products WHERE id = ?", (product_id,))
        return Product(**rows[0]) if rows else None

    def create(self, wanted: ProductInput) -> Product:
        """Add a product."""
        with self._transaction():
            now = self._tick()
            product = Product(
                id=str(uuid.uuid4()),
                name=wanted.name,
                category=wanted.category,
                price=wanted.price,
                quantity=wanted.quantity or 0,
                created=now,
                updated=now,
            )
            self._insert("products", product)
            change = self._change("created", product, now)
        self._on_change(change)
        return product

    def update(self, product_id: str, wanted: ProductInput) -> Product | None:
        """Change a product; None where there is none of that id."""
        with self._transaction():
            old = self.product(product_id)
            if old is None:
                return None
            product = replace(
                old,
                name=wanted.name,
                category=wanted.category,
                price=wanted.price,
                quantity=old.quantity if wanted.quantity is None else wanted.quantity,
                updated=self._tick(),
            )
            self._connection.execute(
                "UPDATE products SET name = ?, category = ?, price = ?, quantity = ?, updated = ? WHERE id = ?",
                (product.name, product.category, product.price, product.quantity, product.updated, product.id),
            )
            change = self._change("updated", product, product.updated)
        self._on_change(change)
        return product

    def delete(self, product_id: str) -> bool:
        """Remove a product; False where there is none of that id."""
        with self._transaction():
            product = self.product(product_id)
            if product is None:
                return False
            self._connection.execute("DELETE FROM products WHERE id = ?", (product_id,))
            change = self._change("deleted", product, self._tick())
        self._on_change(change)
        return True

    # -- hooks

    def hooks(self) -> list[Hook]:
        """All hooks, oldest first."""
        return [Hook(**row) for row in self._rows(f"SELECT {_HOOK} FROM hooks ORDER BY created")]

    def add_hook(self, callback_url: str, event_type: EventType | None) -> Hook:
        """Add a hook; it hears of the changes that are committed after it."""
        with self._transaction():
            hook = Hook(id=str(uuid.uuid4()), callback_url=callback_url, event_type=event_type, created=self._tick())
            self._insert("hooks", hook)
        return hook

    def remove_hook(self, hook_id: str) -> bool:
        """Remove a hook; False where there is none of that id."""
        return self._connection.execute("DELETE FROM hooks WHERE id = ?", (hook_id,)).rowcount > 0

    # -- the older interface

    def legacy_items(self, limit: int, offset: int) -> tuple[list[LegacyItem], int]:
        """One page of the older interface's records, newest first, and how many there are in all."""
        with self._transaction():
            rows = self._rows(
                f"SELECT {_LEGACY} FROM legacy_items ORDER BY position DESC LIMIT ? OFFSET ?", (limit, offset)
            )
            return [LegacyItem(**row) for row in rows], self._number("SELECT count(*) FROM legacy_items")

    def add_legacy_item(self, external_id: str, display_name: str, source: str, timestamp: str) -> LegacyItem:
        """Add a record of the older interface; an empty id gets a new one."""
        with self._transaction():
            item = LegacyItem(
                external_id=external_id or str(uuid.uuid4()),
                display_name=display_name,
                source=source,
                timestamp=timestamp,
                created=self._tick(),
            )
            self._insert("legacy_items", item)
        return item

    # -- inside

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        # IMMEDIATE: another process on the same file must not tick the clock between our read and our write.
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def _rows(self, statement: str, values: Any = ()) -> list[sqlite3.Row]:
        return self._connection.execute(statement, values).fetchall()

    def _number(self, statement: str, values: Any = ()) -> int:
        return int(self._rows(statement, values)[0][0])

    def _tick(self) -> int:
        """The time of this change: now, but later than every change before it, whatever the system's clock does."""
        now = time.time_ns() // 1_000_000
        self._connection.execute("UPDATE clock SET last = max(last + 1, ?)", (now,))
        return self._number("SELECT last FROM clock")

    def _change(self, event_type: EventType, product: Product, occurred: int) -> Change:
        rows = self._rows(
            f"SELECT {_HOOK} FROM hooks WHERE event_type IS NULL OR event_type = ? ORDER BY created", (event_type,)
        )
        hooks = tuple(Hook(**row) for row in rows)
        return Change(id=str(uuid.uuid4()), event_type=event_type, product=product, occurred=occurred, hooks=hooks)

    def _insert(self, table: str, record: Product | Hook | LegacyItem) -> None:
        values = asdict(record)
        marks = ", ".join(f":{name}" for name in values)
        self._connection.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", values)

    def _prepare(self) -> None:
        """Make and fill the tables of a new database; refuse one that is not ours, unharmed."""
        version = self._number("PRAGMA user_version")
        if version == _VERSION:
            return
        if version or self._number("SELECT count(*) FROM sqlite_master"):
            raise sqlite3.DatabaseError("it was made by another program, or by another version of this one")
        for statement in _TABLES.split(";"):
            self._connection.execute(statement)
        self._connection.execute(f"PRAGMA user_version = {_VERSION}")
        self._seed()

    def _seed(self) -> None:
        """Fill a new database; the ids and times are the same in each."""
        for position, row in enumerate(_seed_rows("products.csv")):
            moment = _SEEDED_FROM + position * 60_000
            product = Product(
                id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"inventory/{row['name']}")),
                name=row["name"],
                category=row["category"],
                price=float(row["price"]),
                quantity=int(row["quantity"]),
                created=moment,
                updated=moment,
            )
            self._insert("products", product)
        for position, row in enumerate(_seed_rows("legacy.csv")):
            moment = _SEEDED_FROM + position * 60_000
            self._insert("legacy_items", LegacyItem(**row, source="seed", timestamp="", created=moment))


def _seed_rows(name: str) -> list[dict[str, str]]:
    with (_SEED / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
