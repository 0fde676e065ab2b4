"""Idioms about names that are made, handed on, looked for in vain, and removed once."""

import contextlib
import os
import time

from tests.support.correct_programs.player import Player, Steps, idiom
from tests.support.correct_programs.segments import HOWS, Segment, content_of, make

TELLS = ("barrier", "messages")


@idiom(2, 3, how=HOWS, by=TELLS, early=(False, True), closes=(False, True))
def published(p: Player, how: str, by: str, early: bool, closes: bool) -> Steps:
    """Made before it is told of; unlinked when all have attached it, or have closed it."""
    if p.me == 0:
        held = Segment(p.path("x"), how, b"ab")
        if closes:
            held.close()
    p.from_first(by)
    yield
    if p.me:
        held = Segment(p.path("x"), how)
        assert held.read(2) == b"ab"
        if not early:
            held.close()
    p.to_first(by)
    yield
    if p.me == 0:
        held.unlink()
        if not closes:
            held.close()
    elif early:
        assert held.read(2) == b"ab"
        held.close()


@idiom(2, 3, how=HOWS, rounds=(1, 2))
def handed_on(p: Player, how: str, rounds: int) -> Steps:
    """Each attaches what the one before has made, unlinks it, and makes the same name anew."""
    turns = rounds * p.count
    for turn in range(turns):
        mine = turn % p.count == p.me
        if mine:
            if turn:
                old = Segment(p.path("x"), how)
                assert old.read(1) == b"%d" % (turn - 1)
                old.unlink()
                old.close()
            new = Segment(p.path("x"), how, b"%d" % turn)
            new.close()
        if turn + 1 == turns:
            if mine:
                new.unlink()
        elif mine:
            p.tell((p.me + 1) % p.count)
        elif (turn + 1) % p.count == p.me:
            p.hear((p.me - 1) % p.count)
        yield


@idiom(1, 2, 3, how=HOWS, rounds=(1, 2), anew=(False, True))
def on_its_own(p: Player, how: str, rounds: int, anew: bool) -> Steps:
    """Each makes, lets go of, opens again and unlinks a name of its own."""
    path = p.path(f"own{p.me}")
    for number in range(rounds):
        made = Segment(path, how, b"%d" % number)
        made.close()
        yield
        again = Segment(path, how)
        assert again.read(1) == b"%d" % number
        if anew:  # replaced while the old one is held
            again.unlink()
            other = Segment(path, how, b"n")
            assert (other.read(1), again.read(1)) == (b"n", b"%d" % number)
            other.unlink()
            other.close()
        else:
            again.unlink()
        again.close()
        yield


@idiom(2, 3, how=HOWS)
def winner_makes(p: Player, how: str) -> Steps:
    """Who makes the name first unlinks it when all are through."""
    try:
        made = Segment(p.path("x"), how, b"w")
        won = True
    except FileExistsError:
        won = False
    p.meet()
    yield
    if not won:
        made = Segment(p.path("x"), how)
    assert made.read(1) == b"w"
    p.meet()
    yield
    if won:
        made.unlink()
    made.close()


@idiom(2, 3, tries=(1, 2))
def probed(p: Player, tries: int) -> Steps:
    """Who finds nothing, or nothing yet, goes on without it and makes names of its own."""
    path = p.path("x")
    if p.me == 0:
        make(path, b"x")
    else:
        for number in range(tries):
            try:
                assert content_of(path) in (b"", b"x")
            except FileNotFoundError:
                make(p.path(f"y{p.me}{number}"), b"y")
                os.unlink(p.path(f"y{p.me}{number}"))
            try:
                assert os.stat(path).st_size in (0, 1)
            except FileNotFoundError:
                pass
    yield
    p.meet()
    if p.me == 0:
        os.unlink(path)
    else:
        try:
            os.stat(p.path("never"))
        except FileNotFoundError:
            assert not os.path.exists(p.path("never"))


@idiom(2, 3, by=TELLS)
def swept(p: Player, by: str) -> Steps:
    """All unlink a name that one has made; one does it, the others find it gone."""
    if p.me == 0:
        make(p.path("x"))
    p.from_first(by)
    yield
    try:
        os.unlink(p.path("x"))
        done = 1
    except FileNotFoundError:
        done = 0
    others = p.to_first("messages", done)
    if p.me == 0:
        assert done + sum(others) == 1
    yield
    assert not os.path.exists(p.path("x"))


@idiom(2, how=("calls", "mapping"))
def awaited(p: Player, how: str) -> Steps:
    """Who reads polls until the name is put into place; it is the last, and unlinks it."""
    path = p.path("x")
    if p.me == 0:
        make(p.path("part"), b"ok")
        os.rename(p.path("part"), path)
    else:
        while not os.path.exists(path):
            time.sleep(0.01)
        held = Segment(path, how)
        assert held.read(2) == b"ok"
        held.unlink()
        held.close()
    yield


@idiom(2, 3, how=HOWS)
def made_on_demand(p: Player, how: str) -> Steps:
    """Each attaches the name, or makes it if it is missing, and tries again if it was second."""
    path = p.path("x")
    part = p.path(f"part{p.me}")
    while True:
        try:
            held = Segment(path, how)
            break
        except FileNotFoundError:
            made = Segment(part, how, b"d")
            made.close()
            with contextlib.suppress(FileExistsError):
                os.link(part, path)
            os.unlink(part)
    assert held.read(1) == b"d"
    yield
    p.meet()
    held.close()
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


@idiom(2, 3)
def listed(p: Player) -> Steps:
    """Each makes a name in a directory; the list of them is complete once all have met."""
    directory = p.path("d")
    try:
        os.mkdir(directory)
    except FileExistsError:
        pass
    make(f"{directory}/{p.me}")
    p.meet()
    yield
    assert sorted(os.listdir(directory)) == [str(one) for one in range(p.count)]
    p.meet()
    yield
    os.unlink(f"{directory}/{p.me}")
    p.meet()
    if p.me == 0:
        os.rmdir(directory)
