"""A search: explorer, engine and invariants together, until a finding or the end of the budget.

The first finding is shrunk, and replayed with stacks.  Then the search continues for some seconds,
only to count how often it finds the same.  With `keep_going` it runs to the end of its budget, and
reports one finding for each cause.

The search may start over.  It does so with processes forked for each execution, if warm processes
keep state between executions or if the real end of a process matters.  It does so without symmetry,
if interchangeable actors turn out to differ.
"""

from collections.abc import Iterable
from functools import partial

from shmrace.engine.execution import Execution as EngineExecution
from shmrace.engine.gate.patience import OutOfTime
from shmrace.engine.session import Session
from shmrace.explorers.interface import Explorer, Nondeterministic
from shmrace.explorers.up_to_symmetry import UpToSymmetry
from shmrace.judgement.evidence import Evidence
from shmrace.judgement.execution import Execution
from shmrace.judgement.verdict import Conduct, subject_of, verdict
from shmrace.model.assumptions import Assumption
from shmrace.model.prose import listed
from shmrace.model.schedule import Schedule
from shmrace.model.trace import canonical
from shmrace.model.verdict import Subject, Verdict
from shmrace.scenario.base import Scenario
from shmrace.search.choosing import chosen_by
from shmrace.search.counting import Counting
from shmrace.search.coverage import Coverage
from shmrace.search.data_races import locate_data_race
from shmrace.search.every_time import try_link_counts
from shmrace.search.findings import Findings
from shmrace.search.link_counts import LinkCounts, TellsLinks
from shmrace.search.options import Detail, SearchOptions
from shmrace.search.pace import Pace
from shmrace.search.patience import Patience
from shmrace.search.progress import Progress, Watcher
from shmrace.search.repeats import Repeats, due, of_repetition
from shmrace.search.share import Share
from shmrace.search.symmetry_check import NotInterchangeable, Swaps, refuse_what_tells_apart


class Impatient(Exception):
    """Actors that were passed over while they polled give up after some rounds; the message names
    them."""


class NeedsRealEnds(Exception):
    """The actors' processes must really end, so they cannot be reused; the message says why."""


