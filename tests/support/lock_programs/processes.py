"""Locks across fork and exec."""

import fcntl
import os
import subprocess

from tests.support.lock_programs.base import MARK, Locks, opened, tried, tried_record


class InheritedByAChild(Locks):
    """A child has the open file description too: the lock is free when both have closed it."""

    forks = True
    at_once = (Locks.at_once - {"exit"}) | {"fork", "wait"}

    def first(self) -> None:
        descriptor = opened()
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        child = os.fork()
        if child == 0:
            os.close(descriptor)
            os._exit(0)
        os.close(descriptor)
        os.waitpid(child, 0)


class LockedBehindAFork(Locks):
    """The parent locks what its child has inherited: whether the child's end still counts depends
    on whether it has ended before."""

    forks = True
    at_once = (Locks.at_once - {"exit"}) | {"fork"}

    def first(self) -> None:
        descriptor = opened()
        child = os.fork()
        if child == 0:
            os._exit(0)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.close(descriptor)
        os.path.exists(MARK)
        os.waitpid(child, 0)

    def second(self) -> str:
        os.path.exists(MARK)
        return tried(opened())


class UnlockedByAChild(Locks):
    """A child gives back what its parent has taken, before or behind it."""

    forks = True
    at_once = (Locks.at_once - {"exit"}) | {"fork", "wait"}

    def first(self) -> str:
        descriptor = opened()
        child = os.fork()
        if child == 0:
            fcntl.flock(descriptor, fcntl.LOCK_UN)
            os._exit(0)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.waitpid(child, 0)
        return tried(opened())

    def second(self) -> None: ...


class ChildOfAHolder(Locks):
    """A child has no record lock of its parent, and cannot give it back."""

    forks = True
    at_once = (Locks.at_once - {"exit"}) | {"fork", "wait"}

    def first(self) -> int:
        descriptor = opened()
        fcntl.lockf(descriptor, fcntl.LOCK_EX)
        child = os.fork()
        if child == 0:
            taken = tried_record(descriptor) == "taken"
            os.close(descriptor)
            os._exit(int(taken))
        status = os.waitpid(child, 0)[1]
        fcntl.lockf(descriptor, fcntl.LOCK_UN)
        return status

    def second(self) -> str:
        return tried_record(opened())


class Executed(Locks):
    """A program that is started holds what it has inherited, until its exec closes it."""

    forks = True
    at_once = (Locks.at_once - {"exit"}) | {"wait", "thread"}
    inherited = False

    def first(self) -> None:
        descriptor = opened()
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        child = os.fork()
        if child == 0:
            os.set_inheritable(descriptor, self.inherited)
            os.execv("/bin/true", ["true"])
        os.close(descriptor)
        os.waitpid(child, 0)


class ExecutedWithIt(Executed):
    """A descriptor that lives on holds it until the program's end."""

    inherited = True


class RecordsSurviveAnExec(Locks):
    """A record lock lives on through an exec that closes no descriptor of the file."""

    forks = True
    at_once = (Locks.at_once - {"exit"}) | {"wait", "fork"}

    def first(self) -> None:
        if os.fork() == 0:
            descriptor = opened()
            os.set_inheritable(descriptor, True)
            fcntl.lockf(descriptor, fcntl.LOCK_EX)
            os.execv("/bin/true", ["true"])
        os.wait()

    def second(self) -> str:
        return tried_record(opened())


class StartedMeanwhile(Locks):
    """subprocess starts a program while a lock is held."""

    forks = True
    at_once = Locks.at_once | {"wait", "stat", "map", "read"}

    def first(self) -> None:
        descriptor = opened()
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        subprocess.run(["/bin/true"], check=True)
        os.close(descriptor)
