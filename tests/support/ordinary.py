"""`python -m tests.support.ordinary SCENARIO`: explore as an ordinary user; print JSON.

Everything is imported before the privileges go: the interpreter may lie where only root may look.
"""

import ctypes
import os
import sys

import shmrace
from shmrace.reports import FORMATS
from shmrace.scenario import loading

_NOBODY = 65534
_SET_DUMPABLE = 4

if __name__ == "__main__":
    scenario = loading.load(sys.argv[1])
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(_NOBODY, _NOBODY, _NOBODY)
        os.setresuid(_NOBODY, _NOBODY, _NOBODY)
        ctypes.CDLL(None).prctl(_SET_DUMPABLE, 1, 0, 0, 0)  # as a process that began as nobody
    print(FORMATS["json"](shmrace.explore(scenario)))
