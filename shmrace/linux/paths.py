"""Where a path leads in another process: its root, its working directory, its descriptors.

A path is judged by the device its parent directory lies on, never by its text: the kernel resolves
it from ``/proc/<pid>/{root,cwd,fd/N}``.  Symbolic links are followed by hand, component by
component, because an absolute one would lead to the *orchestrator's* root and ``/proc/self`` to
the orchestrator itself.  Source: openat2(2), path_resolution(7), symlink(7).
"""

import errno
import os
import stat
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from shmrace.linux import libc
from shmrace.linux.syscalls import native

AT_FDCWD = -100
_NO_SYMLINKS = 0x04
_MOST_LINKS = 40
_MAGIC = "\0"  # stands for a link of ``/proc``, whose text need not lead to its object
_DIRECTORY = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC
_LINK = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass
class Location:
    """A name in a directory: `directory` is an open ``O_PATH`` descriptor, to be closed."""

    directory: int
    device: int
    inode: int  # the directory's
    name: str  # empty: the directory itself
    links: list["Location"] = field(default_factory=list)
    """Symbolic links that were followed, and directories that were entered and left."""
    leads_there: bool = (
        True  # False: it lies on the way, where something is missing or no directory
    )

    def lookup(self) -> os.stat_result | None:
        """What the name means now, a link not followed; None if nothing has it."""
        try:
            if not self.name:
                return os.fstat(self.directory)
            return os.stat(self.name, dir_fd=self.directory, follow_symlinks=False)
        except OSError:
            return None

    def close(self) -> None:
        if self.directory >= 0:
            os.close(self.directory)
            self.directory = -1
        for link in self.links:
            link.close()


class Resolver:
    """Resolves the paths of one process; `self_name` is what ``/proc/self`` is called for it."""

    def __init__(self, process: int, self_name: str) -> None:
        self._base = f"/proc/{process}"
        self._self_name = self_name

    def resolve(self, directory: int, path: bytes, follow: bool) -> Location:
        """Where `path`, relative to the process' descriptor `directory`, leads.

        If something on the way is missing or no directory, its name: the call will fail because of
        it.  `follow` says whether the call follows a link in the last component.  Raises `OSError`
        if the path cannot be judged.
        """
        text = os.fsdecode(path)
        if text.endswith("/") and text.strip("/"):  # it means the directory of this name
            text, follow = text.rstrip("/"), True
        parent, name = os.path.split(text)
        if name in (".", ".."):
            parent, name = text, ""
        base = self._open_base(directory, text)
        try:
            if ".." in parent.split("/"):  # what it leads out of has to be there
                return self._walk(base, text, follow)
            opened = _open_without_links(base, parent.lstrip("/") or ".")
            if opened < 0:
                return self._walk(base, text, follow)
            location = _locate(opened, name)
            if not (follow and name):
                return location
            found = location.lookup()
            if found is None or not stat.S_ISLNK(found.st_mode):
                return location
            location.close()
            return self._walk(base, text, follow)
        finally:
            os.close(base)

    def _open_base(self, directory: int, text: str) -> int:
        if text.startswith("/"):
            where = "root"
        else:
            where = "cwd" if directory == AT_FDCWD else f"fd/{directory}"
        return os.open(f"{self._base}/{where}", os.O_PATH | os.O_CLOEXEC)

    def _walk(self, base: int, text: str, follow: bool) -> Location:
        """Follow a path link by link."""
        here = os.dup(base)
        pending = [part for part in text.split("/") if part and part != "."]
        links: list[Location] = []
        try:
            while pending:
                name = pending.pop(0)
                last = not pending
                if last and not follow and name != "..":
                    return _locate(os.dup(here), name, links)
                if name == "..":
                    here = _step(here, os.open("..", _DIRECTORY, dir_fd=here))
                    continue
                try:
                    target = self._link_target(here, name)
                    if target is None and not last:
                        inner = os.open(name, _DIRECTORY, dir_fd=here)
                        if pending[0] == "..":
                            links.append(_locate(os.dup(here), name))
                        here = _step(here, inner)
                        continue
                except (FileNotFoundError, NotADirectoryError):
                    return replace(_locate(os.dup(here), name, links), leads_there=last)
                if target is None:
                    return _locate(os.dup(here), name, links)
                if len(links) == _MOST_LINKS:  # the call fails with ELOOP
                    return _locate(os.dup(here), name, links)
                links.append(_locate(os.dup(here), name))
                if target is _MAGIC:  # it leads straight to its object
                    try:
                        there = os.open(name, os.O_PATH | os.O_CLOEXEC, dir_fd=here)
                    except FileNotFoundError:
                        return _locate(os.dup(here), name, links)
                    if last:
                        return _locate(there, "", links)
                    here = _step(here, there)
                    continue
                if target.startswith("/"):
                    here = _step(here, os.open(f"{self._base}/root", _DIRECTORY))
                pending[:0] = [part for part in target.split("/") if part and part != "."]
            return _locate(os.dup(here), "", links)
        except BaseException:
            for link in links:
                link.close()
            raise
        finally:
            os.close(here)

    def _link_target(self, here: int, name: str) -> str | None:
        """The text of a link, `_MAGIC` for a magic link, or None for what is no link."""
        link = os.open(name, _LINK, dir_fd=here)
        try:
            if not stat.S_ISLNK(os.fstat(link).st_mode):
                return None
            if not self._in_proc(here):
                return os.readlink("", dir_fd=link)
            if name == "self":
                return self._self_name
            if name == "thread-self":
                return f"{self._self_name}/task/{self._self_name}"
            text = os.readlink("", dir_fd=link)
            if not text.startswith("/") and ":[" not in text and "(deleted)" not in text:
                return text
            return _MAGIC
        finally:
            os.close(link)

    def _in_proc(self, here: int) -> bool:
        try:
            return os.fstat(here).st_dev == os.stat(f"{self._base}/root/proc").st_dev
        except OSError:
            return False


def _open_without_links(base: int, path: str) -> int:
    """The directory, or -1 if a link lies on the way, or it is missing or no directory."""
    how = struct.pack("=QQQ", _DIRECTORY, 0, _NO_SYMLINKS)
    buffer = libc.buffer(how)
    try:
        return libc.syscall(native().numbers["openat2"], base, os.fsencode(path), buffer, 24)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOENT, errno.ENOTDIR):
            return -1
        raise


def _step(here: int, there: int) -> int:
    os.close(here)
    return there


def _locate(directory: int, name: str, links: Iterable[Location] = ()) -> Location:
    found = os.fstat(directory)
    return Location(directory, found.st_dev, found.st_ino, name, list(links))


def folder(descriptor: int) -> str:
    """The path of a directory that is open here, as the kernel tells it."""
    return os.readlink(f"/proc/self/fd/{descriptor}")
