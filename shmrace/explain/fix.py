"""A suggested fix: which actor must wait for which, between which lines.  It has been tried.

 1. Require the reverse order of the racing pair: the step that came first must wait for the other.
 2. Explore all schedules that keep this order, in the same processes.
 3. If another pair of the same kind races, require its reverse order too, and go to step 2.
 4. Suggest the order only if all schedules pass.  Otherwise suggest nothing.

A finding that only bytes explain has no racing pair: candidates are tried, the likely ones first.

The wait belongs into the deepest function that is on the stacks of both steps.
"""

import time
from collections.abc import Iterable, Mapping, Sequence

from shmrace.engine.execution import Execution as EngineExecution
from shmrace.engine.session import Session
from shmrace.errors import Deadlock, Hang, Livelock
from shmrace.explain import lost_updates
from shmrace.explain.frequency import likeness
from shmrace.explain.lost_updates import Pair
from shmrace.explain.required_order import KeptOrder, Place
from shmrace.explain.sighting import Sighting
from shmrace.explorers.dpor import Dpor
from shmrace.explorers.interface import Nondeterministic, Point
from shmrace.judgement.execution import Execution
from shmrace.model.assumptions import Assumption
from shmrace.model.explanation import Fix
from shmrace.model.prose import listed
from shmrace.model.schedule import worth_trying
from shmrace.model.stack import Frame, shared_frames, user_frames
from shmrace.model.trace import Step, canonical

_MOST_ROUNDS = 8
_MOST_CANDIDATES = 4
_WITHOUT_AN_END = (Hang, Livelock, Deadlock)


def checked_fix(session: Session, seen: Sighting, seconds: float) -> tuple[Fix | None, Pair | None]:
    """(the fix, the two steps that race); None instead of each if it is not known.

    The fix is known if all schedules that were run with its order passed.  A breach without a
    racing pair may be due to a race on bytes: the pair is the one of which the reverse order helps.
    No faults strike in these executions.  `seconds` limits the time for all of them.
    """
    breach = seen.breach
    if seen.record.faults or breach.race in _WITHOUT_AN_END:
        return None, breach.racing
    until = time.monotonic() + seconds
    if breach.racing is not None:
        return _fix_of(session, seen, breach.racing, until), breach.racing
    for pair in lost_updates.pairs(seen.record)[:_MOST_CANDIDATES]:
        if time.monotonic() >= until:
            break
        fix = _fix_of(session, seen, pair, until)
        if fix is not None:
            return fix, pair
    return None, None


def _fix_of(session: Session, seen: Sighting, racing: Pair, until: float) -> Fix | None:
    """The fix that reverses the order of this pair, and of others like it."""
    breach, trace = seen.breach, seen.record.trace
    first, second = (trace[index] for index in racing)
    if first.actor == second.actor or second.stack == ():
        return None
    wanted = {_place(trace, first)}
    needed = {_place(trace, one) for one in _alike(trace, second, first.actor)}
    like = likeness(breach, seen.record)
    for nth in range(_MOST_ROUNDS):
        if nth and time.monotonic() >= until:
            return None
        waits = {
            one: tuple(sorted(other for other in needed if other.actor != one.actor))
            for one in sorted(wanted)
        }
        tried = _Trial(session, KeptOrder(waits), until).run()
        if tried is None:
            return None
        failing, schedules, complete = tried
        if failing is None:
            orders = tuple(
                (str(one), str(other)) for one, others in waits.items() for other in others
            )
            names = dict.fromkeys(step.actor for step in trace)
            text = _sentence(waits, names, first, second)
            return Fix(text, orders, schedules, complete)
        another = failing.unaccepted()[0]
        if likeness(another, failing.record) != like:
            return None
        found = (
            [another.racing] if another.racing is not None else lost_updates.pairs(failing.record)
        )
        new = [
            places
            for steps in ([failing.trace[index] for index in pair] for pair in found)
            for places in [[_place(failing.trace, step) for step in steps]]
            if not (places[0] in wanted and places[1] in needed)
        ]
        if not new:
            return None
        wanted.add(new[0][0])
        needed.add(new[0][1])
    return None


