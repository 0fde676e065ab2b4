"""The budget of a search: its time, its executions, and the bounds on its schedules."""

import re
from dataclasses import dataclass

from shmrace.errors import UsageError


@dataclass(frozen=True)
class Budget:
    """Limits on a search; None means no limit."""

    seconds: float | None = None
    executions: int | None = None
    preemptions: int | None = None  # in one execution; only the explorer `bounded` obeys it
    delays: int | None = None  # likewise

    def allows(self, executions: int, seconds: float) -> bool:
        """May another execution start, after `executions` in `seconds`?"""
        if self.executions is not None and executions >= self.executions:
            return False
        return self.seconds is None or seconds < self.seconds

    @property
    def bounds(self) -> dict[str, int | None]:
        """The bounds on preemptions and delays; empty if there are none."""
        if self.preemptions is None and self.delays is None:
            return {}
        return {"preemptions": self.preemptions, "delays": self.delays}


_SECONDS = {"s": 1, "m": 60, "h": 3600}
_COUNTED = {"execution": "executions", "preemption": "preemptions", "delay": "delays"}


def parse_budget(text: str) -> Budget:
    """Parse "60s", "5m", "1h", "500 executions", "2 preemptions" or "3 delays".

    Several are separated by commas, as in "60s, 500 executions".  Raises `UsageError` if the text
    is not a budget.
    """
    found: dict[str, float] = {}
    for part in str(text).split(","):
        what, number = _part(part)
        if what in found or number < 0:
            raise _wrong(text)
        found[what] = number
    if not all(found.get(what, 1) for what in ("seconds", "executions")):
        raise _wrong(text)
    counts = {what: int(number) for what, number in found.items() if what != "seconds"}
    return Budget(found.get("seconds"), **counts)


def _part(part: str) -> tuple[str, float]:
    """(the field of `Budget`, its limit); the limit is negative if the text cannot be parsed."""
    timed = re.fullmatch(r"\s*(\d{1,12}(?:\.\d{1,12})?)\s*([smh])\s*", part)
    if timed is not None:
        return "seconds", float(timed[1]) * _SECONDS[timed[2]]
    counted = re.fullmatch(r"\s*(\d{1,12})\s*(execution|preemption|delay)s?\s*", part)
    if counted is not None:
        return _COUNTED[counted[2]], int(counted[1])
    return "", -1


def _wrong(text: str) -> UsageError:
    return UsageError(
        f"{text!r} is not a budget: give a time such as '60s', '5m' or '1h', a number such as '500"
        " executions', a bound such as '2 preemptions' or '3 delays', or several with commas"
    )
