"""What every engine does: one suite, run on each."""

from __future__ import annotations

import asyncio

import pytest
from engine_table import START, House, say, words

from tieline.engine.machine import Machine
from tieline.model import BugError, ServiceError, TielineError
from tieline.triggers.protocol import Disable, Fire, Pushed


async def test_an_input_moves_the_state(house: House) -> None:
    """After submit returns, the state is that after the input, and so after a new start."""
    async with house.engine() as engine:
        assert await engine.submit("k/1", say(body="a"), "1")
        assert await words(engine, "k/1") == ["a"]
        assert await engine.state("k/2") is None
    async with house.engine() as engine:
        assert await words(engine, "k/1") == ["a"]


async def test_an_id_is_taken_once(house: House) -> None:
    """The same id for the same key does nothing the second time: at once, later, and after a new start."""
    async with house.engine() as engine:
        taken = await asyncio.gather(*(engine.submit("k/1", say(body="a"), "1") for _ in range(3)))
        assert sorted(taken) == [False, False, True]
        assert not await engine.submit("k/1", say(body="b"), "1")
        assert await engine.submit("k/2", say(body="c"), "1"), "another key has ids of its own"
    async with house.engine() as engine:
        assert not await engine.submit("k/1", say(body="b"), "1")
        assert await words(engine, "k/1") == ["a"]


async def test_an_empty_id_is_always_taken(house: House) -> None:
    """Inputs that cannot be told apart are all taken."""
    async with house.engine() as engine:
        assert await engine.submit("k/1", say(body="a"), "")
        assert await engine.submit("k/1", say(body="a"), "")
        assert await words(engine, "k/1") == ["a", "a"]


async def test_inputs_of_a_key_follow_one_another(house: House) -> None:
    """Inputs that come together are handled in their order, each on the state that the one before left."""
    async with house.engine() as engine:
        await asyncio.gather(*(engine.submit("k/1", say(body=str(n)), str(n)) for n in range(200)))
        assert await words(engine, "k/1") == [str(n) for n in range(200)]


async def test_events_are_in_the_history(house: House) -> None:
    """An emitted event is in the history when submit returns, in the order of emitting, and is told."""
    async with house.engine() as engine:
        await engine.submit("k/1", say(["emit", "e1"], ["emit", "e2"]), "1")
        assert house.events() == ["e1", "e2"]
        await engine.submit("k/1", say(["emit", "e3"], ["emit", "e1"]), "2")
        assert house.events() == ["e1", "e2", "e3", "e1"]
        await house.probe.until(lambda: [event.id for event in house.probe.events] == house.events())


async def test_offers_are_settled_when_durable(house: House) -> None:
    """An offered input is settled when its event is in the history; the same id again with the first, or at once."""
    async with house.engine() as engine:
        settled: list[object] = []
        assert engine.glance("k/1") is None
        for id in ("1", "1", "2"):
            engine.offer("k/1", say(["emit", f"e{id}"], body=id), id, settled.append)
        assert settled == []
        await engine.submit("k/2", say(), "")
        assert (settled, house.events()) == ([None] * 3, ["e1", "e2"])
        engine.offer("k/1", say(), "1", settled.append)
        assert settled == [None] * 4
        assert engine.glance("k/1") == await engine.state("k/1")
    with pytest.raises(ServiceError, match="does not run"):
        engine.offer("k/1", say(), "3", settled.append)


async def test_who_is_told_may_fail(house: House) -> None:
    """What is raised by somebody who is told goes to the loop's handler, and the others are told."""
    failures: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: failures.append(context["exception"]))
    async with house.engine() as engine:
        settled: list[object] = []

        def failing(wrong: TielineError | None) -> None:
            raise IndexError

        engine.offer("k/1", say(["emit", "e"]), "", failing)
        engine.offer("k/1", say(), "", settled.append)
        await house.probe.until(lambda: settled == [None])
        assert [type(error) for error in failures] == [IndexError]


