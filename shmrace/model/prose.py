"""English that any message may need: counted things, lists of names, quoted texts."""

from collections.abc import Sequence


def counted(number: int, noun: str) -> str:
    """As in "1 schedule" or "1,204 schedules"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def listed(names: Sequence[str]) -> str:
    """As in "rank0, rank1 and rank2"."""
    return " and ".join([*([", ".join(names[:-1])] if names[:-1] else []), names[-1]])


def plain_text(text: str) -> str:
    """A message, a source line or what an actor prints, as one line of ASCII: tabs as spaces, what
    is not printable ASCII escaped as in a Python string."""
    return "".join(
        one if " " <= one <= "~" else one.encode("unicode_escape").decode()
        for one in text.expandtabs(8)
    )
