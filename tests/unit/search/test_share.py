"""Drawn schedules come into a systematic search only once it takes long, and never take it over."""

from shmrace.explorers import Dpor, Explorer, Point, Walk
from shmrace.search.share import Share


class Endless(Dpor):
    """A systematic search that always has another execution."""

    def begin(self) -> bool:
        return True

    def choose(self, point: Point) -> int | None:
        return 0


def drawn(explorer: Explorer, executions: int) -> list[bool]:
    share = Share(explorer)
    return [share.begin() is not explorer for _ in range(executions)]


def test_a_small_search_is_systematic_throughout() -> None:
    assert not any(drawn(Endless(), 100))


def test_a_long_one_draws_every_other_execution_for_a_while() -> None:
    after = drawn(Endless(), 300)[100:]
    assert sum(after) in range(95, 110)
    assert sum(after[:50]) in range(22, 28)


def test_a_very_long_one_draws_one_in_ten() -> None:
    assert sum(drawn(Endless(), 5_000)[4_000:]) in range(85, 100)


def test_a_sampler_and_a_search_that_is_over_draw_nothing() -> None:
    assert not any(drawn(Walk(), 1_000))
    over = Dpor()
    share = Share(over)
    assert share.begin() is over
    over.finish([], [])
    assert share.begin() is None
    assert share.note() == []


def test_a_verdict_says_how_many_were_drawn() -> None:
    share = Share(Endless())
    for _ in range(102):
        share.begin()
    assert share.note() == ["1 of the executions was drawn, besides the systematic search"]
