"""A test suite with a race, a deadlock, a hang, a crash and passes, as `pytester` writes it."""

OUTCOMES = {
    "test_a_pass": "passed",
    "test_a_race": "failed",
    "test_a_deadlock": "failed",
    "test_a_hang": "failed",
    "test_a_crash": "failed",
    "test_a_race_that_is_known": "xfailed",
    "test_a_race_that_is_expected": "passed",
    "test_a_schedule": "failed",
    "test_any_schedule_of_any_number": "passed",
}

SUITE = """
import os, signal
from multiprocessing import shared_memory
import pytest, shmrace
from hypothesis import given, strategies as st

class Passes(shmrace.Scenario):
    def rank(self, world):
        segment = shared_memory.SharedMemory(create=True, size=8)
        segment.close()
        segment.unlink()

class Races(shmrace.Scenario):
    def sender(self, world):
        segment = shared_memory.SharedMemory(create=True, size=8)
        segment.close()
        return segment.name

    def rank(self, world, name):
        segment = shared_memory.SharedMemory(name)
        segment.close()
        if world.rank == 0:
            segment.unlink()

class Deadlocks(Passes):
    def rank(self, world):
        super().rank(world)
        if world.rank == 0:
            world.recv(1)

class Hangs(Passes):
    def rank(self, world):
        super().rank(world)
        while world.rank == 0:
            pass

class Crashes(Passes):
    def rank(self, world):
        super().rank(world)
        if world.rank == 0:
            os.kill(os.getpid(), signal.SIGSEGV)

def test_a_pass(race):
    assert race(Passes).proof

def test_a_race(race):
    race(Races)

def test_a_deadlock(race):
    race(Deadlocks)

def test_a_hang(race):
    race(Hangs)

def test_a_crash(race):
    race(Crashes)

@pytest.mark.xfail(raises=shmrace.MissingSegment, strict=True)
def test_a_race_that_is_known(race):
    race(Races)

def test_a_race_that_is_expected(race):
    with pytest.raises(shmrace.Deadlock, match="waits for a message of rank1"):
        race(Deadlocks)

@given(schedule=shmrace.schedules())
def test_a_schedule(schedule):
    shmrace.run(Races, schedule).check()

@given(scenario=st.builds(Passes, ranks=st.integers(1, 3)), schedule=shmrace.schedules())
def test_any_schedule_of_any_number(scenario, schedule):
    shmrace.run(scenario, schedule).check()
"""
