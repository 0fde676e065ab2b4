"""The fork server's side: namespaces, the filter, and the loop that forks actors.

It is the first process of its pid namespace: when it ends, all that it forked ends.  Where there is
none its launcher sees to that.  It talks to the orchestrator at the primitive gate like the
actors, and is let through everywhere.
"""

import contextlib
import gc
import os
import shutil
import signal
from typing import NoReturn

from shmrace.engine.inside import body, coverage
from shmrace.engine.processes import journal
from shmrace.engine.processes.runner_files import RUNNER_FILES
from shmrace.engine.protocol import Primitive, ask
from shmrace.linux import ipc, namespaces, process, procfs, seccomp
from shmrace.linux.vdso import ClockPage
from shmrace.scenario.base import Part, Scenario, size_in_bytes

FIRST_PID, FRESH_PID, CHILD_PID = 100, 300, 500
"""The pids, in the private namespace, of the first actor, of the first one of an execution in fresh
processes beside warm ones, and of the first child of an actor."""


TOLD_TO_END = 15
"""The launcher's exit status after SIGTERM; 0 after the end of the server."""

_AWAITED = (signal.SIGTERM, signal.SIGCHLD)


def launch(
    scenario: Scenario, parts: tuple[Part, ...], stage: body.Stage, clock: ClockPage, report: int,
    parent: int,
) -> NoReturn:  # fmt: skip
    """Start the fork server, and end it, and all that it forked, with the orchestrator; for the
    child of the orchestrator's fork.

    Writes lines to the descriptor `report`: "host TEXT" where namespaces are refused, "pid N" and
    "listener N", or "error TEXT", or "lost TEXT" if a process was ended from outside.
    """
    server, status = 0, 0
    try:
        signal.pthread_sigmask(signal.SIG_BLOCK, _AWAITED)
        os.setsid()
        process.end_with_parent(parent, signal.SIGTERM)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        process.take_again()
        process.end_by_sigterm()
        coverage.stop()
        RUNNER_FILES.leave()
        private = _enter_namespaces(scenario, report)
        process.adopt_orphans()
        launcher = os.pidfd_open(os.getpid())
        server = os.fork()
        if server == 0:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _AWAITED)
            _become_server(scenario, parts, stage, clock, report, private, launcher)
        os.write(report, f"pid {server}\n".encode())
        os.close(report)
        while not os.waitpid(server, os.WNOHANG)[0]:
            if signal.sigwait(_AWAITED) == signal.SIGTERM:
                status = TOLD_TO_END
                break
    except ChildProcessError as error:
        with contextlib.suppress(OSError):
            os.write(report, f"lost {error}\n".encode())
    except OSError as error:
        with contextlib.suppress(OSError):
            os.write(report, f"error {error}\n".encode())
    finally:
        with contextlib.suppress(BaseException):
            _end_everybody(server)
        with contextlib.suppress(BaseException):
            journal.sweep_created(stage.scratch)
        shutil.rmtree(stage.scratch, ignore_errors=True)
        os._exit(status)


def _enter_namespaces(scenario: Scenario, report: int) -> bool:
    """Are they private?  Raises `OSError` if they have to be."""
    size = size_in_bytes(scenario.shm_size)
    why = namespaces.refused(size)
    if not why:
        namespaces.enter(size)
        return True
    if size is not None:
        raise OSError(f"shm_size needs a /dev/shm of its own, refused: {why}")
    os.write(report, f"host {why}\n".encode())
    return False


def _end_everybody(server: int) -> None:
    """Kill and reap all descendants of this process: one that loses its parent becomes its own
    child."""
    if server:
        with contextlib.suppress(ProcessLookupError):
            os.kill(server, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
            for child in procfs.children(os.getpid(), os.getpid()):
                os.kill(child, signal.SIGKILL)


def _become_server(
    scenario: Scenario, parts: tuple[Part, ...], stage: body.Stage, clock: ClockPage, report: int,
    private: bool, launcher: int,
) -> NoReturn:  # fmt: skip
    try:
        process.end_with_parent(None)
        if process.has_ended(launcher):  # before it could be told
            os._exit(1)
        os.close(launcher)
        process.adopt_orphans()
        if private:
            with contextlib.suppress(OSError):
                namespaces.mount_proc()
        body.one_torch_thread()  # here too: it looks the processor up, once for all actors
        with contextlib.suppress(OSError, KeyError):  # where that is refused clocks stay real
            clock.take_over()
        gc.freeze()
        program = seccomp.build()
        listener = os.dup(report)  # the number that the listener is going to get
        os.close(listener)
        os.write(report, f"listener {listener}\n".encode())
        installed = seccomp.install(program)
        assert installed == listener
        os.close(report)
        _serve(scenario, parts, stage, listener, private)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.write(report, f"error {error}\n".encode())
    finally:
        os._exit(1)


def _serve(
    scenario: Scenario, parts: tuple[Part, ...], stage: body.Stage, listener: int, private: bool
) -> NoReturn:
    own = os.getpid()
    command = ask(Primitive.SERVE)
    os.close(listener)
    while True:
        if command[0] == "fork":
            _, wanted, first_pid = command
            _next_pid(first_pid, private)
            for part in parts:
                if part.name in wanted and os.fork() == 0:
                    body.play(scenario, part, stage, own)
            _next_pid(CHILD_PID, private)
        elif command[0] == "reap":
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
        elif command[0] == "forget ipc":
            if private:
                ipc.remove_all()
        else:
            os._exit(0)
        command = ask(Primitive.SERVE)


def _next_pid(pid: int, private: bool) -> None:
    """The same pids in every execution, where they are ours to give."""
    if private:
        with contextlib.suppress(OSError):
            namespaces.next_pid(pid)
