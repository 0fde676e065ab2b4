"""Clocks out of a page, as the C library reads them, which knows nothing of it."""

import json
import os
import subprocess
import sys

import pytest

from shmrace.linux.vdso import CLOCKS, READ_TAKES, ClockPage

PROGRAM = """
import ctypes, json, os, time
from shmrace.linux.vdso import CLOCKS, ClockPage

page = ClockPage()
page.take_over()
page.show(5_000_000_000)
seen = {"each": [time.clock_gettime_ns(one) - page.value(one, 0) for one in CLOCKS]}
seen["reads"] = page.reads()
page.show(0)
class Time(ctypes.Structure):
    _fields_ = [("seconds", ctypes.c_long), ("microseconds", ctypes.c_long)]
now, c = Time(), ctypes.CDLL(None)
c.gettimeofday(ctypes.byref(now), None)
seen["gettimeofday"] = now.seconds * 10**6 + now.microseconds - page.value(0, 0) // 1000
seen["time"] = c.time(None) - page.value(0, 0) // 10**9
seen["processor"] = time.process_time() < 60
reader, writer = os.pipe()
if os.fork() == 0:
    page.show(7_000_000_000)
    os.write(writer, str(time.monotonic_ns() - page.value(1, 0)).encode())
    os._exit(0)
seen["child"] = int(os.read(reader, 99))
print(json.dumps(seen))
"""


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="clocks are real on this machine")
def test_every_clock_shows_what_the_page_says_and_each_read_takes_a_moment() -> None:
    """Also in a child, and by each of the three functions; clocks of processor time stay real."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=True
    )
    seen = json.loads(done.stdout)
    assert seen["each"] == [5_000_000_000 + READ_TAKES * nth for nth in range(len(CLOCKS))]
    assert seen["reads"] == len(CLOCKS)
    assert 0 <= seen["gettimeofday"] < 100  # locks read the clock, too
    assert seen["time"] == 0 and seen["processor"]
    assert seen["child"] == 7_000_000_000


def test_the_process_that_made_a_page_keeps_its_own_clock() -> None:
    page = ClockPage()
    page.show(1 << 60)
    import time

    assert time.monotonic_ns() < page.value(1, 1 << 59)
    assert page.reads() == 0
    page.close()
