"""Eager unlink that tolerates not being the first: the obvious patch, and no fix.

Who loses the race to unlink goes on; who comes to attach after it still finds nothing.
"""

import contextlib
from typing import Any

from shmrace.compare.lifecycles.eager import EagerHandle
from shmrace.compare.lifecycles.named import NamedHandle


class EagerTolerantHandle(EagerHandle):
    """A tensor that travels as the name of a segment; unpickled, it is a tensor again."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        NamedHandle.__setstate__(self, state)
        segment = self.copy_and_close()
        assert segment is not None
        with contextlib.suppress(FileNotFoundError):
            segment.unlink()
        self.name = ""
