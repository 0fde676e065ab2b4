"""Programs in which one rank changes what another notices, one for each way."""

from tests.support.noticed_programs.content import Copied, Hole, LeftOut, Truncated, WrittenLast
from tests.support.noticed_programs.files import (
    Attribute,
    FileMode,
    FolderTimes,
    Handle,
    LinkCount,
    ModeByDescriptor,
    PushedOut,
    SecondName,
    SystemV,
    Times,
    TimesByDescriptor,
)
from tests.support.noticed_programs.paths import (
    Bound,
    Datagram,
    DatagramInParts,
    Emptied,
    Exchanged,
    FolderOpen,
    Link,
    LinkAway,
    LinkedFolder,
    LinkText,
    LinkTurned,
    SocketName,
)

PROGRAMS = [
    LinkCount, SecondName, PushedOut, FileMode, ModeByDescriptor, Times, TimesByDescriptor,
    FolderTimes, Link, LinkedFolder, LinkAway, LinkTurned, LinkText, Emptied, Exchanged, Attribute,
    Handle, SystemV, Truncated, Copied, WrittenLast, Hole, LeftOut, FolderOpen,
    SocketName, Datagram, DatagramInParts, Bound,
]  # fmt: skip
