"""The planted faults: small changes that make a verdict, a report or a count wrong.

Each names the tests that have to notice it.  A fault's place is a text that stands in its file
exactly once.
"""

from dataclasses import dataclass

FOOTPRINTS = "tests/unit/model/test_footprints.py"
OBJECTS = "tests/unit/model/test_objects.py"
TRACE = "tests/unit/model/test_trace.py"
HISTORY = "tests/unit/explorers/test_history.py"
GOLDEN = "tests/reference/test_golden_counts.py"
ENUMERATION = "tests/reference/test_explorers_against_enumeration.py"
SYMMETRY = "tests/reference/test_symmetry_against_enumeration.py"
CLOSED_WORLD = "tests/gate/engine/test_closed_world.py"
SOUNDNESS = "tests/gate/engine/test_soundness.py"
GATE = "tests/gate/engine/test_gate.py"
WARM = "tests/gate/engine/test_warm.py"
FAULTS = "tests/gate/engine/test_faults.py"
STRIKE = "tests/gate/engine/test_strike.py"
EVIDENCE = "tests/unit/judgement/test_evidence.py"
INVARIANTS = "tests/unit/judgement/test_invariants.py"


@dataclass(frozen=True)
class Mutant:
    """One planted fault."""

    name: str
    path: str
    old: str
    new: str
    tests: tuple[str, ...]


def _mutant(name: str, path: str, old: str, new: str, *tests: str) -> Mutant:
    return Mutant(name, f"shmrace/{path}", old, new, tests)


_DEPENDENCE = (
    _mutant(
        "clash: an update and a read do not",
        "model/objects.py",
        "    return first is not second\n",
        "    return False\n",
        OBJECTS,
    ),
    _mutant(
        "clash: two writes do not",
        "model/objects.py",
        "        return True\n    return first is not second\n",
        "        pass\n    return first is not second\n",
        OBJECTS,
    ),
    _mutant(
        "a failed operation writes its name",
        "model/footprints.py",
        "changed = effect.ok and effect.kind",
        "changed = effect.kind",
        FOOTPRINTS,
    ),
    _mutant(
        "a turn does not depend on what is not known",
        "model/objects.py",
        "return found if (EVERYTHING, Mode.WRITE) in found else found | {(EVERYTHING, Mode.READ)}",
        "return found",
        FOOTPRINTS,
    ),
    _mutant(
        "a rename changes no name",
        "model/operations.py",
        "Operation.CREATE, Operation.UNLINK, Operation.RENAME, Operation.LINK, Operation.SYMLINK,",
        "Operation.CREATE, Operation.UNLINK, Operation.LINK, Operation.SYMLINK,",
        FOOTPRINTS,
    ),
    _mutant(
        "a link changes no name",
        "model/operations.py",
        "Operation.CREATE, Operation.UNLINK, Operation.RENAME, Operation.LINK, Operation.SYMLINK,",
        "Operation.CREATE, Operation.UNLINK, Operation.RENAME, Operation.SYMLINK,",
        FOOTPRINTS,
    ),
    _mutant(
        "what changes a name does not touch the list of names",
        "model/footprints.py",
        "        found.add((DIRECTORY, Mode.UPDATE))\n",
        "        pass\n",
        FOOTPRINTS,
    ),
)

