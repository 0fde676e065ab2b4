"""File locks: which of them see each other."""

import pytest

from shmrace.model.locks import LockFamily


@pytest.mark.parametrize("family", list(LockFamily))
def test_flock_and_record_locks_do_not_see_each_other(family: LockFamily) -> None:
    assert (family.space == "flock") == (family is LockFamily.FLOCK)
    assert len({one.space for one in LockFamily}) == 2
