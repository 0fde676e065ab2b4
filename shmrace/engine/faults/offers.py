"""The faults of one execution: which could strike, which have, and which never did."""

from collections.abc import Iterable, Sequence

from shmrace.engine.faults.rules import Fault, PossibleFault, PossibleFaults
from shmrace.engine.state.actor import Actor
from shmrace.model.ledger import Ledger
from shmrace.model.objects import with_everything
from shmrace.model.schedule import Choice
from shmrace.model.trace import Turn


class FaultOffers:
    """Those that `rules` allow, of which at most `most` strike."""

    def __init__(self, rules: Sequence[Fault], most: int) -> None:
        self.struck: list[Choice] = []
        self._strikes = PossibleFaults(rules) if rules else None
        self._most = most
        self._offered: dict[str, PossibleFault] = {}  # by party

    def now(self, actors: Iterable[Actor], ledger: Ledger) -> list[Choice]:
        """What may strike at this point."""
        if self._strikes is None or not self._left():
            return []
        possible = self._strikes.now(actors, ledger)
        self._offered.update((one.choice.who, one) for one in possible)
        return [one.choice for one in possible]

    def could_strike(self, actors: Iterable[Actor], ledger: Ledger) -> bool:
        """Could one strike at this point, if it were offered?"""
        return (
            self._strikes is not None and self._left() and bool(self._strikes.now(actors, ledger))
        )

    def pending(self) -> list[Turn]:
        """What could have struck before the end of the execution, and did not."""
        if not self._left():
            return []
        return [
            Turn(who, one.choice.fault, with_everything(one.accesses))
            for who, one in self._offered.items()
        ]

    def _left(self) -> bool:
        return len(self.struck) < self._most
