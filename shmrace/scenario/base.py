"""Scenarios: the program under test, as the user writes it.

A scenario says *what* runs.  Its roles are methods, and its parameters are class attributes.  The
roles ``sender`` and ``rank`` are predefined and optional; other roles are marked with `actor`.
Options of the search are not part of a scenario.
"""

import copy
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from shmrace.errors import UsageError
from shmrace.scenario import signatures

Self = TypeVar("Self", bound="Scenario")
Role = TypeVar("Role", bound=Callable[..., Any])
_MARK = "__shmrace_actor__"
PREEMPTS = ("operations", "lines")
STARTS = ("warm", "fork")
TRACKERS = ("none", "own")


def actor(count: str | int = 1) -> Callable[[Role], Role]:
    """Mark a method as a role that runs from the start, in `count` processes.

    `count` is a number, or the name of a parameter that holds the number.  A single actor has the
    name of its role, such as worker.  Several actors are named worker0, worker1, …  Raises
    `UsageError` if it is used without parentheses.
    """
    if callable(count):
        raise UsageError("write @shmrace.actor() with parentheses, or @shmrace.actor(count=2)")

    def mark(role: Role) -> Role:
        setattr(role, _MARK, count)
        return role

    return mark


class Child(Protocol):
    """An actor that another actor has spawned."""

    @property
    def name(self) -> str: ...
    def join(self) -> Any: ...
    def kill(self) -> None: ...


class World(Protocol):
    """The argument of a role: the actor's identity, and primitives to communicate with others."""

    @property
    def name(self) -> str: ...
    @property
    def rank(self) -> int: ...
    @property
    def size(self) -> int: ...
    @property
    def directory(self) -> str: ...

    def barrier(self) -> None: ...
    def send(self, to: int | str, obj: object) -> None: ...
    def recv(self, source: int | str | None = None, wait: bool = True) -> Any: ...
    def broadcast(self, obj: Any, src: int | str = 0) -> Any: ...
    def group(self, members: Sequence[int | str]) -> "World": ...
    def spawn(self, role: Callable[..., Any], *args: Any, name: str | None = None) -> Child: ...
    def checkpoint(self, label: str) -> None: ...


@dataclass(frozen=True)
class Part:
    """One actor of a scenario: its name, its role, and its number within the role."""

    name: str
    role: str
    rank: int
    peers: tuple[str, ...]  # the names of the role's actors, itself included


