"""Words that are data.  Each has its meaning beside it; the documents' tables are made from these.

A word is a string, so that JSON, tokens and users' comparisons need no conversion.
"""

from enum import Enum
from typing import TypeVar

Self = TypeVar("Self", bound="Word")


class Word(str, Enum):
    """Base of the enums of words; a member is written as ``NAME = "word", "meaning"``."""

    meaning: str

    def __new__(cls: type[Self], word: str, meaning: str) -> Self:
        made = str.__new__(cls, word)
        made._value_ = word
        made.meaning = meaning
        return made

    __str__ = str.__str__
    __repr__ = str.__repr__  # the word itself, because fingerprints and digests contain it
