"""English for messages: counted nouns, lists of names, texts as plain ASCII."""

from collections.abc import Sequence


def counted(number: int, noun: str) -> str:
    """As in "1 schedule" or "1,204 schedules"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def listed(names: Sequence[str]) -> str:
    """As in "rank0, rank1 and rank2"."""
    return " and ".join([*([", ".join(names[:-1])] if names[:-1] else []), names[-1]])


def plain_text(text: str) -> str:
    """The text as one line of printable ASCII.

    Tabs become spaces; other characters are escaped as in a Python string.
    """
    return "".join(
        one if " " <= one <= "~" else one.encode("unicode_escape").decode()
        for one in text.expandtabs(8)
    )


def bounded(text: str, most: int) -> str:
    """The text, or its beginning, with a word of how much of it was left out."""
    if len(text) <= most:
        return text
    return f"{text[:most]}... ({counted(len(text) - most, 'more character')} left out)"
