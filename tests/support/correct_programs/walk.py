"""A random walk over files, in which one member moves at a time and all know what must come of it.

All members draw the same operations from the same seed, and follow them in a model of the files.
Who has the turn carries one out, and compares.  The model knows hard links, symbolic links, a
directory, sizes, modes, attributes, and files that are held while their names come and go.
"""

import errno
import os
import random
from collections.abc import Callable, Iterator

from tests.support.correct_programs.files import File, Files
from tests.support.correct_programs.player import Player, Steps, idiom

NAMES = ("a", "b", "c", "d/a")


Act = Callable[[], object]
Draw = Callable[[int], Iterator[tuple[Act, object]]]
"""What a member does: each call with what must come of it."""


class Walk:
    """Draws an operation, follows it in the model, and gives what carries it out."""

    def __init__(self, p: Player, seed: int) -> None:
        self.p = p
        self.chance = random.Random(seed)
        self.files = Files()
        self.fd = -1  # of what this member holds
        self.begun = False

    def path(self, name: str) -> str:
        return self.p.path(name)

    def step(self) -> None:
        """One operation of a drawn member."""
        member = self.chance.randrange(self.p.count)
        mine = member == self.p.me
        draw = self.chance.choice(self._possible(member)) if self.begun else self.make
        self.begun = True
        for act, expected in draw(member):
            if mine:
                assert self._seen(act) == expected, (draw.__name__, expected)

    def _possible(self, member: int) -> list[Draw]:
        holds = member in self.files.held
        some: list[Draw] = [self.make, self.make, self.unlink, self.rename, self.link, self.look]
        some += [self.mkdir, self.rmdir, self.symlink, self.resize, self.mark, self.read]
        some += [self.move_directory, self.list]
        some += [self.write_held, self.read_held, self.let_go] if holds else [self.hold]
        return some

    @staticmethod
    def _seen(act: Act) -> object:
        try:
            return act()
        except OSError as error:
            return errno.errorcode.get(error.errno or 0)

    def _name(self) -> str:
        return self.chance.choice(NAMES)

    def make(self, member: int) -> Iterator[tuple[Act, object]]:
        name = self._name() if self.files.names else "a"
        text = b"%d" % self.chance.randrange(100)
        path = self.path(name)

        def act() -> None:
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            os.write(fd, text)
            os.close(fd)

        if not self.files.there(name):
            yield act, "ENOENT"
        elif name in self.files.names:
            yield act, "EEXIST"
        else:
            self.files.names[name] = File(text)
            yield act, None

    def unlink(self, member: int) -> Iterator[tuple[Act, object]]:
        name = self._name()
        found = self.files.names.pop(name, None)
        yield lambda: os.unlink(self.path(name)), None if found is not None else "ENOENT"

    def rename(self, member: int) -> Iterator[tuple[Act, object]]:
        old, new = self.chance.sample(NAMES, 2)
        names = self.files.names
        expected = None
        if old not in names or not self.files.there(new):
            expected = "ENOENT"
        elif names[old] is not names.get(new):
            names[new] = names.pop(old)
        yield lambda: os.rename(self.path(old), self.path(new)), expected

    def link(self, member: int) -> Iterator[tuple[Act, object]]:
        old, new = self.chance.sample(NAMES, 2)
        names = self.files.names
        expected = None
        if old not in names or not self.files.there(new):
            expected = "ENOENT"
        elif new in names:
            expected = "EEXIST"
        elif isinstance(names[old], str):
            return
        else:
            names[new] = names[old]
        yield lambda: os.link(self.path(old), self.path(new)), expected

    def symlink(self, member: int) -> Iterator[tuple[Act, object]]:
        target, new = self.chance.sample(NAMES[:3], 2)
        expected = "EEXIST" if new in self.files.names else None
        self.files.names.setdefault(new, target)
        yield lambda: os.symlink(self.path(target), self.path(new)), expected

    def mkdir(self, member: int) -> Iterator[tuple[Act, object]]:
        expected = "EEXIST" if self.files.directory == "d" else None
        if self.files.directory == "e":
            return
        self.files.directory = "d"
        yield lambda: os.mkdir(self.path("d")), expected

    def rmdir(self, member: int) -> Iterator[tuple[Act, object]]:
        expected = None
        if self.files.directory != "d":
            expected = "ENOENT"
        elif "d/a" in self.files.names:
            expected = "ENOTEMPTY"
        else:
            self.files.directory = ""
        yield lambda: os.rmdir(self.path("d")), expected

    def move_directory(self, member: int) -> Iterator[tuple[Act, object]]:
        """To another name, and what is in it with it."""
        if self.files.directory != "d":
            yield lambda: os.rename(self.path("d"), self.path("e")), "ENOENT"
            return
        yield lambda: os.rename(self.path("d"), self.path("e")), None
        if "d/a" in self.files.names:
            yield lambda: os.path.lexists(self.path("e/a")), True
        yield lambda: os.path.exists(self.path("d")), False
        yield lambda: os.rename(self.path("e"), self.path("d")), None

    def look(self, member: int) -> Iterator[tuple[Act, object]]:
        name = self._name()
        file = self.files.file(name)
        path = self.path(name)
        if file is None:
            yield lambda: os.path.exists(path), False
            yield lambda: os.path.lexists(path), name in self.files.names
            return
        links = self.files.links(file)
        yield lambda: os.stat(path).st_nlink, links
        yield lambda: os.stat(path).st_size, len(file.content)
        yield lambda: os.stat(path).st_mode & 0o777, file.mode
        yield lambda: os.access(path, os.R_OK), True
        yield lambda: os.path.islink(path), isinstance(self.files.names[name], str)

    def read(self, member: int) -> Iterator[tuple[Act, object]]:
        name = self._name()
        file = self.files.file(name)

        def act() -> bytes:
            fd = os.open(self.path(name), os.O_RDONLY)
            try:
                return os.read(fd, 64)
            finally:
                os.close(fd)

        if name in self.files.names and file is None:
            return  # in a circle, or to nowhere
        yield act, "ENOENT" if file is None else file.content

    def resize(self, member: int) -> Iterator[tuple[Act, object]]:
        name, size = self._name(), self.chance.randrange(4)
        file = self.files.file(name)
        if name in self.files.names and file is None:
            return
        if file is not None:
            file.content = file.content[:size].ljust(size, b"\0")
        path = self.path(name)
        yield lambda: os.truncate(path, size), "ENOENT" if file is None else None

    def mark(self, member: int) -> Iterator[tuple[Act, object]]:
        """Another mode, or an attribute."""
        name = self._name()
        file = self.files.file(name)
        if file is None:
            return
        path = self.path(name)
        if self.chance.random() < 0.5:
            file.mode = mode = self.chance.choice((0o600, 0o640, 0o644))
            yield lambda: os.chmod(path, mode), None
        else:
            if file.mark is not None:
                yield lambda: os.getxattr(path, "user.m"), file.mark
            file.mark = text = b"%d" % member
            yield lambda: os.setxattr(path, "user.m", text), None

    def list(self, member: int) -> Iterator[tuple[Act, object]]:
        inner = ["a"] if "d/a" in self.files.names else []
        expected = inner if self.files.directory == "d" else "ENOENT"
        yield lambda: sorted(os.listdir(self.path("d"))), expected

    def hold(self, member: int) -> Iterator[tuple[Act, object]]:
        name = self._name()
        file = self.files.file(name)
        if file is None:
            return
        self.files.held[member] = file

        def act() -> None:
            self.fd = os.open(self.path(name), os.O_RDWR)

        yield act, None

    def read_held(self, member: int) -> Iterator[tuple[Act, object]]:
        file = self.files.held[member]
        content, links = file.content, self.files.links(file)
        yield lambda: os.pread(self.fd, 64, 0), content
        yield lambda: os.fstat(self.fd).st_nlink, links

    def write_held(self, member: int) -> Iterator[tuple[Act, object]]:
        file, text = self.files.held[member], b"%d" % self.chance.randrange(10)
        file.content = text + file.content[1:]
        yield lambda: os.pwrite(self.fd, text, 0), 1

    def let_go(self, member: int) -> Iterator[tuple[Act, object]]:
        del self.files.held[member]

        def act() -> None:
            fd, self.fd = self.fd, -1
            os.close(fd)

        yield act, None

    def clean(self) -> None:
        """Close what is held; the last member removes all."""
        if self.fd >= 0:
            os.close(self.fd)
        self.p.meet()
        if self.p.me == self.p.count - 1:
            for name in self.files.names:
                os.unlink(self.path(name))
            if self.files.directory:
                os.rmdir(self.path(self.files.directory))


@idiom(1, 2, 3, seed=range(1000), steps=(4, 8, 12), by=("barrier", "turn"))
def walked(p: Player, seed: int, steps: int, by: str) -> Steps:
    """So many operations, with a barrier after each, or all others waiting for a message."""
    walk = Walk(p, seed)
    for number in range(steps):
        before = walk.chance.getstate()
        member = walk.chance.randrange(p.count)
        walk.chance.setstate(before)
        walk.step()
        if by == "barrier":
            p.meet()
        else:
            for other in range(p.count):
                if p.me == member and other != member:
                    p.tell(other)
            if p.me != member:
                p.hear(member)
        if number % 4 == 3:
            yield
    walk.clean()
