"""Tokens: one word that replays a finding.

A token is ``sr1-<fingerprint>-<body>``.  The body holds the scenario, its parameters (`start` and
`trackers` included), the faults and the decisions.  The fingerprint is a digest of the steps before
the finding.  With it a replay can distinguish two cases: the code takes other steps now, so the
token no longer fits; or it reaches the same point, and passes now.
"""

import base64
import json
import zlib
from dataclasses import dataclass
from typing import Any

from shmrace.errors import UsageError
from shmrace.model.schedule import Schedule
from shmrace.model.token_values import decode, encode

_PREFIX = "sr1"
_HINT = "a token is copied whole, as in sr1-3f9c21-eJyr..."


@dataclass(frozen=True)
class Token:
    """Everything that is needed to run one execution again, and to recognise it."""

    scenario: str
    parameters: tuple[tuple[str, Any], ...]  # those that differ from the class, by name
    faults: tuple[str, ...]
    max_faults: int
    schedule: Schedule
    fingerprint: str  # of the steps before the finding
    length: int = 0  # how many steps those are

    def __str__(self) -> str:
        """The token's text.  Raises `UsageError` if a parameter cannot be encoded."""
        content: dict[str, Any] = {"s": self.scenario, "n": self.length}
        if self.parameters:
            content["p"] = {name: encode(value) for name, value in self.parameters}
        if self.faults:
            content["f"] = [self.max_faults, *self.faults]
        if self.schedule.decisions:
            content["d"] = list(self.schedule.decisions)
        text = json.dumps(content, separators=(",", ":"), sort_keys=True)
        packed = zlib.compress(text.encode(), 9)
        body = base64.urlsafe_b64encode(packed).decode().rstrip("=")
        return f"{_PREFIX}-{self.fingerprint}-{body}"


def parse(text: str) -> Token:
    """Parse the text of a token.  Raises a `UsageError` that says what is wrong with it."""
    parts = text.strip().split("-", 2)
    if len(parts) != 3 or parts[0] != _PREFIX:
        raise UsageError(f"broken token {text!r}: it is not of the form {_PREFIX}-..-..; {_HINT}")
    try:
        packed = base64.urlsafe_b64decode(parts[2] + "=" * (-len(parts[2]) % 4))
        content = json.loads(zlib.decompress(packed))
        limit, *faults = content.get("f", [1])
        return Token(
            content["s"],
            tuple((name, decode(value)) for name, value in sorted(content.get("p", {}).items())),
            tuple(faults),
            int(limit),
            Schedule(content.get("d", ())),
            parts[1],
            int(content["n"]),
        )
    except UsageError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, zlib.error):
        raise UsageError(f"broken token {text!r}: it was cut or changed; {_HINT}") from None
