"""PyTorch's strategy file_system: a named segment with a count of references in its header.

A daemon, torch_shm_manager, cleans up after owners that die.  Pickling adds a reference for one
reader; the process that drops the last reference unlinks.  Source: torch/lib/libshm.
"""

from shmrace.compare.lifecycles.torch_sharing import TorchHandle


class TorchFileSystemHandle(TorchHandle):
    """A tensor that travels as the name of a segment whose references PyTorch counts."""

    strategy = "file_system"
