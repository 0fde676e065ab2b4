"""The ends of pipes, sockets and the like, and the shared files, that a process has open."""

from dataclasses import dataclass, field

from shmrace.linux import open_files
from shmrace.linux.connection import Place


@dataclass
class ChannelEnds:
    """Those of one process."""

    in_use: bool = False  # it has used one, or has inherited some
    shares_file: bool = False  # it writes one, or has opened one that somebody writes
    maps_file: bool = False  # it has mapped such a file: each step may change it, or see it changed
    links: dict[int, str] = field(default_factory=dict)  # by descriptor, when last looked at
    arrivals: dict[tuple[int, bool], tuple[str, Place | None]] = field(default_factory=dict)
    """Where what goes through a descriptor arrives, by whether it is sent: (link, place)."""
    incoming: set[Place | None] = field(
        default_factory=set
    )  # places at which others have sent it something
    _descriptors: int = -1  # how many the process had when `links` were looked at

    def look(self, process: int) -> None:
        """Look which ones a process has open now, if it has opened or closed anything."""
        count = open_files.count(process)
        if count != self._descriptors:
            self._descriptors = count
            self.links = open_files.channels(process)

    def forget(self) -> None:
        """Look anew next time: its setup may have closed as many as it has opened."""
        self._descriptors, self.links, self.arrivals = -1, {}, {}
