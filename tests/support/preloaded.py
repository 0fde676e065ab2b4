"""Commands in forks of a process that has imported what they need.

To import pytest and Hypothesis takes longer than what most commands of the suite do.  A
server imports them once for each process of the suite, and forks for each command: the fork gets
the command's arguments, directory, environment and descriptors, and runs the module as
``python -m`` would.  Tests of the interpreter's start, of its hash seed or of signals take a
process of its own: see `tests.support.commands`.

The server is nobody's child, so that a test does not find it as left behind; it ends with the
process for which it was started.
"""

import atexit
import contextlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
import types
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from hypothesis import configuration

from shmrace.engine.processes.before_fork import FORK_PREPARATION

ROOT = Path(__file__).parents[2]
CLIENT = (sys.executable, "-IS", str(Path(__file__).with_name("preloaded_client.py")))
"""The command of a client: behind it come the server's address, a module and its arguments."""

_IMPORTED = (
    "shmrace.cli.main", "shmrace.cli.explore", "shmrace.cli.compare", "shmrace.pytest_plugin",
    "pytest", "hypothesis", "hypothesis.internal.observability",
)  # fmt: skip
_MOST = 1 << 20
"""Bytes of a request, which holds the environment."""


def address() -> str:
    """That of this process' server, which is started if there is none yet."""
    name = f"shmrace-tests-{os.getpid()}"
    if name not in _STARTED:
        subprocess.run(
            [sys.executable, "-m", __name__, name, str(os.getpid())], check=True, cwd=ROOT,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=60,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *_given()])},
        )  # fmt: skip
        _STARTED.add(name)
    return name


_STARTED: set[str] = set()


def _given() -> list[str]:
    return [one for one in os.environ.get("PYTHONPATH", "").split(os.pathsep) if one]


def run(
    module: str, *arguments: str, cwd: Path | None = None, timeout: float = 90
) -> subprocess.CompletedProcess[str]:
    """The module with these arguments, in a fork of the server."""
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection,
        tempfile.TemporaryFile("w+") as output,
        tempfile.TemporaryFile("w+") as errors,
        open(os.devnull) as nothing,
    ):
        connection.settimeout(timeout)
        connection.connect(f"\0{address()}")
        request = {
            "module": module, "arguments": arguments, "cwd": str(cwd or os.getcwd()),
            "environment": dict(os.environ),
        }  # fmt: skip
        socket.send_fds(
            connection, [json.dumps(request).encode()],
            [nothing.fileno(), output.fileno(), errors.fileno()],
        )  # fmt: skip
        try:
            status = int(connection.recv(16) or b"70")
        except TimeoutError:
            raise subprocess.TimeoutExpired([module, *arguments], timeout) from None
        output.seek(0)
        errors.seek(0)
        return subprocess.CompletedProcess(
            [module, *arguments], status, output.read(), errors.read()
        )


def _serve(name: str, owner: int) -> None:
    """Until the owner ends."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(f"\0{name}")
    listener.listen(16)
    ends = os.pidfd_open(owner)
    if os.fork():
        os._exit(0)
    os.setsid()
    _import()
    running: dict[int, tuple[int, socket.socket]] = {}  # by pidfd: the pid, and who waits for it
    while True:
        clients = {client.fileno(): pidfd for pidfd, (_, client) in running.items()}
        waits_for = [listener.fileno(), ends, *running, *clients]
        ready = set(select.select(waits_for, [], [])[0])
        if ends in ready:
            for pidfd in running:
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)
            return
        if listener.fileno() in ready:
            _start(listener, running)
        for descriptor in ready & clients.keys():  # it has gone, and with it the command
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(clients[descriptor], signal.SIGKILL)
        for pidfd in ready & running.keys():
            pid, client = running.pop(pidfd)
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            with contextlib.suppress(OSError):
                client.send(str(status).encode())
            client.close()
            os.close(pidfd)


def _start(listener: socket.socket, running: dict[int, tuple[int, socket.socket]]) -> None:
    client, _ = listener.accept()
    request, descriptors, _, _ = socket.recv_fds(client, _MOST, 3)
    pid = os.fork()
    if pid == 0:
        _be(json.loads(request), descriptors)
    for descriptor in descriptors:
        os.close(descriptor)
    running[os.pidfd_open(pid)] = pid, client


def _import() -> None:
    for module in _IMPORTED:
        with contextlib.suppress(ModuleNotFoundError):
            import_module(module)
    FORK_PREPARATION.prepare()


def _be(request: dict[str, Any], descriptors: Sequence[int]) -> NoReturn:
    """Become the command, and end with it."""
    status = 1
    try:
        for number, descriptor in enumerate(descriptors):
            os.dup2(descriptor, number)
        os.closerange(3, 256)
        os.chdir(request["cwd"])
        os.environ.clear()
        os.environ.update(request["environment"])
        _look_new(request["cwd"])
        status = _run(request["module"], request["arguments"])
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(BaseException):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status & 255)


def _look_new(cwd: str) -> None:
    """What an interpreter finds out when it starts, and Hypothesis when it is imported."""
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace", closefd=False)
    sys.path[0] = cwd
    sys.path[1:1] = [one for one in _given() if one not in sys.path]
    for name in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
        del sys.modules[name]
    sys.modules["__main__"] = types.ModuleType("__main__")
    configuration.set_hypothesis_home_dir(Path(cwd, ".hypothesis"))


def _run(module: str, arguments: Sequence[str]) -> int:
    """Like ``python -m``; the exit status."""
    if module == "pytest":  # it would warn that it cannot rewrite plugins that are there already
        arguments = ["-W", "ignore::pytest.PytestAssertRewriteWarning", *arguments]
    sys.argv = [module, *arguments]
    try:
        runpy._run_module_as_main(module)  # type: ignore[attr-defined]
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    _serve(sys.argv[1], int(sys.argv[2]))
