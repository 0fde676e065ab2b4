"""Idioms of one rank that ends its children by signals, whatever they wait for."""

import fcntl
import multiprocessing
import os
import signal
import subprocess
import time
from typing import Any

from tests.support.correct_programs.player import Player, Steps, idiom
from tests.support.correct_programs.segments import make

FORK = multiprocessing.get_context("fork")


_STATES = ("reads", "sleeps", "sigwait", "pauses", "holds", "locks", "polls", "handles", "ignores")


@idiom(1, state=_STATES, way=("terminate", "kill", "os.kill", "pidfd", "killpg"))
def ended_worker(p: Player, state: str, way: str) -> Steps:
    """A parent ends its worker by a signal, whatever that waits for, and removes what it held."""
    path = p.path("x")
    make(path, b"k")
    ready, waits = os.pipe(), os.pipe()

    def leave(*_: Any) -> None:
        os._exit(0)

    def body() -> None:
        if state == "handles":
            signal.signal(signal.SIGTERM, leave)
        elif state == "ignores":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        elif state == "sigwait":
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
        if way == "killpg":
            os.setpgid(0, 0)
        if state in ("holds", "locks"):
            fd = os.open(path, os.O_RDWR)
            if state == "locks":
                fcntl.flock(fd, fcntl.LOCK_EX)
        os.write(ready[1], b"!")
        if state == "sleeps":
            while True:  # a nap may be over before the signal comes
                time.sleep(1000)
        elif state == "sigwait":
            signal.sigwait([signal.SIGUSR1])
        elif state == "pauses":
            signal.pause()
        elif state == "polls":
            while os.path.exists(path):
                time.sleep(0.1)
        else:
            os.read(waits[0], 1)

    worker = FORK.Process(target=body)
    worker.start()
    assert worker.pid is not None
    assert os.read(ready[0], 1) == b"!"
    yield
    number = signal.SIGTERM
    if state == "ignores" or way == "kill":
        number = signal.SIGKILL
    if way == "terminate" and number == signal.SIGTERM:
        worker.terminate()
    elif way == "pidfd":
        fd = os.pidfd_open(worker.pid)
        signal.pidfd_send_signal(fd, number)
        os.close(fd)
    elif way == "killpg":
        os.killpg(worker.pid, number)
    elif way == "os.kill":
        os.kill(worker.pid, number)
    else:
        worker.kill()
        number = signal.SIGKILL
    yield
    worker.join()
    handled = state == "handles" and number == signal.SIGTERM
    assert worker.exitcode == (0 if handled else -number), worker.exitcode
    if state == "locks":
        fd = os.open(path, os.O_RDWR)
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(fd)
    os.unlink(path)
    for one in (*ready, *waits):
        os.close(one)


@idiom(1, way=("terminate", "kill", "send_signal", "communicate"))
def ended_program(p: Player, way: str) -> Steps:
    """A program that waits for its input is ended by a signal, or by the end of its input."""
    path = p.path("x")
    make(path, b"g")
    fd = os.open(path, os.O_RDONLY)
    child = subprocess.Popen(
        ["cat", f"/dev/fd/{fd}", "-"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=[fd],
    )  # fmt: skip
    os.close(fd)
    assert child.stdout is not None and child.stdin is not None
    assert child.stdout.read(1) == b"g"
    if way == "communicate":
        assert child.communicate(b"h")[0] == b"h"
        assert child.returncode == 0
    else:
        if way == "terminate":
            child.terminate()
        elif way == "kill":
            child.kill()
        else:
            child.send_signal(signal.SIGUSR1)
        assert child.wait() == {
            "terminate": -signal.SIGTERM, "kill": -signal.SIGKILL, "send_signal": -signal.SIGUSR1,
        }[way]  # fmt: skip
        child.stdin.close()
        child.stdout.close()
    os.unlink(path)
    yield
