"""The orchestrator's handle on a fork server.

A fork server is forked from the orchestrator as it is at that moment, so local classes,
monkeypatches and fixtures count; it has its own namespaces and its own ``/dev/shm``, installs the
filter once, and forks the actors of execution after execution.  When the orchestrator ends,
however it ends, the server and all it forked end too.
"""

import contextlib
import glob
import os
import select
import shutil
import signal
import tempfile
import time
import warnings
from dataclasses import dataclass

from shmrace.engine import serve
from shmrace.engine.body import Stage
from shmrace.engine.shm import HostShm, PrivateShm, sweep_created
from shmrace.errors import GateError
from shmrace.linux import process as processes
from shmrace.linux import procfs
from shmrace.linux.listener import Listener, Notification
from shmrace.linux.memory import Memory
from shmrace.linux.namespaces import SHM
from shmrace.scenario import Scenario

_PATIENCE = 60.0  # seconds for a server to come up; forking a large process takes its time
_SCRATCH = "shmrace-"
_LISTENER = "anon_inode:seccomp notify"


@dataclass(frozen=True)
class Parked:
    """A warm process between two executions: it stands where it says which actor it is."""

    at: Notification
    who: procfs.Identity
    descriptors: int  # how many it had open when it stood there first


class ForkServer:
    """Raises `GateError` where the machine refuses the gate.  `close` it."""

    _open: "list[ForkServer]" = []

    def __init__(self, scenario: Scenario, terminal: str = "") -> None:
        self.scenario = scenario
        self.terminal = terminal  # the actor that is being debugged, in its user's time
        self.parts = scenario.parts()
        _sweep_scratch()
        self._launcher = 0
        self._listener_or_none: Listener | None = None
        self.warm: dict[str, Parked] = {}  # processes that may be their actor again
        self.written_files: set[tuple[int, int, str]] = set()  # by actors, outside /dev/shm
        self.seen_files: dict[tuple[int, int, str], set[str]] = {}  # and by which processes
        self.files_seen_too_early = False  # by one process before another one changed them
        self.closed = False
        self.waiting: Notification | None = None  # the server itself, for its next command
        incoming = -1
        try:
            with processes.undisturbed():
                incoming = self._launch()
            self._attach(incoming)
        except OSError as error:
            self.close()
            raise GateError(f"this machine refuses the gate: {error}") from error
        except BaseException:
            self.close()
            raise
        finally:
            if incoming >= 0:
                os.close(incoming)

    def _launch(self) -> int:
        """Fork the launcher; the descriptor on which it and the server report."""
        self.directory = tempfile.mkdtemp(prefix=f"{_SCRATCH}{os.getpid()}-")
        self.outputs = {part.name: os.memfd_create(f"output-{part.name}") for part in self.parts}
        self.stacks = os.memfd_create("stacks")
        self.own_files = {
            (found.st_dev, found.st_ino)
            for found in map(os.fstat, [*self.outputs.values(), self.stacks])
        }
        stage = Stage(self.outputs, self.stacks, self.directory, self.terminal)
        incoming, outgoing = os.pipe()
        parent = os.getpid()
        with warnings.catch_warnings():  # of threads here, which the server neither has nor needs
            warnings.simplefilter("ignore", DeprecationWarning)
            self._launcher = os.fork()
        if self._launcher == 0:
            with contextlib.suppress(BaseException):
                os.close(incoming)
                for other in self._open:
                    other.close_descriptors()
                serve.launch(self.scenario, self.parts, stage, outgoing, parent)
            os._exit(1)
        os.close(outgoing)
        self._open.append(self)
        return incoming

    def _attach(self, incoming: int) -> None:
        said = _read_report(incoming)
        if "error" in said:
            raise GateError(f"this machine refuses the gate: {said['error']}")
        if "pid" not in said or "listener" not in said:
            raise GateError("the fork server ended before it was ready")
        host = "host" in said
        self.pid = int(said["pid"])
        number = int(said["listener"])
        self.pidfd = os.pidfd_open(self.pid)
        deadline = time.monotonic() + _PATIENCE
        while procfs.descriptor_link(self.pid, number) != _LISTENER:
            if time.monotonic() > deadline or not procfs.lives(self.pid):
                why = _read_report(incoming).get("error", "see seccomp(2), NEW_LISTENER")
                raise GateError(f"this machine refuses the gate: {why}")
            time.sleep(0.001)
        self.listener = Listener(processes.copy_descriptor(self.pidfd, number))
        self._listener_or_none = self.listener
        self.memory = Memory(self.pid)
        self.shm = HostShm(self.directory) if host else PrivateShm(procfs.path_in(self.pid, SHM))
        memfd = os.memfd_create("probe")
        self.memfd_device = os.fstat(memfd).st_dev
        os.close(memfd)
        self.inherited_memory = [
            mapping.path or "anonymous memory"
            for mapping in procfs.shared_mappings(self.pid)
            if "w" in mapping.permissions
        ]

    def output(self, actor: str) -> str:
        """What an actor printed since `forget_output`."""
        descriptor = self.outputs.get(actor)
        if descriptor is None:
            return ""
        size = os.fstat(descriptor).st_size
        return os.pread(descriptor, size, 0).decode(errors="replace")

    def forget_output(self) -> None:
        for descriptor in self.outputs.values():
            os.ftruncate(descriptor, 0)
            os.lseek(descriptor, 0, os.SEEK_SET)

    def close_descriptors(self) -> None:
        """Close what a fork of the orchestrator inherited of this server."""
        descriptors = [*self.outputs.values(), self.stacks]
        if self._listener_or_none is not None:
            descriptors += [self._listener_or_none.descriptor, self.pidfd]
            self.shm.close()
            self.memory.close()
        for descriptor in descriptors:
            with contextlib.suppress(OSError):
                os.close(descriptor)

    def close(self) -> None:
        """End the server and everything it forked; nothing of it stays behind."""
        if self.closed or not self._launcher:
            return
        with processes.undisturbed():
            self.closed = True
            self._open.remove(self)
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                pidfd = os.pidfd_open(self._launcher)
                os.kill(self._launcher, signal.SIGTERM)  # it ends all others before itself
                _wait_for(pidfd)
                os.close(pidfd)
                os.kill(self._launcher, signal.SIGKILL)
                os.waitpid(self._launcher, 0)
            self.close_descriptors()


def _wait_for(pidfd: int) -> None:
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    poll.poll(_PATIENCE * 1000)


def _sweep_scratch() -> None:
    """Remove the scratch directories of orchestrators that were killed."""
    for path in glob.glob(os.path.join(tempfile.gettempdir(), f"{_SCRATCH}*-*")):
        owner = os.path.basename(path).removeprefix(_SCRATCH).partition("-")[0]
        if owner.isdigit() and not procfs.lives(int(owner)):
            sweep_created(path)
            shutil.rmtree(path, ignore_errors=True)


def _read_report(descriptor: int) -> dict[str, str]:
    """The lines that the launcher and the server write, until both numbers or an error is there."""
    content = b""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    said: dict[str, str] = {}
    while not ("error" in said or {"pid", "listener"} <= said.keys()):
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