async def test_reports_are_kept_and_told(house: House) -> None:
    """What a step reports is in the history and reaches the listener."""
    async with house.engine() as engine:
        await engine.submit("k/1", say(["report", "look here"]), "1")
        assert house.reports() == ["look here"]
        await house.probe.until(lambda: bool(house.probe.reports))


async def test_keys_tell_each_other(house: House) -> None:
    """What a key tells another is taken in the same transaction, once for each id, also further on."""
    telling = say(
        ["tell", "k/2", [["emit", "e"], ["tell", "k/3", [], "x"]], "x"],
        ["tell", "k/2", [["emit", "again"]], "x"],
        ["tell", "k/1", [], ""],
        body="a",
    )
    async with house.engine() as engine:
        await engine.submit("k/1", telling, "1")
        assert await words(engine, "k/1") == ["a", "told"]
        assert await words(engine, "k/2") == ["told"]
        assert await words(engine, "k/3") == ["told"]
        assert house.events() == ["e"]
        await engine.submit("k/4", say(["tell", "k/2", [["emit", "late"]], "x"]), "1")
        assert house.events() == ["e"], "that id was told before"


async def test_a_failing_step_leaves_everything_as_it_was(house: House) -> None:
    """When a key that was told something cannot be moved, neither is the one that told it, and its id is free."""
    async with house.engine() as engine:
        await engine.submit("k/1", say(body="a"), "1")
        with pytest.raises(RuntimeError):
            await engine.submit("k/1", say(["emit", "e"], ["tell", "k/2", [["fail"]], ""], body="b"), "2")
        assert await words(engine, "k/1") == ["a"]
        assert house.events() == []
        assert await engine.submit("k/1", say(body="c"), "2")
        assert await words(engine, "k/1") == ["a", "c"]


async def test_keys_that_tell_each_other_for_ever_are_stopped(house: House) -> None:
    """More steps than one transaction may have are a BugError, and nothing is kept."""
    many = say(*(["tell", f"k/{n}", [], ""] for n in range(20)), body="a")
    async with house.engine(steps=10) as engine:
        with pytest.raises(BugError, match="more than 10 times"):
            await engine.submit("k/0", many, "1")
        assert await engine.state("k/0") is None


async def test_a_key_is_woken_at_its_time(house: House) -> None:
    """A wish comes true once, not before its time; the same tag again replaces it, and below zero forgets it."""
    async with house.engine() as engine:
        wishes = [["wake", "a", START + 10], ["wake", "b", START + 20], ["wake", "c", START + 5]]
        await engine.submit("k/1", say(*wishes), "1")
        await engine.submit("k/1", say(["wake", "c", -1], ["wake", "b", START + 30]), "2")
        house.clock.set(9.9)
        await engine.submit("k/1", say(body="still here"), "3")
        house.clock.set(11)
        await heard(house, engine, "k/1", 2)
        house.clock.set(29)
        house.clock.set(40)
        await heard(house, engine, "k/1", 3)
        house.clock.set(100)
        await engine.submit("k/1", say(body="end"), "4")
        assert await words(engine, "k/1") == ["still here", "woken a at 11", "woken b at 40", "end"]


async def test_a_wish_is_kept_over_a_new_start(house: House) -> None:
    """A wish whose time comes while no engine runs comes true with the next start."""
    async with house.engine() as engine:
        await engine.submit("k/1", say(["wake", "a", START + 10]), "1")
    house.clock.set(50)
    async with house.engine() as engine:
        await heard(house, engine, "k/1", 1)
        assert await words(engine, "k/1") == ["woken a at 50"]
    async with house.engine() as engine:
        await engine.submit("k/1", say(body="end"), "2")
        assert await words(engine, "k/1") == ["woken a at 50", "end"]


