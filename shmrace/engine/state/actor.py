"""The record of one actor: what it is, where it stands, and how far it has come."""

from dataclasses import dataclass, field

from shmrace.engine.state.gate import Asked, Gate
from shmrace.engine.state.process import Process
from shmrace.model.objects import Object
from shmrace.model.record import Ending

Signature = tuple[str, str, str, str]
"""Of a step, see `shmrace.model.trace.Step.signature`."""


@dataclass
class LastStep:
    """The last step of an actor; a new one takes its place when the next step begins."""

    index: int = -1
    turn: int = -1
    before: int = -1  # the turn of the one before, which a death takes the place of
    operation: str = ""  # where it stood
    retried: bool = False  # it slept, or repeated an operation that had just failed
    repeats: Signature | None = None  # the step itself, if it repeated one without a sleep
    used_channel: bool = False  # a pipe, socket or shared file, otherwise than by its `Traffic`


@dataclass(frozen=True)
class Retries:
    """What an actor did again without effect, since anything changed that it looks at."""

    count: int = 0  # sleeps and repetitions
    in_vain: tuple[tuple[Signature, Asked], ...] = ()
    """The steps that found nothing since it slept, each once, and what they asked."""

    def known(self, signature: Signature) -> bool:
        """Has such a step found nothing before?"""
        return any(signature == one for one, _ in self.in_vain)

    def goes_on_with(self, signature: Signature, asked: Asked) -> bool:
        """Did the actor ask this, too, when it last made such a step?"""
        if not self.known(signature):
            return False
        place = [one for one, _ in self.in_vain].index(signature) + 1
        followed = self.in_vain[place : place + 1] or self.in_vain
        return any(asked == one for _, one in followed)

    def once_more(self) -> "Retries":
        return Retries(self.count + 1, self.in_vain)


NO_RETRIES = Retries()

Shape = tuple[tuple[str, ...], ...]
"""The steps of a round, each without its actor."""


@dataclass
class Rounds:
    """How an actor polls: a round is what it does from one sleep to the next."""

    steps: list[tuple[str, ...]] | None = None  # of the present round; None: it has not slept yet
    seen: set[Shape] = field(default_factory=set)  # all that are over
    looks_at: set[Object] = field(default_factory=set)  # in the present round
    looked_at: set[Object] = field(default_factory=set)  # in the one before

    @property
    def goes_on_as_before(self) -> bool:
        """Is the present round like an earlier one, should it end here?"""
        return self.steps is not None and self.shape in self.seen

    @property
    def shape(self) -> Shape:
        """The steps of the present round so far."""
        return tuple(self.steps or ())

    @property
    def objects(self) -> set[Object]:
        """What it has looked at in these two rounds."""
        return self.looks_at | self.looked_at

    def end(self) -> None:
        """It sleeps: a round ends, and the next one begins."""
        if self.steps is not None:
            self.seen.add(self.shape)
        self.steps = []
        self.looked_at, self.looks_at = self.looks_at, set()


@dataclass
class Births:
    """The threads and processes that an actor has started."""

    count: int = 0
    in_setup: int = 0
    next_name: str | None = None  # of the actor that it is about to spawn


class Actor:
    """One thread of control."""

    def __init__(self, name: str, thread: int, process: Process, key: tuple[int, ...]) -> None:
        # what it is
        self.name = name
        self.thread = thread
        self.inner = process.inner  # its thread's id as its process sees it
        self.process = process
        self.key = key  # the order of actors: the scenario's, children behind their parents
        self.part = False  # it plays a role, so an execution waits for it
        self.spawned = False  # it plays one since another actor spawned it
        self.raised_in = -1  # the turn in which its body ended with an exception
        self.born_after = -1  # the turn of the fork, until its own first turn
        # where it stands
        self.gate: Gate | None = None
        self.running = False
        self.called = ("", -1)  # the call to which it was let through last, and its number
        self.may_wait = False  # that is one of which nothing is known
        self.waits_in = ""  # the call, while it sleeps there
        self.started = False  # it is past its birth
        # how it ended
        self.outcome: Ending | None = None
        self.ended = False  # the thread is gone
        self.killed = False
        self.struck = ""  # the last fault that it lived to see
        # what it has done
        self.births = Births()
        self.random_calls = 0
        self.heard: set[int] = set()  # the turns that sent what it has taken since its last one
        self.fruitless_looks = 0  # at a channel, in a row
        # scratch, replaced as it says
        self.last = LastStep()
        self.retries = NO_RETRIES
        self.rounds = Rounds()
        process.actors.append(self)

    @property
    def loop(self) -> Shape:
        """What it does again and again, if it polls."""
        return (*self.rounds.shape, *(looked[1:] for looked, _ in self.retries.in_vain))

    @property
    def is_role(self) -> bool:
        """Does it play a role, as opposed to a thread or child of one that does?"""
        return self.part or self.spawned

    @property
    def has_played(self) -> bool:
        """Is the body of its role over?"""
        return self.is_role and self.outcome is not None

    @property
    def failed(self) -> bool:
        """It died, or its body raised: actors that wait for it are told so."""
        if self.killed or (self.outcome is not None and self.outcome.raised):
            return True
        return self.ended and self.outcome is None

    def failure_turns(self) -> tuple[int, ...]:
        """The turns behind which those come that are told of its failure: an exception is known at
        the end of its body, before its process ends."""
        return (self.raised_in,) if self.raised_in >= 0 else self.last_turns()

    def last_turns(self) -> tuple[int, ...]:
        """The turns behind which those come that have waited for its end."""
        process = self.process
        turns = {self.last.turn, process.died_in if self.ended else -1}
        if self.ended:
            for one in process.actors:
                turns |= {one.last.turn, one.last.before}
        return tuple(sorted(turns - {-1}))

    def __repr__(self) -> str:
        return f"<Actor {self.name} at {self.gate.operation if self.gate else 'no gate'}>"


def gate_of(actor: Actor) -> Gate:
    """The gate at which an actor is known to stand."""
    assert actor.gate is not None
    return actor.gate
