"""The owner unlinks, once every reader has answered that it has its copy."""

from shmrace.compare.lifecycles.named import NamedHandle


class OwnerUnlinksHandle(NamedHandle):
    """A tensor that travels as the name of a segment, which its owner alone unlinks."""

    answers = "copied"

    def retire(self) -> None:
        """Unlink the segment; every reader has its copy."""
        self.unlink()
