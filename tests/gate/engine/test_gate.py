"""Every way to a name or a segment is a gate, is closed, or makes the verdict inconclusive."""

import os

import pytest

import shmrace
from tests.support.programs import Bypass, One


@pytest.mark.parametrize(
    ("program", "operations"),
    [
        ("by_open", ["create", "unlink"]),
        ("by_creat", ["create", "unlink"]),
        ("by_openat2", ["create", "unlink"]),
        ("by_mknodat", ["create", "unlink"]),
        ("by_symlinkat", ["create", "unlink"]),
        ("by_truncate", ["create", "truncate", "unlink"]),
        ("by_working_directory", ["create", "unlink"]),
        ("by_directory_descriptor", ["create", "unlink"]),
        ("by_proc_root", ["create", "unlink"]),
        ("by_symbolic_link", ["create", "unlink"]),
        ("by_nameless_file", ["create", "size", "link", "unlink"]),
        ("by_memfd", ["create", "size"]),
        ("rename", ["create", "rename", "unlink"]),
    ],
)
def test_every_way_to_a_name_is_a_gate(program: str, operations: list[str]) -> None:
    """The trace holds the operation, whatever call and whatever path led to it."""
    execution = shmrace.run(One(what=program)).check()
    seen = [step.operation for step in execution.trace]
    assert [one for one in seen if one not in ("start", "end", "exit")] == operations
    nameless = program == "by_nameless_file"  # known by its first descriptor, after its creation
    about = [step.segment for step in execution.trace if step.operation in operations]
    assert about[nameless:] == ["seg0"] * (len(operations) - nameless)


@pytest.mark.parametrize(
    ("program", "door"),
    [
        ("by_io_uring", "rank0 called io_uring_setup"),
        ("by_i386", "rank0 called through the i386 table"),
        ("by_x32", "rank0 called through the x32 table"),
    ],
)
@pytest.mark.skipif(os.uname().machine != "x86_64", reason="tables of x86-64")
def test_doors_past_the_gate_are_closed_and_named(program: str, door: str) -> None:
    """The call gets ENOSYS, changes nothing, and the verdict says who tried."""
    verdict = shmrace.explore(One(what=program))
    assert verdict.status == "pass"
    assert verdict.refused == (door,)
    assert shmrace.run(One(what=program)).results["rank0"] == -38


def test_a_change_that_no_gate_explains_makes_the_verdict_inconclusive() -> None:
    """The witness sees an unlink that the operation at the gate did not do."""
    with shmrace.begin(Bypass) as execution:
        execution.advance("rank0", until="checkpoint")
        os.close(os.open("b", os.O_CREAT, dir_fd=execution.engine._server.shm.directory))
        os.unlink("b", dir_fd=execution.engine._server.shm.directory)
    with pytest.raises(shmrace.Inconclusive, match="ungated-operation: b was created"):
        execution.check()
