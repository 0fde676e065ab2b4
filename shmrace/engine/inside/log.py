"""What an actor logs goes where it prints, as a handler of the test's own would have shown it.

A fork inherits the test's handlers.  One that keeps records in memory (pytest's, of which there are
two) would keep them in a process that pytest does not see, and one that writes to a stream of the
test's would mix them into what the test prints.  One handler takes the place of all of these that a
record would come to; a handler of any other kind, to a file, say, stays as it is.
"""

import logging
import sys
from collections.abc import Iterator


def redirect() -> None:
    """Let this process log to its standard error; call it once that is its own."""
    redirected: set[logging.Logger] = set()
    for logger in _loggers():
        replaced = [one for one in logger.handlers if _is_of_the_test(one)]
        if not replaced:
            continue
        for handler in replaced:
            logger.handlers.remove(handler)
        if not redirected.intersection(_passed_on_to(logger)):
            own = logging.StreamHandler(sys.stderr)
            own.setLevel(min(one.level for one in replaced))
            own.setFormatter(_plain(replaced[0].formatter))
            logger.handlers.append(own)
            redirected.add(logger)


def _loggers() -> list[logging.Logger]:
    """The root first, and each before those below it."""
    known = logging.Logger.manager.loggerDict
    below = [known[name] for name in sorted(known)]
    return [logging.getLogger(), *(one for one in below if isinstance(one, logging.Logger))]


def _passed_on_to(logger: logging.Logger) -> Iterator[logging.Logger]:
    while logger.propagate and logger.parent is not None:
        logger = logger.parent
        yield logger


def _is_of_the_test(handler: logging.Handler) -> bool:
    """Does it write to a stream that is no file of its own?"""
    return isinstance(handler, logging.StreamHandler) and not isinstance(
        handler, logging.FileHandler
    )


def _plain(formatter: logging.Formatter | None) -> logging.Formatter | None:
    """The same words, without the colours of a terminal, which an actor has not."""
    if formatter is None or type(formatter) is logging.Formatter:
        return formatter
    if type(formatter).__module__.partition(".")[0] != "_pytest":
        return formatter
    return logging.Formatter(getattr(formatter, "_original_fmt", None) or formatter._fmt)
