"""A search: explorer, engine and invariants together, until a finding or the end of the budget.

It ends at its first finding, which is shrunk and then replayed with stacks, and goes on for some
seconds to tell how often the same is found; or it goes on to the end and groups findings by cause.
Where warm processes turn out to remember something, or their real ends matter, the search starts
over with processes forked for each execution; where interchangeable ranks turn out to differ,
without symmetry.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from shmrace import explorers
from shmrace.engine.execution import Execution as EngineExecution
from shmrace.engine.faults import rules as fault_rules
from shmrace.engine.session import Session
from shmrace.errors import UsageError
from shmrace.explain.finding import note
from shmrace.explorers import Point
from shmrace.explorers.interface import Nondeterministic
from shmrace.explorers.up_to_symmetry import UpToSymmetry
from shmrace.judgement import evidence as judgement
from shmrace.judgement.evidence import Evidence
from shmrace.judgement.execution import Execution, public
from shmrace.model.schedule import Schedule
from shmrace.model.trace import canonical
from shmrace.model.verdict import Verdict
from shmrace.scenario import loading as catalogue
from shmrace.scenario.base import Scenario
from shmrace.search.budget import Budget
from shmrace.search.coverage import Coverage
from shmrace.search.findings import Detail, Findings
from shmrace.search.repeats import Repeats, due, of_repetition
from shmrace.search.symmetry_check import NotInterchangeable, Swaps, refuse_what_tells_apart

GOES_ON, GOES_ON_DRAWING = 10.0, 2.0
"""Seconds for which a search goes on after its finding, within its budget: an exhaustive one, which
may come to its end, and one that draws and never does."""


@dataclass(frozen=True)
class Progress:
    """How far a search has come."""

    executions: int
    trace_classes: int
    findings: int
    elapsed: float  # seconds
    doing: str = "exploring"


Watcher = Callable[[Progress], None]


class NeedsRealEnds(Exception):
    """The processes of actors have to end, and not to be kept; says why."""


class Search:
    """One search; `target` is how the user named the scenario.  An `interruptible` one ends with
    what was found so far when it is interrupted; one that is not to `goes_on` does not count how
    often the same is found."""

    def __init__(
        self, scenario: Scenario, explorer: str = "dpor", budget: Budget | None = None,
        faults: Sequence[str] = (), max_faults: int = 1, seed: int = 0, keep_going: bool = False,
        target: str | None = None, watcher: Watcher | None = None, interruptible: bool = False,
        detail: Detail = "explained", goes_on: bool = True,
    ) -> None:  # fmt: skip
        self.scenario = scenario
        self.target = target or catalogue.target_of(scenario)
        self._budget = budget or Budget(60.0)
        self._explorer = explorers.make(explorer, seed, (), self._budget.bounds)
        self._symmetry = True  # where the scenario declares it, and nothing speaks against it
        self._fault_texts = fault_rules.texts(faults)
        self._faults = [fault_rules.parse(text) for text in self._fault_texts]
        if not isinstance(max_faults, int) or max_faults < 1:
            raise UsageError(f"max_faults must be at least 1, not {max_faults!r}")
        if max_faults > 1 and not self._faults:
            raise UsageError("max_faults has no use without faults")
        if not isinstance(seed, int):
            raise UsageError(f"seed must be a whole number, not {seed!r}")
        self._max_faults = max_faults
        self._seed = seed
        self._keep_going = keep_going
        self._detail: Detail = detail
        self._goes_on = goes_on
        self._interruptible = interruptible
        self._watch = watcher or (lambda progress: None)
        self._asked_for = scenario
        self._notes: list[str] = []
        self._started = 0.0
        self._begin()

    def run(self) -> Verdict:
        """Search, and judge."""
        self._started = time.monotonic()
        complete: bool | None = None
        while complete is None:
            try:
                complete = self._explore()
            except (NeedsRealEnds, NotInterchangeable, Nondeterministic) as problem:
                complete = self._start_over(problem)
        images = self._swaps.left_out > 0
        return judgement.verdict(
            self._evidence, self._findings.counted(complete, images), complete,
            time.monotonic() - self._started, target=self.target,
            parameters=self.scenario.parameters(), ranks=self.scenario.ranks,
            explorer=self._explorer.name, start=self.scenario.start, seed=self._seed,
            shown=repr(self._asked_for), note=self._note(), faults=self._fault_texts,
            uses_segments=self.scenario.uses_segments(),
            symmetry=images,
            racing_pairs=self._coverage.pairs() if self._explorer.uses_seed else None,
        )  # fmt: skip

    def schedules(self) -> list[Schedule]:
        """A schedule for each trace class that was run."""
        return self._repeats.schedules()

    def _start_over(self, problem: Exception) -> bool | None:
        """Once more from the beginning, without symmetry or with processes forked for each
        execution: None.  False if neither would help."""
        if isinstance(problem, NotInterchangeable):
            self._notes.append(f"explored without symmetry: {problem}")
            self._symmetry = False
        elif self.scenario.start == "warm":
            self._notes.append(f"explored with start='fork': {problem}")
            self.scenario = self.scenario.replaced(start="fork")
        else:
            assert isinstance(problem, Nondeterministic)
            self._findings.enter(of_repetition(problem))
            return False
        self._begin()
        return None

    def _note(self) -> str:
        covered = self._explorer.covered
        return "; ".join([*self._notes, *([f"ran {covered}"] if covered else [])])

    def _begin(self) -> None:
        """A new explorer, and nothing found; without symmetry where faults may strike one of
        several alike."""
        self._evidence, self._coverage = Evidence(), Coverage()
        self._repeats, self._swaps = Repeats(), Swaps()
        self._findings = Findings(
            self.scenario, self._fault_texts, self._max_faults, self._keep_going, self._detail,
            self._evidence, self._notes, self._tell,
        )  # fmt: skip
        self._peers = self.scenario.peers() if self._symmetry and not self._faults else ()
        self._explorer = explorers.make(
            self._explorer.name, self._seed, self._peers, self._budget.bounds
        )
        if not isinstance(self._explorer, UpToSymmetry):
            self._peers = ()

    def _explore(self) -> bool:
        """Search to the end or to a finding; was everything run?"""
        with Session(self.scenario, self._faults, self._max_faults, Execution) as session:
            try:
                return self._search(session)
            except KeyboardInterrupt:
                if not self._interruptible:
                    raise
                self._evidence.interrupted = True
                return False

    def _search(self, session: Session) -> bool:
        last: tuple[str, Execution] | None = None
        while self._within_budget() and self._explorer.begin():
            trace_class, execution = self._one(session)
            if self._findings.enough:
                return self._go_on(session)
            if last is None and self._peers:
                swapped = self._swaps.check_first(session, execution.turns, self._peers)
                self._judge_swapped(session, swapped)
            if not execution.given_up:
                last = (trace_class, execution)
                self._repeats.saw(*last)
                if self._detail != "seen" and due(self._evidence.executions):
                    self._repeats.again(session, *last)
            self._judge_swapped(session, self._swaps.check(session, self._explorer))
            if self._findings.enough:
                return self._go_on(session)
        self._judge_swapped(session, self._swaps.check(session, self._explorer))
        if self._swaps.left_out:
            self._evidence.assumed.add("interchangeable")
        if self._detail == "seen":
            self._evidence.assumed |= {"warm"} & {self.scenario.start}
        elif last is not None:
            self._repeat(session, *last)
        return self._all_was_run()

    def _repeat(self, session: Session, trace_class: str, execution: Execution) -> None:
        """Repeat the last execution in fresh processes, and one of each class where nothing was
        found and that fits the budget."""
        if self._evidence.executions > 1:
            self._repeats.again(session, trace_class, execution)
        if self.scenario.start == "warm" and not self._findings:
            self._tell("repeating in fresh processes")
            if not self._repeats.one_of_each(session, self._within_budget):
                self._evidence.assumed.add("warm")

    def _all_was_run(self) -> bool:
        assumed = self._evidence.assumed
        if self.scenario.preempt == "lines":  # loads and stores within a line are not interleaved
            assumed.add("python-gate")
        return self._explorer.complete and not assumed & {"bounded-retries", "python-gate"}

    def _go_on(self, session: Session) -> bool:
        """Count how often the same is found, and report nothing else; was everything run?"""
        seconds = GOES_ON_DRAWING if self._explorer.uses_seed else GOES_ON
        until = time.monotonic() + (seconds if self._goes_on else 0)
        try:
            while time.monotonic() < until and self._within_budget() and self._explorer.begin():
                self._one(session)
        except (NeedsRealEnds, NotInterchangeable, Nondeterministic):
            return False  # what was found was confirmed in fresh processes
        self._swaps.left_out += len(self._explorer.left_out())
        if self._swaps.left_out:
            self._evidence.assumed.add("interchangeable")
        return self._all_was_run()

    def _one(self, session: Session) -> tuple[str, Execution]:
        """One execution, with the digest of its trace class; empty if it was given up."""

        def choose(execution: EngineExecution) -> int | None:
            return self._explorer.choose(Point(execution.choices(), execution.turns))

        execution = public(session.run(choose))
        if self._peers:
            refuse_what_tells_apart(execution.recorded)
        if execution.recorded.real_ends and self.scenario.start == "warm":
            raise NeedsRealEnds(execution.recorded.real_ends)
        self._explorer.finish(execution.turns, execution.pending())
        if execution.given_up:
            return "", execution
        if self._explorer.uses_seed:
            self._coverage.add(execution.turns)
        trace_class = canonical(execution.turns)
        note(self._evidence, execution, trace_class)
        self._findings.judge(session, execution, trace_class)
        self._tell("counting" if self._findings.enough else "exploring")
        return trace_class, execution

    def _judge_swapped(self, session: Session, swapped: Iterable[EngineExecution]) -> None:
        """What the images that are run for a check come to counts like any other execution, where
        they were run to their end."""
        for execution in swapped:
            if not execution.given_up:
                self._findings.judge(session, public(execution))

    def _within_budget(self) -> bool:
        ran = self._evidence.executions
        return ran == 0 or self._budget.allows(ran, time.monotonic() - self._started)

    def _tell(self, doing: str) -> None:
        evidence = self._evidence
        self._watch(
            Progress(
                evidence.executions, len(evidence.classes), len(self._findings),
                time.monotonic() - self._started, doing,
            )
        )  # fmt: skip
