"""English that any message may need: counted things, and lists of names."""

from collections.abc import Sequence


def counted(number: int, noun: str) -> str:
    """As in "1 schedule" or "1,204 schedules"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def listed(names: Sequence[str]) -> str:
    """As in "rank0, rank1 and rank2"."""
    return " and ".join([*([", ".join(names[:-1])] if names[:-1] else []), names[-1]])
