"""Running shmrace in processes of its own, and looking at what they leave."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

REFUSED_NAMESPACES = (sys.executable, "-m", "tests.refusing", "unshare")


def shmrace(
    *arguments: str, cwd: Path | None = None, within: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """The command line, `within` another command."""
    return python("-m", "shmrace.cli.main", *arguments, cwd=cwd, within=within)


def python(
    *arguments: str, cwd: Path | None = None, within: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*within, sys.executable, *arguments], capture_output=True, text=True, timeout=90,
        stdin=subprocess.DEVNULL, cwd=cwd,
    )  # fmt: skip


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
