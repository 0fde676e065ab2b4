"""How a body ended, as plain data: what it returned, or what it raised, and from where."""

import pickle
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any

from shmrace.errors import PeerDied, text_of

_HARNESS = "shmrace.engine.inside.body"


def exit_code(error: BaseException) -> int:
    """With which a process ends that this was raised in; what is no `SystemExit` is printed."""
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    traceback.print_exception(error)
    return 1


def packed(result: Any) -> tuple[bytes, str]:
    """The pickled result, or none and the reason why it cannot be pickled."""
    try:
        return pickle.dumps(result), ""
    except Exception as error:
        return b"", f"{type(result).__name__} cannot be pickled: {text_of(error)}"


def described(error: BaseException) -> dict[str, Any]:
    """What is said of an exception: its type, message, traceback and frames."""
    chain = _chain(error, lambda link: link.__cause__)
    handled = _chain(error, lambda link: link.__cause__ or link.__context__)
    frames = [
        (one.filename, one.lineno or 0, one.name)
        for one in reversed(traceback.extract_tb(error.__traceback__))
    ]
    return {
        "error": type(error).__name__,
        "message": text_of(error),
        "traceback": _traceback(error),
        "frames": tuple(frames),
        "assertion": isinstance(error, AssertionError),
        "peer_died": any(isinstance(link, PeerDied) for link in chain),
        "missed_a_name": any(isinstance(link, FileNotFoundError) for link in handled),
    }


def _traceback(error: BaseException) -> str:
    """The traceback, with the exceptions before; without what their own code does not tell."""
    try:
        return "".join(traceback.format_exception(type(error), error, users_part(error)))
    except BaseException:
        frames = "".join(traceback.format_tb(users_part(error)))
        return f"{frames}{type(error).__name__}: {text_of(error)}"


def _chain(
    error: BaseException, before: Callable[[BaseException], BaseException | None]
) -> list[BaseException]:
    found: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and not any(link is one for one in found):
        found.append(link)
        link = before(link)
    return found


def users_part(error: BaseException) -> TracebackType | None:
    """The traceback from where the role was called."""
    part = error.__traceback__
    while part is not None and part.tb_frame.f_globals.get("__name__") == _HARNESS:
        part = part.tb_next
    return part
