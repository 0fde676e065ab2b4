"""The forms of `subprocess`, and its relatives in `os` and `pty`."""

import os
import pty
import shlex
import signal
import subprocess
import time
from collections.abc import Callable

from tests.support.library_programs.base import SLEEPS, WRITES, Program, python

QUIET = subprocess.DEVNULL


def run(name: str) -> None:
    done = subprocess.run(python(WRITES, name), capture_output=True, check=True, text=True)
    assert (done.stdout, done.stderr) == ("done\n", "")


def run_with_input(name: str) -> None:
    done = subprocess.run(python(WRITES, name), input=b"x", stdout=subprocess.PIPE, check=True)
    assert done.stdout == b"done\n"


def run_within_a_time(name: str) -> None:
    subprocess.run(python(WRITES, name), check=True, timeout=5, capture_output=True)


def run_out_of_time(name: str) -> None:
    """In virtual time either may be over first."""
    try:
        subprocess.run(python(SLEEPS), timeout=1, stdout=QUIET, check=True)
    except subprocess.TimeoutExpired:
        return


def call(name: str) -> None:
    assert subprocess.call(python(WRITES, name), stdout=QUIET) == 0


def check_output(name: str) -> None:
    assert subprocess.check_output(python(WRITES, name)) == b"done\n"


def getoutput(name: str) -> None:
    assert subprocess.getoutput("echo done") == "done"


def missing_program(name: str) -> None:
    try:
        subprocess.run(["/no/such/program"])
    except FileNotFoundError:
        return
    raise AssertionError("it was there")


def communicate(name: str) -> None:
    with subprocess.Popen(
        python(WRITES, name), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.communicate(b"x") == (b"done\n", b"")


def read_and_wait(name: str) -> None:
    with subprocess.Popen(python(WRITES, name), stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.read() == b"done\n"


def poll(name: str) -> None:
    child = subprocess.Popen(python(WRITES, name), stdout=QUIET)
    while child.poll() is None:
        time.sleep(0.01)
    assert child.returncode == 0


def shell(name: str) -> None:
    line = shlex.join(python(WRITES, name))
    assert subprocess.check_output(f"{line} | cat", shell=True) == b"done\n"


def pipeline(name: str) -> None:
    first = subprocess.Popen(python(WRITES, name), stdout=subprocess.PIPE)
    assert first.stdout is not None
    with subprocess.Popen(["cat"], stdin=first.stdout, stdout=subprocess.PIPE) as second:
        first.stdout.close()
        assert second.communicate()[0] == b"done\n"
    assert first.wait() == 0


def before_exec(name: str) -> None:
    subprocess.run(python(WRITES, name), preexec_fn=os.setsid, check=True, stdout=QUIET)


def own_session(name: str) -> None:
    subprocess.run(python(WRITES, name), start_new_session=True, check=True, stdout=QUIET)


def elsewhere(name: str) -> None:
    subprocess.run(python(WRITES, name), cwd="/", env={}, check=True, stdout=QUIET)


def passed_descriptors(name: str) -> None:
    near, far = os.pipe()
    subprocess.run(python(WRITES, name), pass_fds=[far], check=True, stdout=QUIET)
    os.close(near)
    os.close(far)


def inherited_descriptors(name: str) -> None:
    subprocess.run(python(WRITES, name), close_fds=False, check=True, stdout=QUIET)


def terminate(name: str) -> None:
    """The child may have ended by itself before."""
    with subprocess.Popen(python(SLEEPS), stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        child.terminate()
        assert child.wait() in (0, -signal.SIGTERM)


def kill(name: str) -> None:
    """It may not even have come to its first line."""
    child = subprocess.Popen(python(SLEEPS), stdout=QUIET)
    child.kill()
    assert child.wait() in (0, -signal.SIGKILL)


def interrupt(name: str) -> None:
    with subprocess.Popen(python(SLEEPS), stdout=subprocess.PIPE, stderr=QUIET) as child:
        assert child.stdout is not None
        child.stdout.readline()
        child.send_signal(signal.SIGINT)
        assert child.wait() in (0, 1, -signal.SIGINT)


def several(name: str) -> None:
    children = [subprocess.Popen(python("pass")) for _ in range(2)]
    assert [child.wait() for child in children] == [0, 0]


def system(name: str) -> None:
    assert os.system(f"{shlex.join(python(WRITES, name))} > /dev/null") == 0


def popen(name: str) -> None:
    with os.popen(shlex.join(python(WRITES, name))) as output:
        assert output.read() == "done\n"


def posix_spawn(name: str) -> None:
    command = python("pass")
    child = os.posix_spawn(command[0], command, os.environ)
    assert os.waitpid(child, 0)[1] == 0


def spawn(name: str) -> None:
    command = python("pass")
    assert os.spawnv(os.P_WAIT, command[0], command) == 0


def terminal(name: str) -> None:
    near, far = pty.openpty()
    child = subprocess.Popen(python(WRITES, name), stdin=far, stdout=far)
    os.close(far)
    assert os.read(near, 100).strip() == b"done"
    assert child.wait() == 0
    os.close(near)


FORMS: dict[str, Callable[[str], None]] = {
    form.__name__: form
    for form in (
        run, run_with_input, run_within_a_time, run_out_of_time, call, check_output, getoutput,
        missing_program, communicate, read_and_wait, poll, shell, pipeline, before_exec,
        own_session, elsewhere, passed_descriptors, inherited_descriptors, terminate, kill,
        interrupt, several, system, popen, posix_spawn, spawn, terminal,
    )
}  # fmt: skip


class Commands(Program):
    """One form of them."""

    form = "run"

    def work(self, name: str) -> None:
        FORMS[self.form](name)
