"""The states in memory: few, the last used, and never one less than what is known."""

from __future__ import annotations

from tieline.engine.cache import Cache
from tieline.engine.turn import Held


def test_the_oldest_goes_and_pending_ones_stay() -> None:
    """Above the limit the keys used longest ago are put out, but for those with records that are not durable."""
    read: list[str] = []

    def reads(key: str) -> Held:
        read.append(key)
        return Held(key)

    cache = Cache(reads, 8)
    for n in range(8):
        cache.get(f"k{n}")
    cache.follow("k0", Held("new"))
    cache.get("k1")
    cache.get("k8")
    assert cache.held("k0").state == "new", "what is pending is not read anew"
    assert cache.held("k1").state == "k1"
    cache.get("k2")
    assert read == [f"k{n}" for n in range(9)] + ["k2"]


def test_clear_forgets_what_is_pending() -> None:
    """After records were lost everything is read anew."""
    cache = Cache(lambda key: Held("kept"), 8)
    cache.follow("k", Held("lost"))
    cache.clear()
    assert cache.loaded("k") is None
    assert cache.held("k").state == "kept"
