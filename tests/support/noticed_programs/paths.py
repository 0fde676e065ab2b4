"""Links, directories and renames on the way to a file."""

import os
import socket
from typing import Any

from tests.support.noticed_programs.base import FOLDER, INSIDE, LIBC, A, B, Two, made, tried


class Link(Two):
    """A segment that is reached by a symbolic link."""

    def change(self) -> None:
        os.symlink(A, B)

    def look(self, held: int) -> Any:
        return tried(os.open, B, os.O_RDONLY) == "FileNotFoundError"


class LinkedFolder(Two):
    """A symbolic link to a directory on the way."""

    def make(self) -> None:
        os.mkdir(FOLDER)
        made(INSIDE)

    def change(self) -> None:
        os.symlink(FOLDER, B)

    def look(self, held: int) -> bool:
        return os.path.exists(f"{B}/a")


class LinkAway(Two):
    """A link in /dev/shm that leads out of it."""

    def change(self) -> None:
        os.symlink("/etc/hostname", B)

    def look(self, held: int) -> bool:
        return os.path.exists(B)


class LinkTurned(Two):
    """A link that is replaced by one to another segment."""

    def make(self) -> None:
        made(A, b"old")
        os.mkdir(FOLDER)
        made(INSIDE, b"newer")
        os.symlink(A, B)

    def change(self) -> None:
        os.symlink(INSIDE, f"{FOLDER}/link")
        os.rename(f"{FOLDER}/link", B)

    def look(self, held: int) -> int:
        return os.stat(B).st_size


class LinkText(Two):
    def make(self) -> None:
        os.symlink(A, B)

    def change(self) -> None:
        os.unlink(B)

    def look(self, held: int) -> Any:
        return tried(os.readlink, B)


class Emptied(Two):
    """A directory can be removed once it is empty."""

    def make(self) -> None:
        os.mkdir(FOLDER)
        made(INSIDE)

    def change(self) -> None:
        os.unlink(INSIDE)

    def look(self, held: int) -> Any:
        return tried(os.rmdir, FOLDER)


class Exchanged(Two):
    """Two names change places."""

    def make(self) -> None:
        made(A, b"a")
        made(B, b"bb")

    def change(self) -> int:
        return int(LIBC.renameat2(-100, A.encode(), -100, B.encode(), 2))

    def look(self, held: int) -> int:
        return os.stat(A).st_size


class FolderOpen(Two):
    """A directory that is removed while another has it open."""

    def make(self) -> None:
        os.mkdir(FOLDER)

    def change(self) -> Any:
        return tried(os.rmdir, FOLDER)

    def look(self, held: int) -> Any:
        folder = tried(os.open, FOLDER, os.O_RDONLY)
        if not isinstance(folder, int):
            return folder
        links = os.fstat(folder).st_nlink
        inside = tried(os.open, "a", os.O_CREAT | os.O_RDWR, dir_fd=folder)
        if isinstance(inside, int):
            os.close(inside)
        os.close(folder)
        return links, isinstance(inside, int)


class SocketName(Two):
    """A connect finds no name, or a file that is no socket, or nobody who listens."""

    def make(self) -> None: ...

    def change(self) -> None:
        os.close(os.open(A, os.O_CREAT))

    def look(self, held: int) -> Any:
        with socket.socket(socket.AF_UNIX) as caller:
            return tried(caller.connect, A)


class Datagram(SocketName):
    """The same of a datagram to a name."""

    def look(self, held: int) -> Any:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            return tried(sender.sendto, b"x", A)


class DatagramInParts(SocketName):
    def look(self, held: int) -> Any:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            return tried(sender.sendmsg, [b"x"], [], 0, A)


class Bound(Two):
    """A socket that is bound makes a name."""

    def make(self) -> None: ...

    def change(self) -> Any:
        with socket.socket(socket.AF_UNIX) as server:
            return tried(server.bind, A)

    def look(self, held: int) -> bool:
        return os.path.exists(A)