class Search:
    """One search.  On Ctrl-C, an `interruptible` one ends with what it has found so far."""

    def __init__(
        self, scenario: Scenario, options: SearchOptions = SearchOptions(),
        subject: Subject | None = None, watcher: Watcher | None = None,
        interruptible: bool = False,
    ) -> None:  # fmt: skip
        self.scenario = scenario
        self.options = options
        self._subject = subject or subject_of(scenario)
        self._patience = Patience()
        self._symmetry = True  # False once declared peers turned out to differ
        self._tells_links = False  # True once a stat turned out to run beside an unlink
        self._interruptible = interruptible
        self._watch = watcher or (lambda progress: None)
        self._notes: list[str] = []
        self._pace = Pace(self.options.budget)
        self._begin()

    def run(self) -> Verdict:
        """Search, and judge: the verdict.  Raises `GateError` if the gate cannot be set up."""
        self._pace = Pace(self.options.budget)
        complete: bool | None = None
        while complete is None:
            try:
                complete = self._explore()
            except (
                NeedsRealEnds, NotInterchangeable, Impatient, TellsLinks, Nondeterministic,
            ) as problem:  # fmt: skip
                complete = self._start_over(problem)
        images = self._swaps.left_out > 0
        covered = self._explorer.covered
        conduct = Conduct(
            self._explorer.name, self.scenario.start, self.options.seed,
            self.options.fault_texts, self.scenario.uses_segments(), images,
            self._coverage.pairs() if self._explorer.uses_seed else None,
            [*self._notes, *([f"ran {covered}"] if covered else []), *self._share.note()],
        )  # fmt: skip
        findings, also = self._findings.made(complete, images)
        return verdict(
            self._subject, conduct, self._evidence, findings, complete, self._pace.elapsed,
            also=also,
        )  # fmt: skip

    def schedules(self) -> list[Schedule]:
        """One schedule for each trace class that was run."""
        return self._repeats.schedules()

    def _start_over(self, problem: Exception) -> bool | None:
        """Prepare to search again from the beginning.

        The new search runs without symmetry, with each round of impatient pollers, with stats that
        depend on unlinks, or with processes forked for each execution.  Returns None then, and
        False if none of these helps: the search is over, and incomplete.
        """
        if isinstance(problem, Impatient):
            self._notes.append(f"explored each round of {problem}, which may give up polling")
        elif isinstance(problem, TellsLinks):
            self._notes.append("explored what each stat tells of the number of names, too")
            self._tells_links = True
        elif isinstance(problem, NotInterchangeable):
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

    def _begin(self) -> None:
        """Make a new explorer, and forget all findings.

        There is no symmetry with faults: a fault strikes one of several interchangeable actors.
        """
        self._evidence, self._coverage = Evidence(), Coverage()
        self._repeats, self._swaps = Repeats(), Swaps()
        self._findings = Findings(
            self.scenario,
            self.options,
            self._evidence,
            self._notes,
            self._tell,
            lambda: self._pace.left_afterwards(),
        )
        self._peers = self.scenario.peers() if self._symmetry and not self.options.faults else ()
        self._explorer = self.options.new_explorer(self._peers)
        if not isinstance(self._explorer, UpToSymmetry):
            self._peers = ()
        self._share = Share(self._explorer)
        self._link_counts = LinkCounts()

    def _explore(self) -> bool:
        """Search in a new session; was every distinct schedule run?"""
        with Session(self.scenario, self.options.faults, self.options.max_faults) as session:
            session.impatient = frozenset(self._patience.impatient)
            session.tells_links = self._tells_links
            session.until = self._pace.until
            try:
                return self._search(session)
            except OutOfTime as cut:
                self._evidence.cut_after = cut.turns
                if self.scenario.start == "warm":
                    self._evidence.assumed.add(Assumption.WARM)
                return False
            except KeyboardInterrupt:
                if not self._interruptible:
                    raise
                self._evidence.interrupted = True
                return False

    def _search(self, session: Session) -> bool:
        last: tuple[str, Execution] | None = None
        while self._may_go_on() and (explorer := self._share.begin()) is not None:
            trace_class, execution = self._run_one(session, explorer)
            if self._findings.enough:
                return self._count_on(session)
            if names := list(self._patience.learn(session, execution.engine)):
                raise Impatient(listed(names))
            if last is None and self._peers:
                turns = execution.engine.turns
                swapped = self._swaps.check_first(session, turns, self._peers)
                self._judge_swapped(session, swapped)
            if not execution.engine.given_up:
                last = (trace_class, execution)
                self._repeats.saw(*last)
                if self.options.detail is not Detail.SEEN and due(self._evidence.executions):
                    self._repeats.again(session, *last)
            self._judge_swapped(session, self._swaps.check(session, self._explorer))
            if self._findings.enough:
                return self._count_on(session)
        self._judge_swapped(session, self._swaps.check(session, self._explorer))
        if self._explorer.complete and self._link_counts.raced and not self._findings:
            raise TellsLinks
        if self._swaps.left_out:
            self._evidence.assumed.add(Assumption.INTERCHANGEABLE)
        if self.options.detail is Detail.SEEN:
            if self.scenario.start == "warm":
                self._evidence.assumed.add(Assumption.WARM)
        elif last is not None:
            self._repeat(session, *last)
            locate_data_race(session, self._evidence)
        return self._all_was_run()

    def _repeat(self, session: Session, trace_class: str, execution: Execution) -> None:
        """Repeat the last execution in fresh processes.

        Without a finding, also repeat one of each trace class, as the budget allows.
        """
        if self._evidence.executions > 1:
            self._repeats.again(session, trace_class, execution)
        if self.scenario.start == "warm" and not self._findings:
            self._tell("repeating in fresh processes")
            if not self._repeats.one_of_each(session, self._may_repeat):
                self._evidence.assumed.add(Assumption.WARM)

    def _may_go_on(self) -> bool:
        """May another execution start?"""
        return self._pace.allows(self._evidence.executions)

    def _may_repeat(self, few: bool) -> bool:
        """May another one of few trace classes be repeated, or of many?"""
        if few:
            return self._pace.left_afterwards() > 0
        return self._may_go_on()

    def _all_was_run(self) -> bool:
        """Was every distinct schedule run, with no execution cut?"""
        assumed = self._evidence.assumed
        if self.scenario.preempt == "lines":  # loads and stores within a line are not interleaved
            assumed.add(Assumption.PYTHON_GATE)
        bounded = {Assumption.BOUNDED_RETRIES, Assumption.PYTHON_GATE}
        return self._explorer.complete and not (assumed & bounded or self._evidence.spared)

    def _count_on(self, session: Session) -> bool:
        """Count how often the same is found, and what else; was every distinct schedule run?"""
        if not self.options.counts:
            return self._counted_all()
        counting = Counting(self._explorer.uses_seed, self._evidence)

        def goes_on() -> bool:
            return counting.goes_on() and self._may_go_on()

        all_was_run = True
        try:
            while goes_on() and self._explorer.begin():
                self._run_one(session, self._explorer)
        except OutOfTime:
            return False
        except (NeedsRealEnds, NotInterchangeable, Nondeterministic):
            all_was_run = False  # the finding stands: it was confirmed in fresh processes
        all_was_run = all_was_run and self._counted_all()
        if all_was_run and self._link_counts.raced and not self._tells_links:
            explorer = self.options.new_explorer(self._peers)
            try_link_counts(session, explorer, self._findings, goes_on)
        self._findings.settle(session)
        return all_was_run

    def _counted_all(self) -> bool:
        self._swaps.left_out += len(self._explorer.left_out())
        if self._swaps.left_out:
            self._evidence.assumed.add(Assumption.INTERCHANGEABLE)
        return self._all_was_run()

    def _run_one(self, session: Session, explorer: Explorer) -> tuple[str, Execution]:
        """Run and judge one execution; its trace class is empty if it was given up."""
        tell = partial(self._tell, "exploring")
        engine = session.run(chosen_by(explorer, session, tell))
        execution = Execution(engine)
        if self._peers:
            refuse_what_tells_apart(engine.observations)
        if engine.observations.real_ends and self.scenario.start == "warm":
            raise NeedsRealEnds(engine.observations.real_ends)
        explorer.finish(engine.turns, engine.pending())
        if engine.given_up:
            return "", execution
        if self._explorer.uses_seed:
            self._coverage.add(engine.turns)
        self._link_counts.note(engine.turns)
        trace_class = canonical(engine.turns)
        drawn_image = explorer is not self._explorer and bool(self._peers)
        self._evidence.saw(execution, "" if drawn_image else trace_class)
        self._findings.judge(session, execution, "" if drawn_image else trace_class)
        self._tell("counting" if self._findings.enough else "exploring")
        return trace_class, execution

    def _judge_swapped(self, session: Session, swapped: Iterable[EngineExecution]) -> None:
        """Judge swapped runs that ended: their findings count like those of any execution."""
        for execution in swapped:
            if not execution.given_up:
                self._findings.judge(session, Execution(execution))

    def _tell(self, doing: str, steps: int = 0) -> None:
        evidence = self._evidence
        self._watch(
            Progress(
                evidence.executions, len(evidence.classes), len(self._findings),
                self._pace.elapsed, doing, steps,
            )
        )  # fmt: skip
