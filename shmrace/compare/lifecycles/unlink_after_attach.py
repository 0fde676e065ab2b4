"""The owner unlinks the segment once all readers have attached it.

A mapped segment needs no name (shm_overview(7)), and the kernel frees it with its last mapping.  So
after the unlink the death of a process leaks nothing.
"""

from shmrace.compare.lifecycles.named import NamedHandle


class UnlinkAfterAttachHandle(NamedHandle):
    """A tensor that travels as the name of a segment, which is unlinked before it is used."""

    answers = "attached"

    def retire(self) -> None:
        """Unlink the segment; every reader has attached it."""
        self.unlink()
