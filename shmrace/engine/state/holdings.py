"""What a process holds of segments."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from shmrace.model.operations import Inode


@dataclass
class View:
    """How a process holds a segment: by these descriptors, by a mapping, or both."""

    descriptors: set[int] = field(default_factory=set)
    mapped: bool = False
    in_memory: bool = False  # it could load from a mapping when that was last looked at
    private: bool = False  # a mapping of it was not a shared one
    place: tuple[int, int] | None = None  # (start, end) where the mapping was last seen


@dataclass
class Holdings:
    """The segments of one process."""

    views: dict[Inode, View] = field(default_factory=dict)
    shares_memory: bool = False  # with another process, by a mapping that no segment explains

    def view(self, inode: Inode) -> View:
        """How the process holds a segment; made if it does not yet."""
        return self.views.setdefault(inode, View())

    def of_a_child(self) -> Holdings:
        """What a process that is forked now holds."""
        views = {
            inode: replace(view, descriptors=set(view.descriptors))
            for inode, view in self.views.items()
        }
        return Holdings(views, shares_memory=self.shares_memory)

    def forget_mappings(self) -> None:
        """After an exec nothing is mapped any more."""
        self.shares_memory = False
        for view in self.views.values():
            view.mapped, view.in_memory, view.place = False, False, None