_FOOTPRINTS = (
    _mutant(
        "an open that truncates changes no size",
        "model/footprints.py",
        "(effect.kind in _SETS_SIZE or effect.truncates)",
        "effect.kind in _SETS_SIZE",
        FOOTPRINTS,
    ),
    _mutant(
        "who has a segment mapped does not read it",
        "model/footprints.py",
        "found.add((bytes_of(segment_key(inode)), Mode.READ))",
        "pass",
        FOOTPRINTS,
    ),
    _mutant(
        "a stat does not tell the number of names",
        "model/footprints.py",
        "_TELLS_ALL = (Operation.STAT, Operation.LOOK)",
        "_TELLS_ALL = ()",
        FOOTPRINTS,
    ),
    _mutant(
        "an unlink does not change the number of names",
        "model/footprints.py",
        "_ADDS_OR_REMOVES_A_NAME = (Operation.LINK, Operation.UNLINK, Operation.RENAME)",
        "_ADDS_OR_REMOVES_A_NAME = (Operation.LINK, Operation.RENAME)",
        FOOTPRINTS,
    ),
    _mutant(
        "what a rename pushes out keeps its names",
        "model/footprints.py",
        "if effect.replaced is not None:",
        "if False:",
        FOOTPRINTS,
    ),
    _mutant(
        "a chmod changes nothing",
        "model/footprints.py",
        "if effect.kind == Operation.CHANGE and effect.ok:",
        "if False:",
        FOOTPRINTS,
    ),
    _mutant(
        "the way to a name is not read",
        "model/footprints.py",
        "for name in effect.through:",
        "for name in ():",
        FOOTPRINTS,
    ),
    _mutant(
        "whether a directory is empty is not read",
        "model/footprints.py",
        "if effect.kind == Operation.LIST or effect.lists:",
        "if effect.kind == Operation.LIST:",
        FOOTPRINTS,
    ),
    _mutant(
        "symbolic links on the way are not told",
        "linux/paths.py",
        "name, links)\n                links.append(_locate(os.dup(here), name))\n",
        "name, links)\n",
        CLOSED_WORLD,
    ),
    _mutant(
        "a call that is not known is no step",
        "engine/gate/opaque.py",
        "    if server.setting_up:\n",
        "    if True:\n",
        CLOSED_WORLD,
    ),
    _mutant(
        "an opaque step reads and writes nothing",
        "engine/steps/measure.py",
        "found.add((EVERYTHING, Mode.WRITE))",
        "pass",
        CLOSED_WORLD,
    ),
    _mutant(
        "processes do not share a position",
        "engine/steps/measure.py",
        "return process.has_relatives or process.channels.in_use",
        "return False",
        CLOSED_WORLD,
    ),
    _mutant(
        "a message to several reaches one inbox",
        "engine/waits/primitives.py",
        "accesses.add((message_of(actor.name, receiver), Mode.WRITE))",
        "accesses = {(message_of(actor.name, receiver), Mode.WRITE)}",
        CLOSED_WORLD,
    ),
    _mutant(
        "a receive that does not wait was enabled by its message",
        "engine/waits/primitives.py",
        "if wait and len(senders) == 1:",
        "if True:",
        CLOSED_WORLD,
    ),
)

_HAPPENS_BEFORE = (
    _mutant(
        "a read makes earlier accesses be forgotten",
        "model/happens_before.py",
        "        if mode is Mode.WRITE:\n",
        "        if True:\n",
        TRACE,
        ENUMERATION,
    ),
    _mutant(
        "whoever moved along does not come after",
        "model/happens_before.py",
        "    for actor in turn.moved:\n        last[actor] = index\n",
        "",
        TRACE,
    ),
    _mutant(
        "what enabled a turn does not come before it",
        "model/happens_before.py",
        "for earlier in (last[actor], *after) if actor in last else after:",
        "for earlier in (last[actor],) if actor in last else ():",
        TRACE,
    ),
    _mutant(
        "an order by dependence counts as enforced",
        "model/happens_before.py",
        "    return _chained(turns, _enforced_past)\n",
        "    return pasts(turns)\n",
        TRACE,
    ),
)