async def test_a_clock_that_is_set_back_takes_wishes_along(house: House) -> None:
    """When the clock goes back a day, a wish for in ten seconds still comes true in ten seconds."""
    async with house.engine() as engine:
        await engine.submit("k/1", say(["wake", "a", START + 10]), "1")
        await engine.submit("k/2", say(["wake", "a", START + 500]), "1")
        await house.clock.awaited(2)
        house.clock.set(-86400)
        await house.clock.awaited(2)
        await engine.submit("k/1", say(body="back"), "2")
        house.clock.set(-86400 + 11)
        await heard(house, engine, "k/1", 2)
        house.clock.set(-86400 + 501)
        await heard(house, engine, "k/2", 1)
        assert await words(engine, "k/1") == ["back", "woken a at -86389"]


async def test_a_clock_that_is_set_forward_wakes_all_once(house: House) -> None:
    """When the clock jumps a year ahead, each wish that lay in between comes true once."""
    year = 365 * 86400.0
    async with house.engine() as engine:
        for n in range(300):
            await engine.submit(f"k/{n}", say(["wake", "a", START + n + 1]), "1")
        house.clock.set(year)
        for n in range(300):
            await heard(house, engine, f"k/{n}", 1)
        assert await words(engine, "k/7") == [f"woken a at {year:g}"]


async def test_a_key_that_cannot_be_moved_does_not_stop_the_clock(house: House) -> None:
    """A step that fails on being woken is reported and tried again later; others are woken meanwhile."""
    async with house.engine() as engine:
        await engine.submit("bad/1", say(["wake", "a", START + 1]), "1")
        await engine.submit("k/1", say(["wake", "a", START + 2]), "1")
        real = house.probe.step

        def fails(state: object, given: object, now: float) -> object:
            if getattr(given, "tag", "") == "a" and now < START + 100:
                raise RuntimeError("a mistake")
            return real(state, given, now)  # type: ignore[arg-type]

        object.__setattr__(engine._source, "step", fails)
        house.clock.set(3)
        await house.probe.until(lambda: len(house.probe.reports) == 2)
        house.clock.set(400)
        await heard(house, engine, "k/1", 1)
        await heard(house, engine, "bad/1", 1)
        assert '"bad/1" cannot be woken for "a": RuntimeError was raised' in house.reports()


async def test_commands_are_performed_and_answered(house: House) -> None:
    """What comes of calls and deliveries is given to their key."""
    house.probe.answers["e1"] = Pushed(ok=False, problem="gone")
    async with house.engine() as engine:
        await engine.submit("k/1", say(["call", "poll"]), "1")
        await heard(house, engine, "k/1", 1)
        await engine.submit("k/1", say(["push", "e1"]), "2")
        await heard(house, engine, "k/1", 2)
        assert await words(engine, "k/1") == ["called poll 200", "pushed False gone"]
        await quiet(house, engine)
    async with house.engine():
        pass
    assert house.probe.begun == ["poll", "e1"], "what was answered is not done again"


async def test_a_performer_that_raises_is_an_answer(house: House) -> None:
    """What a performer raises against its promise, or too long a time, is a problem of the answer."""
    house.probe.answers["poll"] = RuntimeError("secret words")
    house.probe.closed.add("slow")
    async with house.engine(longest=0.05) as engine:
        await engine.submit("k/1", say(["call", "poll"]), "1")
        await heard(house, engine, "k/1", 1)
        await engine.submit("k/1", say(["call", "slow"]), "2")
        await heard(house, engine, "k/1", 2)
        said = await words(engine, "k/1")
    assert said == ["called poll 0 then RuntimeError was raised", "called slow 0 it took more than 0.05 seconds"]


async def test_what_was_not_ended_is_done_again(house: House) -> None:
    """A command that the grace time did not suffice for is performed again by the next engine."""
    house.probe.closed.add("poll")
    async with house.engine(grace=0) as engine:
        await engine.submit("k/1", say(["call", "poll"], ["call", "next"]), "1")
        await house.probe.until(lambda: "poll" in house.probe.begun)
    house.probe.closed.clear()
    async with house.engine() as engine:
        await heard(house, engine, "k/1", 2)
        await quiet(house, engine)
    assert house.probe.begun.count("poll") == 2


