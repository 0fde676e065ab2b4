"""A repetition is compared with its original, step by step."""

from shmrace.model.trace import Step
from shmrace.search.repeats import difference, due

ATTACH = Step(0, "rank0", "attach", segment="seg0")
UNLINK = Step(1, "rank0", "unlink", segment="seg0")


def test_the_same_steps_do_not_differ() -> None:
    assert difference([ATTACH, UNLINK], [ATTACH, UNLINK]) is None


def test_the_first_step_that_differs_is_named() -> None:
    """By its outcome, here."""
    failed = Step(1, "rank0", "unlink", "ENOENT", segment="seg0")
    found = difference([ATTACH, UNLINK], [ATTACH, failed])
    assert found is not None
    assert (found.turn, found.expected) == (1, "rank0.unlink seg0")
    assert found.seen == "rank0.unlink seg0: ENOENT"
    assert found.trace == (ATTACH, failed)


def test_a_step_more_or_less_is_a_difference() -> None:
    longer = difference([ATTACH], [ATTACH, UNLINK])
    shorter = difference([ATTACH, UNLINK], [ATTACH])
    assert longer is not None
    assert shorter is not None
    assert (longer.expected, longer.seen) == ("none", "rank0.unlink seg0")
    assert (shorter.expected, shorter.seen) == ("rank0.unlink seg0", "none")


def test_the_first_and_every_fiftieth_are_due() -> None:
    assert [number for number in range(1, 120) if due(number)] == [1, 50, 100]
