"""The fork server's side: namespaces, the filter, and the loop that forks actors.

It is the first process of its pid namespace: when it ends, all that it forked ends.  It talks to
the orchestrator at the primitive gate like everybody else, and is let through everywhere.
"""

import contextlib
import gc
import os
import signal
from typing import NoReturn

from shmrace.engine import body
from shmrace.engine.protocol import Primitive, ask
from shmrace.linux import namespaces, process, seccomp
from shmrace.scenario import Part, Scenario, size_in_bytes

FIRST_PID, FRESH_PID, CHILD_PID = 100, 300, 500
"""The pids, in the private namespace, of the first actor, of the first one of an execution in fresh
processes beside warm ones, and of the first child of an actor."""


def launch(
    scenario: Scenario, parts: tuple[Part, ...], stage: body.Stage, report: int, parent: int
) -> NoReturn:
    """Become the fork server; for the child of the orchestrator's fork.

    Writes lines to the descriptor `report`: "pid N" and "listener N", or "error TEXT".
    """
    try:
        process.disturb_again()
        os.setsid()
        process.end_with_parent(parent)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        namespaces.enter(size_in_bytes(scenario.shm_size))
        server = os.fork()
        if server == 0:
            _become_server(scenario, parts, stage, report)
        os.write(report, f"pid {server}\n".encode())
        os.close(report)
        os.waitpid(server, 0)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.write(report, f"error {error}\n".encode())
    finally:
        os._exit(0)


def _become_server(
    scenario: Scenario, parts: tuple[Part, ...], stage: body.Stage, report: int
) -> NoReturn:
    try:
        process.end_with_parent(None)
        with contextlib.suppress(OSError):
            namespaces.mount_proc()
        body.one_torch_thread()  # here too: it looks the processor up, once for all actors
        gc.collect()
        gc.freeze()
        program = seccomp.build()
        listener = os.dup(report)  # the number that the listener is going to get
        os.close(listener)
        os.write(report, f"listener {listener}\n".encode())
        installed = seccomp.install(program)
        assert installed == listener
        os.close(report)
        _serve(scenario, parts, stage, listener)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.write(report, f"error {error}\n".encode())
    finally:
        os._exit(1)


def _serve(
    scenario: Scenario, parts: tuple[Part, ...], stage: body.Stage, listener: int
) -> NoReturn:
    command = ask(Primitive.SERVE)
    os.close(listener)
    while True:
        if command[0] == "fork":
            _, wanted, first_pid = command
            with contextlib.suppress(OSError):
                namespaces.next_pid(first_pid)
            for part in parts:
                if part.name in wanted and os.fork() == 0:
                    body.play(scenario, part, stage)
            with contextlib.suppress(OSError):
                namespaces.next_pid(CHILD_PID)
        elif command[0] == "reap":
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
        else:
            os._exit(0)
        command = ask(Primitive.SERVE)
