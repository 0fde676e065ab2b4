"""The orchestrator's handle on a fork server.

A fork server is forked from the orchestrator as it is at that moment, so local classes,
monkeypatches and fixtures count; it has its own namespaces and its own ``/dev/shm``, installs the
filter once, and forks the actors of execution after execution.  When the orchestrator ends,
however it ends, the server and all it forked end too.
"""

import contextlib
import os
import select
import signal
import time
import warnings
from math import inf

from shmrace.engine.inside import coverage
from shmrace.engine.inside.body import Stage
from shmrace.engine.processes import server
from shmrace.engine.processes.before_fork import FORK_PREPARATION
from shmrace.engine.processes.journal import sweep_created
from shmrace.engine.processes.machine_lock import MACHINE_LOCK
from shmrace.engine.processes.scratch import Scratch, end_who_holds, sweep_dead
from shmrace.engine.processes.shm import HostShm, PrivateShm
from shmrace.engine.processes.warm import KeptProcess
from shmrace.engine.waits.clock import Clock
from shmrace.errors import GateLost, GateRefused
from shmrace.linux import mappings, open_files, procfs
from shmrace.linux.listener import Listener, Notification
from shmrace.linux.memory import Memory
from shmrace.linux.namespaces import SHM
from shmrace.linux.process import copy_descriptor, kill, send, undisturbed
from shmrace.scenario.base import Scenario

MOST_PRINTED = 1 << 20
"""Bytes that are kept of what each actor prints in an execution."""

_PATIENCE = 60.0  # seconds for a server to come up; forking a large process takes its time
_END_PATIENCE = 20.0  # seconds for it to end
_SOON = 1.0  # seconds in which one that was ended takes all others with it
_LISTENER = "anon_inode:seccomp notify"


