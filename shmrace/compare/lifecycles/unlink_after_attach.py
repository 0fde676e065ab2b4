"""The name goes as soon as all have attached: what is mapped needs no name, and cannot leak.

A segment lives as long as it is mapped (shm_overview(7)), so from then on nobody's death leaves
anything behind.
"""

from shmrace.compare.lifecycles.named import NamedHandle


class UnlinkAfterAttachHandle(NamedHandle):
    """A tensor that travels as the name of a segment, which goes before the tensor is used."""

    answers = "attached"

    def retire(self) -> None:
        """Take the name away; every reader has attached."""
        self.unlink()