async def test_commands_may_end_within_the_grace_time(house: House) -> None:
    """A command under way when the engine stops ends, and its answer is kept."""
    house.probe.closed.add("poll")
    engine = house.engine(grace=30)
    await engine.start()
    await engine.submit("k/1", say(["call", "poll"]), "1")
    await house.probe.until(lambda: house.probe.begun == ["poll"])
    stopping = asyncio.ensure_future(engine.stop())
    await asyncio.sleep(0)
    house.probe.closed.clear()
    house.probe.moved()
    await stopping
    async with house.engine() as engine:
        assert await words(engine, "k/1") == ["called poll 200"]
    assert house.probe.begun == ["poll"]


async def test_a_command_that_ends_the_process_each_time_is_given_up(house: House) -> None:
    """After some beginnings without an end the answer is a problem, so that the state table can go on."""
    house.probe.closed.add("poll")
    for start in range(2):
        async with house.engine(grace=0, begun=2) as engine:
            if not start:
                await engine.submit("k/1", say(["call", "poll"]), "1")
            await house.probe.until(lambda: len(house.probe.begun) == start + 1)  # noqa: B023
    async with house.engine(grace=0, begun=2) as engine:
        await heard(house, engine, "k/1", 1)
        assert "ended 2 times" in (await words(engine, "k/1"))[0]
    assert len(house.probe.begun) == 2


async def test_cancel_forgets_a_key(house: House) -> None:
    """State, wishes and commands of a key are gone, those under way are broken off, and others stay."""
    house.probe.closed |= {"e1", "e2", "other"}
    async with house.engine(lane=1) as engine:
        script = [["push", "e1"], ["push", "e2"], ["wake", "a", START + 5]]
        await engine.submit("k/1", say(*script, body="a"), "1")
        await engine.submit("k/2", say(["push", "other", "s2"], body="b"), "1")
        await house.probe.until(lambda: set(house.probe.begun) == {"e1", "other"})
        await engine.cancel("k/1")
        assert await engine.state("k/1") is None
        house.probe.closed.clear()
        house.probe.moved()
        await heard(house, engine, "k/2", 2)
        house.clock.set(10)
        await engine.submit("k/2", say(body="end"), "2")
        await quiet(house, engine)
    async with house.engine() as engine:
        assert await engine.state("k/1") is None
        assert await words(engine, "k/2") == ["b", "pushed True", "end"]
    assert sorted(house.probe.begun) == ["e1", "other"]


async def test_a_state_of_none_forgets_the_key(house: House) -> None:
    """A step that gives no state removes the key with its wishes; what it still asked for is done."""
    async with house.engine() as engine:
        await engine.submit("k/1", say(["wake", "a", START + 5], body="a"), "1")
        await engine.submit("k/1", say(["emit", "last"], ["forget"]), "2")
        assert await engine.state("k/1") is None
        house.clock.set(10)
        await engine.submit("k/2", say(body="b"), "1")
        assert await engine.state("k/1") is None
        assert house.events() == ["last"]


async def test_a_flood_on_one_lane_keeps_nobody_waiting(house: House) -> None:
    """With a thousand deliveries of one subscription before them, those of another get every second place."""
    async with house.engine(tasks=2, lane=1) as engine:
        flood = [["push", f"a{n}", "flood"] for n in range(1000)]
        house.probe.closed.add("a0")
        await engine.submit("k/flood", say(*flood), "1")
        await house.probe.until(lambda: house.probe.begun == ["a0"])
        few = [["push", f"b{n}", "few"] for n in range(20)]
        await engine.submit("k/few", say(*few), "1")
        house.probe.closed.clear()
        house.probe.moved()
        await quiet(house, engine)
    places = [place for place, name in enumerate(house.probe.begun) if name.startswith("b")]
    assert len(house.probe.begun) == 1020
    assert places[-1] <= 2 * len(places) + 2


