"""A question about the life of processes, which a call at the gate asks."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """Whom it is about, as the caller names them, and how much the answer tells."""

    numbers: tuple[int, ...] = ()  # ids of processes or threads, in the caller's namespace
    pidfds: tuple[int, ...] = ()  # inodes of pidfds of processes whose number is gone
    closely: bool = False  # also what they do: any step of theirs may change the answer
    everybody: bool = False  # which processes there are
    missing: str = "ESRCH"  # the errno if there is no such process

    def with_(self, other: "Question | None") -> "Question":
        """Both questions at once."""
        if other is None:
            return self
        return Question(
            tuple(dict.fromkeys((*self.numbers, *other.numbers))),
            tuple(dict.fromkeys((*self.pidfds, *other.pidfds))),
            self.closely or other.closely,
            self.everybody or other.everybody,
            self.missing,
        )
