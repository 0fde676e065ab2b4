"""Running shmrace in processes of its own, and looking at what they leave."""

import os
import select
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import IO, NoReturn

from shmrace.cli.main import main
from shmrace.engine.processes.before_fork import FORK_PREPARATION

REFUSED_NAMESPACES = (sys.executable, "-m", "tests.support.refusing", "unshare")


def shmrace(
    *arguments: str, cwd: Path | None = None, within: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """The command line, `within` another command."""
    return python("-m", "shmrace", *arguments, cwd=cwd, within=within)


def python(
    *arguments: str, cwd: Path | None = None, within: Sequence[str] = (), timeout: float = 90
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*within, sys.executable, *arguments], capture_output=True, text=True, timeout=timeout,
        stdin=subprocess.DEVNULL, cwd=cwd,
    )  # fmt: skip


def forked(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The command line in a fork of this process, which need not import torch again: 2 s less than
    `shmrace`, where neither the interpreter's start nor its hash seed is the point."""
    FORK_PREPARATION.prepare()
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        pid = os.fork()
        if pid == 0:
            _be_the_command(arguments, cwd, output, errors)
        pidfd = os.pidfd_open(pid)
        try:
            if not select.select([pidfd], [], [], 90)[0]:
                raise subprocess.TimeoutExpired(arguments, 90)
        finally:
            signal.pidfd_send_signal(pidfd, signal.SIGKILL)
            os.close(pidfd)
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        return subprocess.CompletedProcess(arguments, status, _text(output), _text(errors))


def _text(file: IO[str]) -> str:
    file.seek(0)
    return file.read()


def _be_the_command(
    arguments: Sequence[str], cwd: Path | None, output: IO[str], errors: IO[str]
) -> NoReturn:
    status = 70
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(output.fileno(), 1)
        os.dup2(errors.fileno(), 2)
        sys.stdin, sys.stdout, sys.stderr = (
            os.fdopen(number, mode, closefd=False) for number, mode in enumerate(("r", "w", "w"))
        )
        os.chdir(cwd or ".")
        sys.path.insert(0, os.getcwd())
        status = main(list(arguments))
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def family(pid: int) -> list[int]:
    """The process and its descendants."""
    found = [pid]
    for one in found:
        try:
            with open(f"/proc/{one}/task/{one}/children") as listing:
                found += [int(child) for child in listing.read().split()]
        except OSError:
            continue
    return found


def lives(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
