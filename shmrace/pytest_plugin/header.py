"""The header line of a run: the gate, /dev/shm, the start of processes, and versions.

It costs two forks of a process that has not imported tests yet.  It does not import torch.
"""

import importlib.metadata
import platform

from shmrace.linux import unsupported
from shmrace.scenario.base import Scenario


def line() -> str:
    """As in "gate: seccomp   /dev/shm: private (tmpfs, 64 MiB)   ranks: warm   torch 2.13.0"."""
    refused = refusal()
    if refused:
        return f"no gate: {refused}; see shmrace doctor"
    return "   ".join(["gate: seccomp", _shared_memory(), f"ranks: {Scenario.start}", _versions()])


def refusal() -> str:
    """Why nothing can be explored on this machine; empty if it can."""
    if unsupported.reason():
        return unsupported.reason()
    from shmrace.linux import trial

    return trial.gate_refused()


def _shared_memory() -> str:
    from shmrace.linux import trial

    size, refused = trial.private_shm()
    if refused:
        return f"/dev/shm: the host's (no namespaces: {refused})"
    return f"/dev/shm: private (tmpfs, {size / 2**20:,.0f} MiB)"


def _versions() -> str:
    found = [f"{platform.python_implementation()} {platform.python_version()}"]
    try:
        found.insert(0, f"torch {importlib.metadata.version('torch').partition('+')[0]}")
    except importlib.metadata.PackageNotFoundError:
        pass
    return ", ".join(found)
