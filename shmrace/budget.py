"""What a search may use: time, executions, or both."""

import re
from dataclasses import dataclass

from shmrace.errors import UsageError


@dataclass(frozen=True)
class Budget:
    """What a search may use; None: without limit."""

    seconds: float | None = None
    executions: int | None = None


def parse_budget(text: str) -> Budget:
    """ "60s", "5m", "1h", "500 executions", or both as in "60s, 500 executions".

    Raises `UsageError`.
    """
    seconds = executions = None
    for part in str(text).split(","):
        found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(s|m|h|executions?|x)\s*", part)
        if found is None or float(found[1]) <= 0:
            raise UsageError(
                f"budget {text!r} is neither a time such as '60s', '5m' or '1h', nor a number such"
                " as '500 executions'"
            )
        number, unit = float(found[1]), found[2]
        if unit in ("s", "m", "h"):
            seconds = number * {"s": 1, "m": 60, "h": 3600}[unit]
        else:
            executions = int(number)
    return Budget(seconds, executions)
