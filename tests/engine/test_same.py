"""Engines do the same: whatever is asked of them, over new starts and with little memory."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Any

import pytest
from engine_table import START, House, say

from tieline.engine.machine import Machine

KEYS = 6


@pytest.mark.parametrize("seed", range(25))
async def test_memory_and_file_agree(tmp_path: Path, seed: int) -> None:
    """The same random inputs, wishes, cancellations, clock moves and new starts give the same states and events."""
    lives = [await _life(House(kind=kind, path=tmp_path / "tieline.db"), seed) for kind in ("memory", "embedded")]
    assert lives[0] == lives[1]


async def _life(house: House, seed: int) -> tuple[list[Any], list[str], list[str]]:
    luck = random.Random(seed)
    seconds = 0.0
    for life in range(3):
        async with house.engine(states=luck.choice([2, 100]), steps=30) as engine:
            for _ in range(luck.randrange(20)):
                seconds += luck.choice([0, 0, 1, 20])
                house.clock.set(seconds)
                await _awake(house, engine)
                await _something(house, engine, luck, seconds)
            states = [await engine.state(f"k/{n}") for n in range(KEYS)]
        house.clock.set(seconds := seconds + life)
    return states, house.events(), house.reports()


async def _something(house: House, engine: Machine, luck: random.Random, seconds: float) -> None:
    inputs = []
    for n in range(luck.randrange(1, 8)):
        key, script = f"k/{luck.randrange(KEYS)}", _script(luck, seconds, 3)
        inputs.append(engine.submit(key, say(*script, body=f"{n}"), luck.choice(["", "a", f"i{luck.randrange(40)}"])))
    await asyncio.gather(*inputs, return_exceptions=True)
    if luck.random() < 0.1:
        await engine.cancel(f"k/{luck.randrange(KEYS)}")


def _script(luck: random.Random, seconds: float, depth: int) -> list[list[Any]]:
    """Some verbs; of a telling one again some."""
    script: list[list[Any]] = []
    for _ in range(luck.randrange(4)):
        kinds = ["emit", "report", "wake", "wake", "forget", "fail", "status", *(["tell"] * 4 if depth else [])]
        match luck.choice(kinds):
            case "emit":
                script.append(["emit", f"e{luck.randrange(50)}"])
            case "wake":
                script.append(["wake", luck.choice("xy"), luck.choice([-1, START + seconds + luck.randrange(60)])])
            case "tell":
                told = _script(luck, seconds, depth - 1)
                script.append(["tell", f"k/{luck.randrange(KEYS)}", told, luck.choice(["", f"t{luck.randrange(9)}"])])
            case "forget" | "fail" as verb:
                script += [[verb]] if luck.random() < 0.2 else []
            case verb:
                script.append([verb, "said"])
    return script


async def _awake(house: House, engine: Machine) -> None:
    """Waits until all whose time has come were woken."""
    async with asyncio.timeout(10):
        while (due := engine._ledger.next_due()) is not None and due <= house.clock.now():
            await engine.submit("tick/1", say(), "")
