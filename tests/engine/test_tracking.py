"""What processes write to resource trackers is understood, and nothing else is."""

import os

import pytest

import shmrace
from shmrace.budget import Budget
from shmrace.engine.tracking import understood
from shmrace.search import Search
from tests.engine.programs import make_and_unlink


@pytest.mark.parametrize(
    "message",
    [
        b"UNREGISTER:/psm_1:shared_memory\n",
        b'{"cmd":"UNREGISTER","rtype":"shared_memory","base64_name":"L3BzbV8x"}\n',
    ],
)
def test_both_forms_of_a_message_are_understood(message: bytes) -> None:
    assert understood(message) == ("UNREGISTER", "/psm_1", "shared_memory")


@pytest.mark.parametrize("message", [b"", b"x", b"\xff:a:b\n", b"{", b'{"cmd":1}', b"{}", b"a:b\n"])
def test_anything_else_is_no_message(message: bytes) -> None:
    assert understood(message) is None


class Probes(shmrace.Scenario):
    """Asks the kernel whether there is memory at an address, by a write to a pipe."""

    ranks = 1

    def rank(self, world: shmrace.World) -> None:
        make_and_unlink()
        _, writer = os.pipe()
        for place in (8, 2**64 - 8):
            assert _write(writer, place) == -1


def _write(descriptor: int, place: int) -> int:
    import ctypes

    write = ctypes.CDLL(None).write
    return int(write(descriptor, ctypes.c_void_p(place), ctypes.c_size_t(1)))


def test_a_write_of_memory_that_is_not_there_is_left_to_the_kernel() -> None:
    verdict = Search(Probes(), budget=Budget(60)).run()
    assert (verdict.status, verdict.complete) == ("pass", True)
