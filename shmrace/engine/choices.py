"""Who may be chosen to go on, in the order in which a schedule counts them.

The actor that moved last comes first (last, if it slept), then the others in their order, then
those that poll in vain, then the faults that may strike.  Where all poll in vain, the one whose
sleep is over first is *due*, and does not count as one of them.
"""

from collections.abc import Sequence

from shmrace.engine.faults.offers import FaultOffers
from shmrace.engine.gate import subjects
from shmrace.engine.state.actor import Actor, gate_of
from shmrace.engine.state.observations import Observations
from shmrace.engine.steps.enabled import Enabled
from shmrace.model.assumptions import Assumption
from shmrace.model.ledger import Ledger
from shmrace.model.schedule import Choice


class Choices:
    """Those of one execution."""

    def __init__(
        self, enabled: Enabled, offers: FaultOffers, observations: Observations, ledger: Ledger
    ) -> None:
        self._enabled = enabled
        self._offers = offers
        self._observations = observations
        self._ledger = ledger

    def now(
        self, actors: Sequence[Actor], last: Actor | None, due: Actor | None, turns: int
    ) -> list[Choice]:
        """The choices behind so many turns; `last` moved last."""
        able = self._enabled.actors()
        place = 1 if has_slept(last) else -1
        able.sort(key=lambda one: place if one is last else 0)
        found = []
        for one in able:
            subjects.name_again(gate_of(one))
            in_vain = self._enabled.polls_in_vain(one)
            if in_vain:
                self._observations.assumed.add(Assumption.TIMEOUTS)
                self._observations.polled.setdefault((one.name, one.loop), turns)
            found.append(
                Choice(one.name, gate_of(one).operation, in_vain=in_vain and one is not due)
            )
        found.sort(key=lambda one: one.in_vain)
        return found + self._offers.now(actors, self._ledger)


def has_slept(last: Actor | None) -> bool:
    """Did the actor that moved last sleep, or repeat in vain what it had just done?"""
    return last is not None and last.last.retried


def preempts(choices: Sequence[Choice], choice: Choice, last: Actor | None) -> bool:
    """Does this choice switch away from an actor that moved last and could have carried on?"""
    if last is None or has_slept(last) or choice.fault or choice.actor == last.name:
        return False
    return any(one.actor == last.name and not (one.fault or one.in_vain) for one in choices)
