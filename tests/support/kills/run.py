"""One kill: start a command in a fork of this process, kill, and look at what is left.

This process adopts what the command leaves behind, and its ``/dev/shm`` and its directory for
temporary files are its own, so that whatever is found there is the command's.
"""

import os
import re
import select
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from shmrace.cli.main import main
from tests.support import private_shm, refusing
from tests.support.commands import family
from tests.support.kills.plan import NO_VERDICT, SIGTERM_SAID, Kill, Victim

PROGRAM = '''
import shmrace
from multiprocessing import shared_memory

class Passes(shmrace.Scenario):
    """Many schedules, none of which fails."""
    ranks = 3

    def rank(self, world):
        for _ in range(3):
            segment = shared_memory.SharedMemory(create=True, size=8)
            world.checkpoint("has it")
            segment.close()
            segment.unlink()

class Races(shmrace.Scenario):
    """Each execution fails, and is told with stacks."""
    ranks = 3

    def sender(self, world):
        segment = shared_memory.SharedMemory("x", create=True, size=8)
        segment.close()

    def rank(self, world):
        segment = shared_memory.SharedMemory("x")
        segment.close()
        segment.unlink()

def test_passes(race):
    race(Passes, explorer="walk", budget="2s")

def test_races(race):
    race(Races, explorer="walk", budget="2s")
'''
ENDS_WITHIN = 40.0
"""Seconds from the kill to the end of the command."""

GOES_WITHIN = 10.0
"""Seconds in which its processes are gone after it."""


def trouble(kill: Kill, folder: Path) -> list[str]:
    """What is wrong after a kill, in words; nothing if all is well."""
    (folder / "program_test.py").write_text(PROGRAM)
    temporary = folder / "temporary"
    temporary.mkdir(exist_ok=True)
    output = folder / "output"
    pid = _started(_command(kill), folder, output, kill.refused)
    killed = _killed(kill, pid)
    status = _ended(pid)
    said = output.read_text(errors="replace")
    found = [f"{word} in its output" for word in ("Traceback", "INTERNALERROR") if word in said]
    if status is None:
        found.append(f"it had not ended {ENDS_WITHIN:.0f} s later")
    elif status not in (right := kill.statuses(begun=bool(said)) if killed else {0, 1}):
        found.append(f"exit status {status}, not one of {sorted(right)}")
    elif killed and _has_to_tell(kill, status) and NO_VERDICT not in said:
        found.append("it does not tell what was lost")
    if status == 3 and kill.is_sigterm_of_the_command and SIGTERM_SAID not in said:
        found.append("it does not tell of the signal")
    if re.search("[1-9][0-9]* skipped", said):
        found.append("the test was skipped")
    deadline = time.monotonic() + GOES_WITHIN
    while (left := family(os.getpid())[1:]) and time.monotonic() < deadline:
        _reap()
        time.sleep(0.02)
    if left:
        found.append(f"processes {left} are left")
        for one in left:
            os.kill(one, signal.SIGKILL)
    found += _left_after_the_next_start(folder, kill.refused)
    return [f"{kill}: {one}\n{said[-1500:]}" for one in found]


def _has_to_tell(kill: Kill, status: int) -> bool:
    return kill.ends_the_gate and status == (1 if kill.under_pytest else 3) and (
        kill.scenario == "Passes"
    )  # fmt: skip


def _command(kill: Kill) -> Callable[[], int]:
    name = kill.scenario
    if kill.under_pytest:
        options = ["-p", "no:cacheprovider", "-k", f"test_{name.lower()}", "program_test.py"]
        return lambda: int(pytest.main(["-q", *options]))
    options = ["--forget", "--explorer", "walk", "--budget", "2s", "--keep-going"]
    return lambda: main(["explore", f"program_test.py:{name}", *options])


def _started(command: Callable[[], int], folder: Path, output: Path, refused: bool) -> int:
    output.touch()
    pid = os.fork()
    if pid == 0:
        _be(command, folder, output, refused)
    return pid


def _be(command: Callable[[], int], folder: Path, output: Path, refused: bool) -> NoReturn:
    status = 70
    try:
        os.setsid()
        flags = os.O_CREAT | os.O_WRONLY | os.O_APPEND | os.O_TRUNC
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for number in (1, 2):
            os.dup2(os.open(output, flags), number)
        sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), os.fdopen(1, "w"), os.fdopen(2, "w")
        os.chdir(folder)
        sys.path.insert(0, str(folder))
        tempfile.tempdir = os.environ["TMPDIR"] = str(folder / "temporary")
        os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if refused:
            refusing.refuse("unshare")
        status = command()
    except KeyboardInterrupt:  # before the command could handle it
        status = 2
    except BaseException as error:
        print(f"Traceback of {error!r}", file=sys.stderr)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _killed(kill: Kill, pid: int) -> bool:
    """Wait for the moment, and for the victim; False if the command ended before."""
    pidfd = os.pidfd_open(pid)
    try:
        if select.select([pidfd], [], [], kill.after)[0]:
            return False
        while (victim := _victim(kill.victim, pid)) is None:
            if select.select([pidfd], [], [], 0.001)[0]:
                return False
        try:
            os.kill(victim, kill.signal)
        except ProcessLookupError:
            return False
        return True
    finally:
        os.close(pidfd)


def _victim(victim: Victim, pid: int) -> int | None:
    for _ in range(victim.value):
        below = _children(pid)
        if not below:
            return None
        pid = below[-1]
    return pid


def _children(pid: int) -> list[int]:
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as listing:
            return [int(child) for child in listing.read().split()]
    except OSError:
        return []


def _ended(pid: int) -> int | None:
    """The exit status of the command; minus the signal that ended it."""
    pidfd = os.pidfd_open(pid)
    try:
        if not select.select([pidfd], [], [], ENDS_WITHIN)[0]:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return None
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    finally:
        os.close(pidfd)


def _reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _left_after_the_next_start(folder: Path, refused: bool) -> list[str]:
    def start() -> int:
        return main(["explore", "program_test.py:Races", "--forget", "--budget", "1 execution"])

    pid = _started(start, folder, folder / "next", refused)
    status = _ended(pid)
    found = []
    if status != 1:
        found.append(f"the next command ends with {status}: {(folder / 'next').read_text()}")
    names = sorted(os.listdir(private_shm.SHM))
    if names:
        found.append(f"{names} are left in /dev/shm")
        for name in names:
            (private_shm.SHM / name).unlink()
    scratch = sorted(one.name for one in (folder / "temporary").glob("shmrace-*-*"))
    scratch = [one for one in scratch if not one.startswith("shmrace-lock-")]
    return found + ([f"{scratch} are left in the directory for temporary files"] if scratch else [])
