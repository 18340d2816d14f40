"""What only the engine on a file has to stand: full disks, locked and damaged files, others on the same store."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from pathlib import Path

import pytest
from engine_table import House, say, words

from tieline.engine.machine import Machine
from tieline.model import DocumentError, ServiceError, TielineError
from tieline.store import database


async def test_a_locked_file_loses_nothing(stored: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """While another program holds the file, inputs are refused with file and remedy; afterwards work goes on."""
    monkeypatch.setattr(database, "BUSY", 0.05)
    async with stored.engine() as engine:
        await engine.submit("k/1", say(body="before"), "1")
        other = sqlite3.connect(stored.path, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        results = await asyncio.gather(
            *(engine.submit("k/1", say(["emit", f"e{n}"], body="no"), f"x{n}") for n in range(40)),
            return_exceptions=True,
        )
        assert {error.finding.rule for error in results if isinstance(error, ServiceError)} == {"store-locked"}
        assert len([error for error in results if isinstance(error, ServiceError)]) == 40
        assert await words(engine, "k/1") == ["before"]
        lost: asyncio.Queue[TielineError | None] = asyncio.Queue()
        engine.offer("k/1", say(["emit", "e"]), "x0", lost.put_nowait)
        wrong = await lost.get()
        assert wrong is not None
        assert wrong.finding.rule == "store-locked"
        other.execute("ROLLBACK")
        other.close()
        assert await engine.submit("k/1", say(["emit", "e"], body="after"), "x0")
        assert await words(engine, "k/1") == ["before", "after"]
        assert stored.events() == ["e"]


async def test_answers_wait_for_a_locked_file(stored: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What came of a command is kept as soon as the file can be written again, without doing it once more."""
    monkeypatch.setattr(database, "BUSY", 0.05)
    stored.probe.closed.add("poll")
    async with stored.engine() as engine:
        await engine.submit("k/1", say(["call", "poll"]), "1")
        await stored.probe.until(lambda: stored.probe.begun == ["poll"])
        await engine.submit("k/1", say(body="begun"), "2")
        other = sqlite3.connect(stored.path, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        stored.probe.closed.clear()
        stored.probe.moved()
        await stored.clock.awaited(3)
        assert await words(engine, "k/1") == ["begun"]
        other.execute("ROLLBACK")
        other.close()
        stored.clock.set(2)
        async with asyncio.timeout(10):
            while engine.waiting:
                await engine.submit("tick/1", say(), "")
        assert await words(engine, "k/1") == ["begun", "called poll 200"]
    assert stored.probe.begun == ["poll"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit for the size of files")
async def test_a_full_disk_loses_nothing(stored: House) -> None:
    """Without space inputs are refused with file and remedy, what was taken stays, and work goes on with space."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    taken = []
    async with stored.engine() as engine:
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, hard))
            while (refused := await refusal(engine, len(taken))) is None:
                taken.append(str(len(taken)))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert refused.finding.rule in ("store-full", "store-failed")
        assert str(stored.path) in refused.finding.message
        assert "make space" in refused.finding.remedy
        assert 10 < len(taken) < 1000
        assert await words(engine, "k/1") == taken
        assert await engine.submit("k/1", say(["emit", "last"], body="after"), str(len(taken)))
    async with stored.engine() as engine:
        assert await words(engine, "k/1") == [*taken, "after"]
    assert stored.events() == [*(f"e{n}" for n in taken), "last"]


async def refusal(engine: Machine, n: int) -> ServiceError | None:
    """What is said to the n-th large input; None when it is taken."""
    try:
        await engine.submit("k/1", say(["emit", f"e{n}", "x" * 5000], body=str(n)), str(n))
    except ServiceError as error:
        return error
    return None


async def test_what_cannot_be_written_takes_nothing_else_along(stored: House) -> None:
    """A state without bytes is an error for whoever gave the input, and for nobody else."""
    async with stored.engine() as engine:
        await engine.submit("k/1", say(body="a"), "1")
        inputs = [("k/2", say(body="x")), ("k/1", say(["unwritable"], body="b")), ("k/1", say(body="c"))]
        taken = await asyncio.gather(*(engine.submit(*given, "2") for given in inputs), return_exceptions=True)
        assert [isinstance(one, Exception) for one in taken] == [False, True, False]
        assert await words(engine, "k/1") == ["a", "c"]


async def test_two_engines_on_one_store_are_refused(stored: House) -> None:
    """The second one says that the store is in use, and the first goes on; when it ends, the place is free."""
    async with stored.engine() as engine:
        with pytest.raises(ServiceError, match="another process runs on the store") as refused:
            await stored.engine().start()
        assert refused.value.finding.rule == "store-in-use"
        assert await engine.submit("k/1", say(body="a"), "1")
    async with stored.engine() as engine:
        assert await words(engine, "k/1") == ["a"]


async def test_a_start_that_fails_leaves_the_store_free(stored: House) -> None:
    """An engine that finds a damaged file lets go of it."""
    stored.path.write_bytes(b"garbage" * 1000)
    for _ in range(2):
        with pytest.raises(DocumentError) as refused:
            await stored.engine().start()
        assert refused.value.finding.rule == "damaged-store"
    stored.path.unlink()
    async with stored.engine() as engine:
        assert await engine.submit("k/1", say(body="a"), "1")


async def test_a_file_that_breaks_under_way_is_told(stored: House) -> None:
    """Pages that are overwritten while the engine is away are a DocumentError, never another exception."""
    async with stored.engine() as engine:
        for n in range(50):
            await engine.submit(f"k/{n}", say(["emit", f"e{n}", "x" * 3000], body="a"), "1")
    data = bytearray(stored.path.read_bytes())
    data[4096 * 2 :] = b"\xff" * (len(data) - 4096 * 2)
    stored.path.write_bytes(data)
    with pytest.raises(TielineError) as refused:
        await all_again(stored)
    assert refused.value.finding.rule == "damaged-store"


async def all_again(stored: House) -> None:
    """Gives fifty keys something more."""
    async with stored.engine() as engine:
        for n in range(50):
            await engine.submit(f"k/{n}", say(body="b"), "2")


async def test_half_a_surrogate_pair_can_be_kept(stored: House) -> None:
    """Text that UTF-8 cannot hold, as JSON may carry it, stops nobody."""
    async with stored.engine() as engine:
        assert await engine.submit("k/\ud800", say(["emit", "e\ud800"], ["wake", "\udfff", 5e9], body="a"), "\ud800")
        assert not await engine.submit("k/\ud800", say(body="b"), "\ud800")
    assert stored.events() == ["e?"]


async def test_counts_and_dead_letters_are_seen_from_outside(stored: House, tmp_path: Path) -> None:
    """Another reader sees keys by kind and status, what waits, and how late the clock is."""
    from tieline.store.history import History

    stored.probe.closed.add("e")
    async with stored.engine(grace=0) as engine:
        await engine.submit("delivery/1", say(["status", "dead"]), "1")
        await engine.submit("delivery/2", say(["push", "e"]), "1")
        await engine.submit("subscription/1", say(["emit", "e1"], ["wake", "a", stored.clock.now() + 10]), "1")
        counts = History(stored.path).counts(stored.clock.now() + 15)
        dead = History(stored.path).keys("delivery", "dead")
    assert counts.keys == {("delivery", "dead"): 1, ("delivery", "on"): 1, ("subscription", "on"): 1}
    assert (counts.commands, counts.timers, counts.events, counts.overdue) == (1, 1, 1, 5.0)
    assert counts.oldest == stored.clock.now()
    assert [one.key for one in dead] == ["delivery/1"]
