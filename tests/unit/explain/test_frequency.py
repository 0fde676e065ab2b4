"""How often the same is found, and where deaths lead to it."""

from dataclasses import replace

from shmrace.errors import Leak, MissingSegment
from shmrace.explain.frequency import Tally, likeness
from shmrace.model.breach import Breach
from shmrace.model.effect import Effect
from shmrace.model.explanation import DeathCell
from shmrace.model.record import Death, Record
from tests.support.records import attach_in_vain, create, record, unlink


def missing(who: str, whom: str) -> tuple[Breach, Record]:
    what = record([("sender", create()), (who, unlink()), (whom, attach_in_vain())])
    what = replace(what, roles={f"rank{rank}": "rank" for rank in range(3)})
    return Breach(MissingSegment, "", actor=whom, racing=(1, 2), cause=who), what


def test_the_same_race_of_other_ranks_is_the_same() -> None:
    one, other = missing("rank0", "rank1"), missing("rank2", "rank0")
    assert likeness(*one) == likeness(*other) != likeness(*missing("sender", "rank1"))


def test_each_trace_class_counts_once() -> None:
    """Also where a sampler comes by it again."""
    breach, what = missing("rank0", "rank1")
    tally = Tally()
    for trace_class, found in (("a", [breach]), ("a", [breach]), ("b", []), ("c", [])):
        tally.saw(trace_class, what, found)
    often = tally.counts(breach, what, False, False).frequency
    assert often is not None
    assert (often.found, often.schedules, often.every_time) == (1, 3, False)


def test_a_death_counts_before_the_next_operation_that_others_notice() -> None:
    whole = record([("a", Effect(kind)) for kind in ("start", "attach", "stat", "map", "end")])
    breach = Breach(Leak, "", actor="sender", segment="seg0", cause="leak")
    tally = Tally()
    tally.saw("whole", _with_parts(whole), [])
    for place, (kind, leaks) in enumerate((("start", True), ("attach", True), ("stat", False))):
        tally.saw(kind, _killed(whole, place, kind), [breach] if leaks else [])
    deaths = tally.counts(breach, whole, True, False).death_map
    assert deaths is not None
    assert deaths.operations == ("attach", "map")
    assert deaths.rows == (("a", (DeathCell(2, 0, 2), DeathCell(0, 0, 1))),)


def _with_parts(what: Record) -> Record:
    return replace(what, parts=("a",))


def _killed(whole: Record, place: int, before: str) -> Record:
    last = replace(whole.trace[place], operation="kill", outcome="killed", before=before)
    deaths = (Death("a", 9, place, fault=True),)
    return replace(_with_parts(whole), trace=(*whole.trace[:place], last), deaths=deaths)