class Scenario:
    """The base class of scenarios.  Each public class attribute is a parameter.

    ``Broadcast(ranks=2)`` makes an instance with other parameters.  Wherever a scenario is
    expected, a class or an instance may be given.  Subclasses may override `setup`, `check`,
    `accept` and `uses_segments`.
    """

    ranks: int = 2  # how many actors play `rank`
    start: str = "warm"  # "warm": processes are reused; "fork": forked for each execution
    trackers: str = "none"  # "none": no resource tracker is started; "own": as in the code
    shm_size: int | str | None = None  # bytes of /dev/shm, or "1m"; None: the kernel's default
    exit_handlers: bool = True  # run the handlers that an actor registers with atexit
    interchangeable: bool = False  # do the actors of a role behave alike?
    preempt: str = "operations"  # "lines": before each line of `preempt_modules` too
    preempt_modules: Sequence[str] = ()  # patterns; empty: the module of the scenario

    def __init__(self, *positional: object, **parameters: Any) -> None:
        known = self.defaults()
        if positional:
            example = next(iter(known))
            raise UsageError(
                f"{type(self).__name__} takes its parameters by name, as in"
                f" {type(self).__name__}({example}={known[example]!r})"
            )
        for name, value in parameters.items():
            if name not in known:
                raise UsageError(
                    f"{type(self).__name__} has no parameter {name!r}; it has: {', '.join(known)}"
                )
            setattr(self, name, value)
        self.validate()

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        """The parameters with their values in the class; those of base classes come first."""
        found: dict[str, Any] = {}
        for base in reversed(cls.__mro__):
            for name, value in vars(base).items():
                if not name.startswith("_") and not _is_code(value):
                    found[name] = value
        found.pop("name", None)
        return found

    @classmethod
    def title(cls) -> str:
        """The first line of the docstring; without one, the class name."""
        return (inspect.getdoc(cls) or cls.__name__).splitlines()[0]

    def parameters(self) -> dict[str, Any]:
        """All parameters with their values in this instance."""
        return {name: getattr(self, name) for name in self.defaults()}

    def changed(self) -> dict[str, Any]:
        """The parameters whose values differ from the class."""
        defaults = self.defaults()
        return {
            name: one for name, one in self.parameters().items() if not _equal(one, defaults[name])
        }

    def replaced(self: Self, **parameters: Any) -> Self:
        """A copy with other parameters; the other attributes of the instance are kept.

        Raises `UsageError` for an unknown parameter or an invalid value.
        """
        found = copy.copy(self)
        for name, value in parameters.items():
            if name not in self.defaults():
                raise UsageError(f"{type(self).__name__} has no parameter {name!r}")
            setattr(found, name, value)
        found.validate()
        return found

    def __repr__(self) -> str:
        inside = ", ".join(f"{name}={value!r}" for name, value in self.changed().items())
        return f"{type(self).__name__}({inside})"

    def validate(self) -> None:
        """Raise `UsageError` for invalid parameters, or if the scenario has no valid roles."""
        if not isinstance(self.ranks, int) or isinstance(self.ranks, bool) or self.ranks < 1:
            raise UsageError(f"ranks must be a whole number of at least 1, not {self.ranks!r}")
        for name, allowed in (("start", STARTS), ("trackers", TRACKERS), ("preempt", PREEMPTS)):
            given = getattr(self, name)
            if given not in allowed:
                raise UsageError(f"{name} must be one of {', '.join(allowed)}, not {given!r}")
        size_in_bytes(self.shm_size)
        if self.preempt_modules and self.preempt != "lines":
            raise UsageError("preempt_modules needs preempt='lines'")
        for name in ("interchangeable", "exit_handlers"):
            if not isinstance(getattr(self, name), bool):
                raise UsageError(f"{name} must be True or False, not {getattr(self, name)!r}")
        parts = self.parts()
        if not parts:
            raise UsageError(
                f"{type(self).__name__} has no actors: define sender, rank, or a method marked"
                " with @shmrace.actor()"
            )
        signatures.check(self, dict.fromkeys(part.role for part in parts))

    def parts(self) -> tuple[Part, ...]:
        """The actors in order: the sender, the ranks, then marked roles as they are defined.

        Raises `UsageError` if the count of a marked role is not a number of at least 1.
        """
        found: list[Part] = []
        if hasattr(self, "sender"):
            found.append(Part("sender", "sender", 0, ("sender",)))
        if hasattr(self, "rank"):
            found += _parts("rank", self.ranks, always_numbered=True)
        seen: dict[str, str | int] = {}
        for base in reversed(type(self).__mro__):
            for name, value in vars(base).items():
                if hasattr(value, _MARK):
                    seen[name] = getattr(value, _MARK)
        for role, count in seen.items():
            number = getattr(self, count, None) if isinstance(count, str) else count
            if not isinstance(number, int) or number < 1:
                raise UsageError(
                    f"@actor(count={count!r}) of {role} must come to a whole number of at least"
                    f" 1, not {number!r}"
                )
            found += _parts(role, number, always_numbered=isinstance(count, str))
        return tuple(found)

    def peers(self) -> tuple[tuple[str, ...], ...]:
        """The actors of each role that has several, if they are interchangeable; else empty."""
        if not self.interchangeable:
            return ()
        return tuple(dict.fromkeys(part.peers for part in self.parts() if len(part.peers) > 1))

    def payload_to_ranks(self) -> bool:
        """Does every rank get the result of `sender`?  Only if `rank` has a parameter for it."""
        if not hasattr(self, "sender") or not hasattr(self, "rank"):
            return False
        return len(inspect.signature(self.rank).parameters) >= 2

    def has_setup(self) -> bool:
        """Does the scenario override `setup`?"""
        return type(self).setup is not Scenario.setup

    def setup(self, world: World) -> None:
        """Runs once in each process, and is not explored; for imports and process groups."""

    def modules_with_gates(self) -> tuple[str, ...]:
        """The modules in which each line is a gate."""
        if self.preempt != "lines":
            return ()
        named = self.preempt_modules
        return (named,) if isinstance(named, str) else tuple(named) or (type(self).__module__,)

    def uses_segments(self) -> bool:
        """Must a pass create and unlink a segment?  Override it with False if there is none."""
        return True

    def check(self, execution: Any) -> None:
        """Runs after each execution, in the test's process; asserts what must hold of it.

        `execution` is a `shmrace.Execution`: its `results` hold what the actors returned.
        """

    def accept(self, finding: Any, execution: Any) -> bool:
        """Is this finding known and tolerated?  A tolerated finding is counted in the verdict.

        `finding` is a `shmrace.Breach`, `execution` a `shmrace.Execution`.
        """
        return False


def instance_of(scenario: type[Scenario] | Scenario) -> Scenario:
    """The instance of a scenario; raises `UsageError` if the argument is not a scenario."""
    if isinstance(scenario, type) and issubclass(scenario, Scenario):
        return made(scenario, {})
    if isinstance(scenario, Scenario):
        scenario.validate()
        return scenario
    raise UsageError(f"{scenario!r} is not a shmrace.Scenario: give a subclass or an instance")


def made(kind: type[Scenario], parameters: Mapping[str, Any]) -> Scenario:
    """An instance with these parameters; raises `UsageError` if the class needs more arguments."""
    try:
        inspect.signature(kind).bind(**parameters)
    except TypeError as error:
        raise UsageError(
            f"{kind.__name__} needs more arguments than its parameters ({error}): give them"
            " defaults, or give an instance in code"
        ) from None
    return kind(**parameters)


def size_in_bytes(size: int | str | None) -> int | None:
    """The bytes of 4096, "64k", "1m" or "2g"; None for None.  Raises `UsageError`."""
    units: Mapping[str, int] = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
    if size is None:
        return None
    text = str(size).strip().lower()
    factor = units.get(text[-1:], 1)
    digits = text[:-1] if text[-1:] in units else text
    if not digits.isdigit() or int(digits) == 0:
        raise UsageError(f"shm_size must be a number of bytes, or like '64m', not {size!r}")
    return int(digits) * factor


def _parts(role: str, count: int, always_numbered: bool) -> list[Part]:
    numbered = always_numbered or count > 1
    names = tuple(f"{role}{rank}" if numbered else role for rank in range(count))
    return [Part(name, role, rank, names) for rank, name in enumerate(names)]


def _equal(one: object, other: object) -> bool:
    """Are two values equal?  Values that cannot be compared with == must be identical."""
    try:
        return bool(one == other)
    except Exception:
        return one is other


def _is_code(value: object) -> bool:
    return isinstance(value, (classmethod, staticmethod, property)) or inspect.isroutine(value)