class ForkServer:
    """Raises `GateError` where the machine refuses the gate.  `close` it."""

    _open: "list[ForkServer]" = []

    def __init__(self, scenario: Scenario, terminal: str = "") -> None:
        self.scenario = scenario
        self.terminal = terminal  # the actor that is being debugged, in its user's time
        self.parts = scenario.parts()
        self.together = scenario.has_setup()  # what it connects is kept or replaced as a whole
        self.warm: dict[str, KeptProcess] = {}  # processes that may be their actor again
        self.written_files: set[tuple[int, int, str]] = set()  # by actors, outside /dev/shm
        self.seen_files: dict[tuple[int, int, str], set[str]] = {}  # and by which processes
        self.files_seen_too_early = False  # by one process before another one changed them
        self.has_pidfds = False  # some process of it has ever opened one
        self.setting_up = False  # what its processes do is not explored
        self.until = inf  # when the execution under way is ended, by `time.monotonic`
        self.clock = Clock()
        self.waiting: Notification | None = None  # the server itself, for its next command
        self._launcher = 0
        self._launcher_pidfd = self.pidfd = -1
        self._host = False  # the host's /dev/shm is used
        self.scratch: Scratch
        self._resources = contextlib.ExitStack()  # what to close, also in a fork of this process
        self._resources.callback(self.clock.close)
        self._open.append(self)
        incoming = -1
        sweep_dead()
        FORK_PREPARATION.prepare()
        try:
            with undisturbed():
                incoming = self._launch()
            self._attach(incoming)
        except OSError as error:
            lost = self.lost(_SOON)
            self.close()
            raise (GateLost(lost) if lost else GateRefused(str(error))) from error
        except BaseException:
            self.close()
            raise
        finally:
            if incoming >= 0:
                os.close(incoming)

    def _launch(self) -> int:
        """Fork the launcher; the descriptor on which it and the server report."""
        scratch = self.scratch = Scratch()
        self._own(scratch.lock)
        self.outputs = {
            part.name: self._own(os.memfd_create(f"output-{part.name}")) for part in self.parts
        }
        self.stacks = self._own(os.memfd_create("stacks"))
        self._lines = self._own(os.memfd_create("lines"))
        self.own_files = {
            (found.st_dev, found.st_ino)
            for found in map(os.fstat, [*self.outputs.values(), self.stacks, self._lines])
        } | {self.clock.page.inode}
        stage = Stage(
            self.outputs, self.stacks, self._lines, scratch.path, scratch.actors, self.terminal
        )
        incoming, outgoing = os.pipe()
        parent = os.getpid()
        try:
            with warnings.catch_warnings():  # of threads here, which the server does not have
                warnings.simplefilter("ignore", DeprecationWarning)
                self._launcher = os.fork()
        except OSError:
            os.close(incoming)
            os.close(outgoing)
            raise
        if self._launcher:
            os.close(outgoing)
            self._launcher_pidfd = self._own(os.pidfd_open(self._launcher))
            return incoming
        with contextlib.suppress(BaseException):
            os.close(incoming)
            MACHINE_LOCK.forget()
            for other in self._open:
                if other is not self:
                    other._resources.close()
            server.launch(self.scenario, self.parts, stage, self.clock.page, outgoing, parent)
        os._exit(1)

    def _own(self, descriptor: int) -> int:
        self._resources.callback(_close, descriptor)
        return descriptor

    def _attach(self, incoming: int) -> None:
        said = _read_report(incoming)
        if "error" in said:
            raise GateRefused(said["error"])
        if "lost" in said:
            raise GateLost(f"no verdict: {said['lost']}")
        if "pid" not in said or "listener" not in said:
            raise GateLost(self.lost(_SOON) or "no verdict: the fork server did not get ready")
        self._host = "host" in said
        self.pid = int(said["pid"])
        number = int(said["listener"])
        self.pidfd = self._own(os.pidfd_open(self.pid))
        deadline = time.monotonic() + _PATIENCE
        while open_files.link(self.pid, number) != _LISTENER:
            if time.monotonic() > deadline or self.lost():
                why = _read_report(incoming).get("error", "")
                if not why and self.lost():
                    raise GateLost(self.lost(_SOON))
                raise GateRefused(why or "see seccomp(2), NEW_LISTENER")
            time.sleep(0.001)
        self.listener = Listener(copy_descriptor(self.pidfd, number))
        self._resources.callback(self.listener.close)
        self.inner = procfs.identity(self.pid).inner  # its pid as its processes see it
        self.proc_device = os.stat(procfs.path_in(self.pid, "/proc")).st_dev
        self.memory = Memory(self.pid)
        self._resources.callback(self.memory.close)
        self.shm = (
            HostShm(self.scratch.path) if self._host else PrivateShm(procfs.path_in(self.pid, SHM))
        )
        self._resources.callback(self.shm.close)
        memfd = os.memfd_create("probe")
        self.memfd_device = os.fstat(memfd).st_dev
        os.close(memfd)
        self.inherited_channels = frozenset(open_files.channels(self.pid).values())
        self.inherited_memory = [
            mapping.path or "anonymous memory"
            for mapping in mappings.shared(self.pid)
            if "w" in mapping.permissions
        ]

    def lost(self, seconds: float = 0.0) -> str:
        """What became of the fork server or its launcher, if one of them has ended; it is waited
        for that for so many seconds.  One ends with the other: the launcher tells which was first.
        """
        poll = select.poll()
        for pidfd in (self._launcher_pidfd, self.pidfd):
            if pidfd >= 0:
                poll.register(pidfd, select.POLLIN)
        if not self._launcher or not poll.poll(seconds * 1000):
            return ""
        _wait_for(self._launcher_pidfd, _SOON)
        found = os.waitid(os.P_PIDFD, self._launcher_pidfd, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        who, how = "the fork server", ""
        if found is not None and found.si_status:  # a signal, or the status that says so
            who = "the launcher of the fork server"
            how = f" by {signal.Signals(found.si_status).name}"
        return f"no verdict: {who}, a process of shmrace's own, was ended from outside{how}"

    def output(self, actor: str) -> str:
        """What an actor printed since `forget_output`; its beginning, if that is much."""
        descriptor = self.outputs.get(actor)
        if descriptor is None:
            return ""
        text = self.printed(actor).decode(errors="replace")
        more = os.fstat(descriptor).st_size - MOST_PRINTED
        return text if more <= 0 else f"{text}\n({more:,} more bytes left out)\n"

    def printed(self, actor: str, start: int = 0) -> bytes:
        """The same, from byte `start` on, without a word of what was left out."""
        end = min(os.fstat(self.outputs[actor]).st_size, MOST_PRINTED)
        return os.pread(self.outputs[actor], max(0, end - start), start)

    def forget_output(self) -> None:
        for descriptor in self.outputs.values():
            os.ftruncate(descriptor, 0)
            os.lseek(descriptor, 0, os.SEEK_SET)

    def close(self) -> None:
        """End the server and everything it forked; nothing of it stays behind."""
        if self not in self._open:
            return
        with undisturbed():
            self._open.remove(self)
            if self._launcher:
                with contextlib.suppress(ProcessLookupError, ChildProcessError):
                    self._end_launcher()
                coverage.take_over(self._lines)
            if self._host:
                sweep_created(self.scratch.path)
            self._resources.close()
            if hasattr(self, "scratch"):
                self.scratch.remove()

    def _end_launcher(self) -> None:
        """It ends all others before itself; it is continued, in case it was stopped.  If it was
        ended from outside, who is left is found by the lock that all of them hold."""
        pidfd = os.pidfd_open(self._launcher)
        try:
            send(pidfd, signal.SIGTERM)
            send(pidfd, signal.SIGCONT)
            _wait_for(pidfd, _END_PATIENCE)
            kill(pidfd)
            _, status = os.waitpid(self._launcher, 0)
        finally:
            os.close(pidfd)
        if os.WIFSIGNALED(status):
            end_who_holds(self.scratch.lock)


def _close(descriptor: int) -> None:
    with contextlib.suppress(OSError):
        os.close(descriptor)


def _wait_for(pidfd: int, seconds: float) -> None:
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    poll.poll(seconds * 1000)


def _read_report(descriptor: int) -> dict[str, str]:
    """The lines that the launcher and the server write, until both numbers or an error is there."""
    content = b""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    said: dict[str, str] = {}
    while not (said.keys() & {"error", "lost"} or {"pid", "listener"} <= said.keys()):
        if not poll.poll(_PATIENCE * 1000):
            break
        piece = os.read(descriptor, 4096)
        if not piece:
            break
        content += piece
        for line in content.decode(errors="replace").splitlines():
            word, _, rest = line.partition(" ")
            said[word] = rest
    return said
