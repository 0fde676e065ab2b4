"""The owner unlinks the segment once every reader has answered that it has copied the tensor."""

from shmrace.compare.lifecycles.named import NamedHandle


class OwnerUnlinksHandle(NamedHandle):
    """A tensor that travels as the name of a segment, which only its owner unlinks."""

    answers = "copied"

    def retire(self) -> None:
        """Unlink the segment; every reader has its copy."""
        self.unlink()