async def test_a_slow_receiver_keeps_its_own_lane_only(house: House) -> None:
    """Deliveries that hang take the places of their lane and no more; other receivers are served."""
    house.probe.closed |= {f"a{n}" for n in range(50)}
    async with house.engine(tasks=8, lane=2, grace=0) as engine:
        await engine.submit("k/1", say(*(["push", f"a{n}", "s", "slow"] for n in range(50))), "1")
        await engine.submit("k/2", say(*(["push", f"b{n}", "s", "quick"] for n in range(50))), "1")
        await house.probe.until(lambda: sum(name[0] == "b" for name in house.probe.begun) == 50)
        assert sum(name[0] == "a" for name in house.probe.begun) == 2


async def test_too_much_at_a_time_is_refused(house: House) -> None:
    """Above the stated number of inputs under way, and of commands that wait, submit says that the engine is busy."""
    house.probe.closed |= {f"e{n}" for n in range(10)}
    async with house.engine(taking=3, waiting=5, grace=0) as engine:
        results = await asyncio.gather(
            *(engine.submit(f"k/{n}", say(body="a"), "1") for n in range(5)), return_exceptions=True
        )
        assert results[:3] == [True, True, True]
        assert [error.finding.rule for error in results[3:] if isinstance(error, TielineError)] == ["engine-busy"] * 2
        await engine.submit("k/1", say(*(["push", f"e{n}"] for n in range(10))), "2")
        with pytest.raises(ServiceError, match="10 calls and deliveries wait"):
            await engine.submit("k/2", say(body="b"), "2")
        assert await engine.submit("k/2", Disable(), "3"), "what a person asks for is taken all the same"
        assert await engine.submit("k/2", Fire(), "4")


async def test_an_engine_that_does_not_run_takes_nothing(house: House) -> None:
    """Before the start and after the stop an input is refused."""
    engine = house.engine()
    with pytest.raises(ServiceError, match="does not run"):
        await engine.submit("k/1", say(body="a"), "1")
    await engine.start()
    await engine.stop()
    await engine.stop()
    with pytest.raises(ServiceError, match="does not run"):
        await engine.submit("k/1", say(body="a"), "1")


async def test_few_states_stay_in_memory(house: House) -> None:
    """More keys than there is room for are read again, and none is mixed up."""
    async with house.engine(states=8) as engine:
        for start in range(0, 200, 50):
            await asyncio.gather(*(engine.submit(f"k/{n}", say(body=str(n)), "1") for n in range(start, start + 50)))
        for n in range(200):
            await engine.submit(f"k/{n}", say(body="again"), "2")
        assert [await words(engine, f"k/{n}") for n in range(200)] == [[str(n), "again"] for n in range(200)]
        assert len(engine._cache.all()) <= 8


async def test_what_is_too_old_is_removed(house: House) -> None:
    """Ids, history and dead deliveries go after their time; nothing else does."""
    async with house.engine(keep_ids=100, keep_events=200, keep_dead=300, clean=50) as engine:
        await engine.submit("delivery/1", say(["status", "dead"], ["emit", "e1"], ["report", "r"], body="a"), "1")
        await engine.submit("k/1", say(body="a"), "1")
        house.clock.set(99)
        assert not await engine.submit("k/1", say(body="b"), "1")
        for seconds in range(100, 460, 40):
            house.clock.set(seconds)
            for _ in range(20):
                await engine.submit("k/2", say(), "")
                if seconds == 180:
                    assert house.events() == ["e1"]
        assert house.events() == []
        assert house.reports() == []
        assert await engine.submit("k/1", say(body="b"), "1")
        assert await engine.state("delivery/1") is None
        assert await words(engine, "k/1") == ["a", "b"]


async def heard(house: House, engine: Machine, key: str, count: int) -> None:
    """Waits until a key heard so many things."""
    async with asyncio.timeout(10):
        while len(await words(engine, key)) < count:
            await engine.submit("tick/1", say(), "")


async def quiet(house: House, engine: Machine) -> None:
    """Waits until no command waits."""
    async with asyncio.timeout(10):
        while engine.waiting:
            await engine.submit("tick/1", say(), "")
