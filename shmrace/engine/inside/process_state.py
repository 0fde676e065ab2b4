"""Reset random generators, working directory and environment before each execution in a reused
process.

So each execution of an actor begins with the same ones, in a warm process as in a fresh one.
"""

import os
import random
import sys
from typing import Any


class ProcessState:
    """Remembers them as they are when it is made; random generators are seeded with the text
    `seed`."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._directory = os.getcwd()
        self._environment = dict(os.environ)
        numpy, torch = _loaded("numpy.random"), _loaded("torch")
        self._numpy = numpy.get_state() if numpy is not None else None
        self._torch = torch.get_rng_state() if torch is not None else None

    def restore(self) -> None:
        """Put them back."""
        random.seed(self._seed)
        os.chdir(self._directory)
        if os.environ != self._environment:
            os.environ.clear()
            os.environ.update(self._environment)
        if self._numpy is not None:
            _loaded("numpy.random").set_state(self._numpy)
        if self._torch is not None:
            _loaded("torch").set_rng_state(self._torch)


def _loaded(name: str) -> Any:
    """The module, if something has imported it."""
    return sys.modules.get(name)