class _Trial:
    """Explores the schedules that keep an order, until one fails or the time is over."""

    def __init__(self, session: Session, order: KeptOrder, until: float) -> None:
        self._session = session
        self._order = order
        self._until = until
        self._explorer = Dpor()
        self._impossible = False  # only waiting actors could move, or steps differ

    def run(self) -> tuple[Execution | None, int, bool] | None:
        """(the execution that failed, how many passed, were these all of them).

        None if the order cannot be kept.
        """
        classes: set[str] = set()
        assumed: set[Assumption] = set()
        while time.monotonic() < self._until or not classes:
            if not self._explorer.begin():
                return None, len(classes), Assumption.BOUNDED_RETRIES not in assumed
            execution = Execution(self._session.run(self._choose))
            if self._impossible:
                return None
            engine = execution.engine
            turns = self._order.imposed_on(engine.turns)
            names = {actor.name for actor in execution.actors}
            pending = [turn for turn in engine.pending() if turn.actor in names]
            self._explorer.finish(turns, pending)
            if engine.given_up:
                continue
            if execution.unaccepted():
                return execution, len(classes), False
            assumed |= engine.observations.assumed
            classes.add(canonical(turns))
        return None, len(classes), False

    def _choose(self, execution: EngineExecution) -> int | None:
        choices = execution.choices()
        ended = frozenset(actor.name for actor in execution.actors if actor.ended)
        able = self._order.allowed(choices, execution.turns, ended)
        offered = worth_trying([choices[index] for index in able], self._session.impatient)
        allowed = [able[index] for index in offered]
        turns = self._order.imposed_on(execution.turns)
        try:
            chosen = self._explorer.choose(Point([choices[index] for index in allowed], turns))
        except Nondeterministic:
            allowed = []
        if not allowed:
            self._impossible = True
            return None
        return allowed[chosen] if chosen is not None else None


def _place(trace: Sequence[Step], step: Step) -> Place:
    nth = sum(
        (one.actor, one.operation) == (step.actor, step.operation)
        for one in trace[: step.index + 1]
    )
    return Place(step.actor, step.operation, nth)


def _alike(trace: Sequence[Step], step: Step, but: str) -> list[Step]:
    """The step, and the same operations at the same line by actors other than `but`."""
    at = user_frames(step.stack)[:1]
    return [
        one
        for one in trace
        if (one.operation, one.name) == (step.operation, step.name)
        and one.actor != but
        and (one is step or (at and user_frames(one.stack)[:1] == at))
    ]


def _sentence(
    waits: Mapping[Place, Sequence[Place]], names: Iterable[str], first: Step, second: Step
) -> str:
    """The fix in words: which actor must wait for which, and between which lines."""
    waiting = {one.actor for one in waits}
    waited_for = {other.actor for others in waits.values() for other in others}
    known = [name for name in names if name in waiting | waited_for]
    everybody = [*known, *sorted((waiting | waited_for).difference(known))]
    each_other = len(waiting & waited_for) > 1
    whom = "each other" if each_other else listed([one for one in everybody if one in waited_for])
    who = listed([one for one in everybody if each_other or one in waiting])
    left, right = user_frames(first.stack), user_frames(second.stack)
    pair = shared_frames(left, right)
    if pair is not None and pair[1].line < pair[0].line:
        place = f" between lines {pair[1].line} and {pair[0].line} of {_function(pair[0])}"
        return f"{who} must wait for {whom}{place}."
    if not left or not right:
        return f"{who} must wait for {whom} before its {first.operation}."
    past = f"{whom} {'are' if len(waited_for) > 1 else 'is'}" if not each_other else "all are"
    return f"{who} must wait before {_spelled(left[0])}, until {past} past {_spelled(right[0])}."


def _function(frame: Frame) -> str:
    return f"{frame.function}, {frame.file}"


def _spelled(frame: Frame) -> str:
    return f"line {frame.line} of {_function(frame)}"
