"""What a stat, a descriptor or an attribute tells of a file."""

import os
import stat
from typing import Any

from tests.support.noticed_programs.base import LIBC, A, B, Two, made, opened, tried


class LinkCount(Two):
    holds = True

    def change(self) -> None:
        os.unlink(A)

    def look(self, held: int) -> int:
        return os.fstat(held).st_nlink


class SecondName(Two):
    def change(self) -> None:
        os.link(A, B)

    def look(self, held: int) -> int:
        return os.stat(A).st_nlink


class PushedOut(Two):
    holds = True

    def make(self) -> None:
        made(A)
        made(B)

    def change(self) -> None:
        os.rename(B, A)

    def look(self, held: int) -> int:
        return os.fstat(held).st_nlink


class FileMode(Two):
    holds = True

    def change(self) -> None:
        os.chmod(A, 0o400)

    def look(self, held: int) -> int:
        return stat.S_IMODE(os.fstat(held).st_mode)


class ModeByDescriptor(Two):
    def change(self) -> None:
        with opened(A) as descriptor:
            os.fchmod(descriptor, 0o400)

    def look(self, held: int) -> int:
        return stat.S_IMODE(os.stat(A).st_mode)


class Times(Two):
    holds = True

    def change(self) -> None:
        os.utime(A, (1, 1))

    def look(self, held: int) -> bool:
        return os.fstat(held).st_mtime == 1


class TimesByDescriptor(Two):
    def change(self) -> None:
        with opened(A) as descriptor:
            os.utime(descriptor, (1, 1))

    def look(self, held: int) -> bool:
        return os.stat(A).st_mtime == 1


class FolderTimes(Two):
    """The time of a directory's last change tells that something was created in it."""

    def change(self) -> None:
        made(B)

    def look(self, held: int) -> bool:
        os.utime("/dev/shm", (1, 1))
        return os.stat("/dev/shm").st_mtime == 1


class Attribute(Two):
    def change(self) -> Any:
        return tried(os.setxattr, A, "trusted.x", b"1")

    def look(self, held: int) -> list[str]:
        return os.listxattr(A)


class Handle(Two):
    """An open with O_PATH asks for the name and opens nothing."""

    def change(self) -> None:
        os.unlink(A)

    def look(self, held: int) -> bool:
        return bool(tried(os.open, A, os.O_PATH) == "FileNotFoundError")


class SystemV(Two):
    """A System V segment is removed while another looks its key up."""

    key = 0x5353

    def make(self) -> None:
        LIBC.shmget(self.key, 4096, 0o1600)

    def change(self) -> None:
        LIBC.shmctl(LIBC.shmget(self.key, 4096, 0), 0, None)

    def look(self, held: int) -> bool:
        return bool(LIBC.shmget(self.key, 4096, 0) >= 0)