_EXPLORERS = (
    _mutant("a sleeper stays asleep", "explorers/dpor.py", "if not minds & one.does}", "}", GOLDEN),
    _mutant(
        "waits in vain do not race",
        "explorers/dpor.py",
        "if turn.actor not in self._faults:",
        "if False:",
        GOLDEN,
    ),
    _mutant(
        "faults that did not strike are not tried",
        "explorers/dpor.py",
        "            if turn.actor in self._faults:\n",
        "            if False:\n",
        GOLDEN,
        FAULTS,
    ),
    _mutant(
        "a turn that strays is not noticed",
        "explorers/history.py",
        "return bool(self._strays & self._does & self._noticed)",
        "return False",
        ENUMERATION,
    ),
    _mutant(
        "what a turn minds in other executions does not wake",
        "explorers/history.py",
        "return event.minds | self.learn(event, nth) & ~event.touches",
        "self.learn(event, nth)\n        return event.minds",
        ENUMERATION,
        GOLDEN,
    ),
    _mutant(
        "a race with the last turn is not seen",
        "explorers/history.py",
        "past, races = self._past(event, (1 << place) - 1, shut)",
        "past, races = self._past(event, (1 << max(place - 1, 0)) - 1, shut)",
        HISTORY,
        GOLDEN,
    ),
    _mutant(
        "a dependent branch covers a sequence",
        "explorers/wakeup_tree.py",
        "return None if event.minds & done else [",
        "return [",
        GOLDEN,
        "tests/unit/explorers/test_wakeup_tree.py",
    ),
    _mutant(
        "actors that are told apart count as alike",
        "explorers/symmetry.py",
        "            if operation in _TELLS_APART:\n",
        "            if False:\n",
        SYMMETRY,
    ),
    _mutant(
        "a swap that leads to another class counts as none",
        "explorers/symmetry.py",
        "            return None\n    return moved\n",
        "            pass\n    return moved\n",
        SYMMETRY,
        "tests/unit/explorers/test_symmetry.py",
    ),
)

_JUDGEMENT = (
    _mutant(
        "a verdict with assumptions is a proof",
        "model/verdict.py",
        "and not (self.assumes or self.accepted)",
        "and not self.accepted",
        EVIDENCE,
    ),
    _mutant(
        "a verdict with accepted findings is a proof",
        "model/verdict.py",
        "and not (self.assumes or self.accepted)",
        "and not self.assumes",
        EVIDENCE,
    ),
    _mutant(
        "a witness that disagrees is ignored",
        "judgement/verdict.py",
        "    if evidence.ungated:\n",
        "    if False:\n",
        EVIDENCE,
    ),
    _mutant(
        "an actor that never began is ignored",
        "judgement/verdict.py",
        "    if absent:\n",
        "    if False:\n",
        EVIDENCE,
    ),
    _mutant(
        "a fault that never struck is ignored",
        "judgement/verdict.py",
        "if conduct.faults and not evidence.struck:",
        "if False:",
        EVIDENCE,
    ),
    _mutant(
        "links and directories do not leak",
        "judgement/invariants/leaks.py",
        "for name, segment in record.ledger.linked()]",
        "for name, segment in record.ledger.linked() if segment.kind is SegmentKind.FILE]",
        INVARIANTS,
    ),
    _mutant(
        "a directory that is renamed leaves what is in it behind",
        "model/ledger.py",
        'if name.startswith(f"{here}/")',
        "if False",
        "tests/unit/model/test_ledger.py",
    ),
)

LOCKS = "tests/gate/engine/test_file_locks.py"
LIVES = "tests/gate/engine/test_lives.py"
LIVELOCK = "tests/gate/search/test_livelock.py"

