"""What a process has mapped, as the kernel tells it."""

import mmap
import os

from shmrace.linux import mappings


def test_a_shared_mapping_of_a_file_is_told_while_it_is_there() -> None:
    """A private one shares nothing, and another file is not this one."""
    file, other = os.memfd_create("file"), os.memfd_create("other")
    for descriptor in (file, other):
        os.ftruncate(descriptor, 4096)
    this = os.fstat(file).st_dev, os.fstat(file).st_ino
    with mmap.mmap(other, 4096), mmap.mmap(file, 4096, flags=mmap.MAP_PRIVATE):
        assert not mappings.shares(os.getpid(), this)
        with mmap.mmap(file, 4096, prot=mmap.PROT_READ):
            assert mappings.shares(os.getpid(), this)
        assert not mappings.shares(os.getpid(), this)
    os.close(file)
    os.close(other)


def test_a_process_of_which_the_kernel_tells_nothing_may_share_it() -> None:
    assert mappings.shares(2**22 + 1, (0, 1))
