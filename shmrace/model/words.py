"""Words that are data: each has its meaning beside it, from which the manual's tables are made.

A word is a string, so that JSON, tokens and users' comparisons need no conversion.
"""

from enum import Enum
from typing import TypeVar

Self = TypeVar("Self", bound="Word")


class Word(str, Enum):
    """Members are written as ``NAME = "word", "meaning"``."""

    meaning: str

    def __new__(cls: type[Self], word: str, meaning: str) -> Self:
        made = str.__new__(cls, word)
        made._value_ = word
        made.meaning = meaning
        return made

    __str__ = str.__str__
    __repr__ = str.__repr__  # as the word itself: fingerprints and digests are made of it