_ENGINE = (
    _mutant(
        "a shared flock is asked for as an exclusive one", "engine/waits/locks.py",
        "wanted == fcntl.LOCK_EX)", "True)", LOCKS,
    ),
    _mutant(
        "the end of a process gives no lock back", "engine/state/file_locks.py",
        "        self.closed(process, self.descriptors(process), self.records(process))\n",
        "        pass\n", LOCKS,
    ),
    _mutant(
        "flock and record locks see each other", "model/locks.py",
        'return "flock" if self is LockFamily.FLOCK else "record"', 'return "record"',
        "tests/unit/model/test_locks.py",
    ),
    _mutant(
        "an open that truncates is not seen", "engine/steps/outcomes.py",
        "truncates = bool(gate.flags & os.O_TRUNC) and opened", "truncates = False", CLOSED_WORLD,
    ),
    _mutant(
        "a change of size hides a change of bytes", "engine/steps/contents.py",
        "written += [] if grown else [inode]", "written += [] if inode in resized else [inode]",
        SOUNDNESS, CLOSED_WORLD,
    ),
    _mutant(
        "what nobody holds any more was not written", "engine/steps/contents.py",
        "digest = digest or self._through_held(inode)", "pass", CLOSED_WORLD,
    ),
    _mutant(
        "a copy reads nothing", "engine/gate/subjects.py",
        "source, gate.sources = gate.inode, (gate.inode,) if gate.inode is not None else ()",
        "source, gate.sources = gate.inode, ()", CLOSED_WORLD,
    ),
    _mutant(
        "the witness is not asked", "engine/processes/shm.py",
        "if event.name not in expected and self._concerns_us(event, ledger)", "if False", GATE,
    ),
    _mutant(
        "a process that has made an opaque call is kept", "engine/processes/warm.py",
        "if process.opaque_calls != process.at_start.opaque_calls:", "if False:", CLOSED_WORLD,
    ),
    _mutant(
        "a process that has more descriptors is kept", "engine/processes/warm.py",
        "if open_files.count(process.pid) != process.at_start.descriptors:", "if False:", WARM,
    ),
    _mutant(
        "what is left of System V stays", "engine/teardown.py",
        "    if observations.made_ipc_objects:\n", "    if False:\n", CLOSED_WORLD,
    ),
    _mutant(
        "who asks whether a process lives reads nothing", "engine/steps/lives.py",
        "            found |= self._asked(gate)\n", "            pass\n", LIVES,
    ),
    _mutant(
        "a look into a process does not depend on its steps", "engine/steps/lives.py",
        "            if question.closely:\n", "            if False:\n", LIVES,
    ),
    _mutant(
        "every call may fail with every errno", "engine/gate/errnos.py",
        'if gate.shape.family == "primitive" or name not in ALLOWED.get(gate.operation, ()):',
        "if False:", FAULTS, STRIKE,
    ),
    _mutant(
        "a death does not leave the barrier", "engine/waits/primitives.py",
        "            self._arrived[meeting.group][actor.name].pop()\n",
        "            pass\n", FAULTS,
    ),
    _mutant(
        "a call that lets another go on orders what is stored behind it",
        "model/byte_races.py",
        "        sets = self._finished if in_memory else self._called\n",
        "        sets = self._called\n",
        "tests/unit/model/test_byte_races.py",
    ),
    _mutant(
        "what is stored behind a failed call is not entered",
        "model/ledger.py",
        "            self._failed(step, actor, effect)\n        for",
        "            self._failed(step, actor, effect)\n            return segment\n        for",
        "tests/unit/model/test_byte_races.py",
    ),
    _mutant(
        "a close that was not waited for is taken for granted",
        "engine/waits/closed_channels.py",
        "        return any(_is_closed(actor, gate, one) for one in asked)\n",
        "        return False\n",
        "tests/gate/search/test_data_races.py",
    ),
    _mutant(
        "memory that threads and processes share is not named",
        "engine/steps/measure.py",
        "        if memory:\n",
        "        if False:\n",
        "tests/gate/search/test_data_races.py",
    ),
    _mutant(
        "what a victim was about to do is forgotten",
        "engine/steps/prevented.py",
        "    return [turn for actor, turn in doomed if actor.ended]\n",
        "    return []\n",
        "tests/gate/engine/test_killed.py",
    ),
    _mutant(
        "pollers are not woken by news", "engine/steps/rounds.py",
        "    if EVERYTHING in changed or changed & looks_at or (changed and not looks_at):\n",
        "    if False:\n", LIVELOCK, "tests/gate/search/test_patience.py",
    ),
    _mutant(
        "a stat beside an unlink is not explored", "search/link_counts.py",
        "        self.raced = self.raced or _raced(turns)\n", "        pass\n",
        "tests/unit/search/test_link_counts.py",
    ),
)  # fmt: skip

PLANTED: tuple[Mutant, ...] = (
    *_DEPENDENCE, *_FOOTPRINTS, *_HAPPENS_BEFORE, *_EXPLORERS, *_JUDGEMENT, *_ENGINE,
)  # fmt: skip
