"""Idioms about names that change what they mean: put into place, renamed, linked, exchanged."""

import contextlib
import ctypes
import os

from tests.support.correct_programs.guards import LIBC, checked
from tests.support.correct_programs.player import Player, Steps, idiom
from tests.support.correct_programs.segments import Segment, content_of, make

TELLS = ("barrier", "messages")
_AT_CWD, _EXCHANGE, _FOLLOW = -100, 2, 0x400


def _link(old: str, new: str) -> None:
    """A hard link to what a symbolic link leads to."""
    paths = [ctypes.c_char_p(path.encode()) for path in (old, new)]
    checked(LIBC.linkat(_AT_CWD, paths[0], _AT_CWD, paths[1], _FOLLOW))


@idiom(2, 3, way=("replace", "replace-held", "link", "nameless"))
def into_place(p: Player, way: str) -> Steps:
    """Each writes aside and puts it into place; what is read there is complete."""
    final, part = p.path("final"), p.path(f"part{p.me}")
    if way == "nameless":
        fd = os.open("/dev/shm", os.O_TMPFILE | os.O_RDWR, 0o600)
        os.write(fd, b"head")
        os.write(fd, b"tail")
        with contextlib.suppress(FileExistsError):
            _link(f"/proc/self/fd/{fd}", final)
        os.close(fd)
    else:
        fd = os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        os.write(fd, b"head")
        os.write(fd, b"tail")
        if way != "replace-held":
            os.close(fd)
        if way == "link":
            with contextlib.suppress(FileExistsError):
                os.link(part, final)
            os.unlink(part)
        else:
            os.replace(part, final)
        if way == "replace-held":
            os.close(fd)
    assert content_of(final) == b"headtail"
    p.meet()
    yield
    if p.me == 0:
        os.unlink(final)


@idiom(2, 3, versions=(1, 2), how=("calls", "mapping"))
def renewed_by_rename(p: Player, versions: int, how: str) -> Steps:
    """The first replaces a file again and again while the others read whole versions."""
    final = p.path("final")
    if p.me == 0:
        make(final, b"00")
    p.meet()
    yield
    if p.me == 0:
        for number in range(1, versions + 1):
            make(p.path("part"), b"%d%d" % (number, number))
            os.rename(p.path("part"), final)
    else:
        held = Segment(final, how)
        seen = held.read(2)
        assert seen[:1] == seen[1:] and 0 <= int(seen) // 11 <= versions
        again = content_of(final)
        assert int(again) >= int(seen)
        assert held.read(2) == seen
        held.close()
    p.meet()
    yield
    if p.me == 0:
        os.unlink(final)


@idiom(2, 3, mover=(0, 1), by=TELLS, deep=(False, True))
def moved_directory(p: Player, mover: int, by: str, deep: bool) -> Steps:
    """A directory with a file in it is renamed, used and removed under its new name."""
    old, new, file = p.path("old"), p.path("new"), "sub/x" if deep else "x"
    if p.me == 0:
        os.mkdir(old)
        if deep:
            os.mkdir(f"{old}/sub")
        make(f"{old}/{file}", b"in")
    p.from_first(by)
    if p.me == mover:
        os.rename(old, new)
    p.meet()
    yield
    assert content_of(f"{new}/{file}") == b"in"
    try:
        content_of(f"{old}/{file}")
        raise AssertionError("the old name leads somewhere")
    except FileNotFoundError:
        pass
    p.to_first(by)
    yield
    if p.me == 0:
        os.unlink(f"{new}/{file}")
        if deep:
            os.rmdir(f"{new}/sub")
        os.rmdir(new)


@idiom(2, 3)
def replaced_directory(p: Player) -> Steps:
    """An empty directory is replaced by a full one while others look."""
    here, part = p.path("here"), p.path("part")
    if p.me == 0:
        os.mkdir(here)
    p.meet()
    yield
    if p.me == 0:
        os.mkdir(part)
        make(f"{part}/x", b"1")
        os.rename(part, here)
    else:
        try:
            assert os.listdir(here) in ([], ["x"])
        except FileNotFoundError:  # it was replaced once it had been opened
            pass
        try:
            assert content_of(f"{here}/x") in (b"", b"1")
        except FileNotFoundError:
            pass
    p.meet()
    yield
    if p.me == 0:
        assert os.listdir(here) == ["x"]
        os.unlink(f"{here}/x")
        os.rmdir(here)


@idiom(2, 3)
def switched_link(p: Player) -> Steps:
    """A symbolic link is switched from one version to the next by a rename."""
    link = p.path("link")
    if p.me == 0:
        make(p.path("v0"), b"0")
        make(p.path("v1"), b"1")
        os.symlink(f"{p.tag}v0", link)
    p.meet()
    yield
    if p.me == 0:
        os.symlink(p.path("v1"), p.path("aside"))
        os.rename(p.path("aside"), link)
    else:
        first, second = content_of(link), content_of(link)
        assert first <= second
    p.meet()
    yield
    if p.me == 0:
        for word in ("link", "v0", "v1"):
            os.unlink(p.path(word))


@idiom(2, 3)
def exchanged(p: Player) -> Steps:
    """Two names change places at once, so that neither is ever missing."""
    one, other = p.path("one"), p.path("other")
    if p.me == 0:
        make(one, b"1")
        make(other, b"2")
    p.meet()
    yield
    if p.me == 0:
        paths = (ctypes.c_char_p(one.encode()), ctypes.c_char_p(other.encode()))
        checked(LIBC.renameat2(_AT_CWD, paths[0], _AT_CWD, paths[1], _EXCHANGE))
    else:
        assert content_of(one) in (b"1", b"2")
        assert content_of(other) in (b"1", b"2")
    p.meet()
    yield
    if p.me == 0:
        assert (content_of(one), content_of(other)) == (b"2", b"1")
        os.unlink(one)
        os.unlink(other)


@idiom(2, 3, keeps=(False, True))
def links_of_each(p: Player, keeps: bool) -> Steps:
    """Each has a hard link of its own; the file lives as long as one of them."""
    if p.me == 0:
        make(p.path("x"), b"l")
    p.meet()
    os.link(p.path("x"), p.path(f"link{p.me}"))
    p.meet()
    yield
    if p.me == 0:
        os.unlink(p.path("x"))
    fd = os.open(p.path(f"link{p.me}"), os.O_RDONLY)
    if keeps:
        os.unlink(p.path(f"link{p.me}"))
    assert os.read(fd, 1) == b"l"
    os.close(fd)
    if not keeps:
        assert 1 <= os.stat(p.path(f"link{p.me}")).st_nlink <= p.count + 1
        os.unlink(p.path(f"link{p.me}"))


@idiom(1, 2)
def by_directory(p: Player) -> Steps:
    """Names are reached through a descriptor of their directory, or from the working directory."""
    directory = p.path(f"d{p.me}")
    os.mkdir(directory)
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    os.close(os.open("x", os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600, dir_fd=fd))
    yield
    os.rename("x", "y", src_dir_fd=fd, dst_dir_fd=fd)
    assert os.stat("y", dir_fd=fd).st_size == 0
    assert os.path.exists(f"{directory}/../{p.tag}d{p.me}/y")
    os.unlink("y", dir_fd=fd)
    os.close(fd)
    os.rmdir(directory)
