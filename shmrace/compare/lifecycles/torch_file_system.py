"""PyTorch's strategy file_system: a named segment with a count of references in its header.

A daemon, torch_shm_manager, watches for owners that die.  Pickling adds one reference, for one
reader; whoever drops the last one unlinks.  Source: torch/lib/libshm.
"""

from shmrace.compare.lifecycles.torch_sharing import TorchHandle


class TorchFileSystemHandle(TorchHandle):
    """A tensor that travels as the name of a segment which PyTorch counts references to."""

    strategy = "file_system"
