"""How actors end: a failed assertion, any other exception, a signal."""

import signal

from shmrace.errors import ActorAssertion, RaceFound, RankCrash, RankError
from shmrace.judgement.invariants.names import last_failure
from shmrace.model.breach import Breach
from shmrace.model.record import Death, Ending, Record
from shmrace.model.stack import user_frames


def breaches(record: Record) -> list[Breach]:
    """Assertions, rank errors and rank crashes; not those that a fault or another kind explains."""
    found = []
    for actor, ending in record.endings.items():
        if ending.raised and not ending.peer_died and last_failure(record, actor) is None:
            if actor not in record.struck or ending.assertion:
                found.append(_raised(record, actor, ending))
        elif ending.unpicklable:
            text = f"{actor} returned what cannot be pickled: {ending.unpicklable}"
            alike = ending.unpicklable
            found.append(Breach(RankError, text, actor=actor, step=ending.step, alike=alike))
    return found + [_died(record, death) for death in record.deaths if _by_itself(record, death)]


_FAILURES = ("SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGSEGV", "SIGSYS")
"""Signals that a program sends to itself when it has failed, as abort does.  Source: signal(7)."""


def _by_itself(record: Record, death: Death) -> bool:
    """Is this death a finding?  A child process may exit with any code, and another one, or it
    itself, may end it by a signal, unless by one that says that it has failed; an actor must
    neither."""
    if death.fault:
        return False
    if death.signal:
        failed = signal.Signals(death.signal).name in _FAILURES
        return death.part or not death.by or (death.by == death.actor and failed)
    explained = last_failure(record, death.actor) is not None
    return death.part and not explained and death.actor not in record.struck


def _died(record: Record, death: Death) -> Breach:
    operation = record.trace[death.step].operation if record.trace else "its start"
    race: type[RaceFound]
    if death.signal:
        race, how = RankCrash, signal.Signals(death.signal).name
    else:
        race, how = RankError, f"exit status {death.exit_code}, without having returned,"
    ended = f"ended by {how} after {operation}"
    text = f"{death.actor} {ended}{record.where(death.step)}"
    alike = ended if race is RankError else ""  # without the place, which a replay alone knows
    return Breach(race, text, actor=death.actor, step=death.step, alike=alike)


def consequences(record: Record) -> list[str]:
    """One sentence for each actor that failed only because a fault struck it; see also `peers`."""
    return [
        f"{actor} raised {ending.error}: {record.struck[actor]} had struck it"
        for actor, ending in record.endings.items()
        if ending.raised and actor in record.struck and not ending.assertion
    ]


def peers(record: Record) -> list[tuple[str, str]]:
    """(actor, exception) for each actor that raised `PeerDied` while it waited for another one."""
    return [
        (actor, ending.error)
        for actor, ending in record.endings.items()
        if ending.raised and ending.peer_died
    ]


def _raised(record: Record, actor: str, ending: Ending) -> Breach:
    frames = user_frames(ending.frames)
    where = f" ({frames[0].short})" if frames else ""
    race: type[RaceFound] = ActorAssertion if ending.assertion else RankError
    message = (ending.message.splitlines() or [""])[0]
    text = f"{actor} raised {ending.error}{where}" + (f": {message}" if message else "")
    return Breach(
        race, text, actor=actor, step=ending.step,
        alike=f"{ending.error}{where}", cause=f"{race.kind} {actor} {ending.error}{where}",
        detail=ending.traceback.rstrip(),
    )  # fmt: skip
