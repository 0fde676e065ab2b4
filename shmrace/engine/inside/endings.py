"""How a body ended, as plain data: what it returned, or what it raised, and from where.

However large or odd that is, what is told of it is short: texts, chains of causes and stacks are
cut here, in the actor, with a word of how much was left out.
"""

import contextlib
import pickle
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any

from shmrace.engine.protocol import LONGEST_MESSAGE
from shmrace.errors import PeerDied, text_of
from shmrace.model import returned
from shmrace.model.prose import bounded, counted

_HARNESS = "shmrace.engine.inside.body"

LONGEST_NAME = 1000
LONGEST_TEXT = 10_000
LONGEST_TRACEBACK = 100_000
"""Characters of what is told of an exception: of each name, its message, its traceback."""

MOST_FRAMES = 1000
_MOST_LINKS = 100  # of a chain of causes, and of a group: those of a longer one are only counted


def exit_code(error: BaseException) -> int:
    """With which a process ends that this was raised in; what is no `SystemExit` is printed."""
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    traceback.print_exception(error)
    return 1


def packed(result: Any) -> dict[str, Any]:
    """What is told of a result: its value if it is plain data, else a few words; its pickle, or the
    reason why there is none."""
    said: dict[str, Any] = {"plain": [], "type": "", "text": "", "pickled": b"", "unpicklable": ""}
    try:
        said["plain"] = [returned.plain(result)]
    except returned.NotPlain:
        said["type"], said["text"] = returned.about(result)
    try:
        pickled = pickled_within(LONGEST_MESSAGE, result)
    except TooLarge:
        size = f"more than {LONGEST_MESSAGE:,} bytes when pickled"
        return {**said, "text": bounded(f"{said['text']}, {size}", LONGEST_TEXT)}
    except Exception as error:
        why = f"{type(result).__name__} cannot be pickled: {message(error)}"
        return {**said, "plain": [], "unpicklable": bounded(why, LONGEST_TEXT)}
    return {**said, "pickled": pickled}


class TooLarge(Exception):
    """A pickle would have more bytes than are wanted."""


def pickled_within(most: int, value: Any) -> bytes:
    """The pickle of a value.  Raises `TooLarge` before it has more than so many bytes."""
    written: list[bytes] = []
    size = 0

    class Bounded:
        def write(self, piece: Any) -> int:
            nonlocal size
            size += len(piece)
            if size > most:
                raise TooLarge
            written.append(bytes(piece))
            return len(piece)

    pickle.Pickler(Bounded()).dump(value)
    return b"".join(written)


def message(error: BaseException) -> str:
    """The text of an exception, of a bounded length."""
    return bounded(text_of(error), LONGEST_TEXT)


def described(error: BaseException) -> dict[str, Any]:
    """What is said of an exception: its type, message, traceback and frames."""
    chain = _chain(error, lambda link: link.__cause__)
    handled = _chain(error, lambda link: link.__cause__ or link.__context__)
    frames = [
        (bounded(one.filename, LONGEST_NAME), one.lineno or 0, bounded(one.name, LONGEST_NAME))
        for one in reversed(traceback.extract_tb(error.__traceback__, limit=-MOST_FRAMES))
    ]
    return {
        "error": bounded(type(error).__name__, LONGEST_NAME),
        "message": message(error),
        "traceback": _traceback(error, len(handled)),
        "frames": frames,
        "assertion": isinstance(error, AssertionError),
        "peer_died": any(isinstance(link, PeerDied) for link in chain),
        "missed_a_name": any(isinstance(link, FileNotFoundError) for link in handled),
    }


def _chain(
    error: BaseException, before: Callable[[BaseException], BaseException | None]
) -> list[BaseException]:
    found: list[BaseException] = []
    known: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in known:
        found.append(link)
        known.add(id(link))
        link = before(link)
    return found


def _traceback(error: BaseException, links: int) -> str:
    """As Python prints it, but short; `links` are the exceptions behind it, itself included."""
    part = users_part(error)
    members = _members(error)
    if max(links, members) <= _MOST_LINKS and _length(error) <= LONGEST_TRACEBACK:
        with contextlib.suppress(BaseException):  # its own code may raise anything
            whole = traceback.TracebackException(type(error), error, part, limit=-MOST_FRAMES)
            return bounded("".join(whole.format()), LONGEST_TRACEBACK)
    text = "".join(traceback.format_tb(part, limit=-_MOST_LINKS))
    text += f"{type(error).__name__}: {message(error)}\n"
    with contextlib.suppress(BaseException):
        for note in getattr(error, "__notes__", ())[:_MOST_LINKS]:
            text += f"{bounded(str(note), LONGEST_TEXT)}\n"
    if max(links, members) > 1:
        text += f"({counted(max(links, members), 'exception')} in all)\n"
    return bounded(text, LONGEST_TRACEBACK)


def _length(error: BaseException) -> int:
    """How many characters its chain of causes has to say."""
    found = 0
    for link in _chain(error, lambda link: link.__cause__ or link.__context__):
        with contextlib.suppress(BaseException):
            found += len(str(link)) + sum(map(len, getattr(link, "__notes__", ())))
    return found


def _members(error: BaseException) -> int:
    """How many exceptions a group holds, groups within it included; up to a few too many."""
    found, waiting = 0, [error]
    while waiting and found <= _MOST_LINKS:
        found += 1
        with contextlib.suppress(Exception):  # other classes have such an attribute, too
            inner = getattr(waiting.pop(), "exceptions", ())
            waiting += inner[: _MOST_LINKS + 1] if isinstance(inner, tuple) else ()
    return found


def users_part(error: BaseException) -> TracebackType | None:
    """The traceback from where the role was called."""
    part = error.__traceback__
    while part is not None and part.tb_frame.f_globals.get("__name__") == _HARNESS:
        part = part.tb_next
    return part
