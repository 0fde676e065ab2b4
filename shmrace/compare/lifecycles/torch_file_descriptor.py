"""PyTorch's strategy file_descriptor: a segment that is unlinked as soon as it is created.

A reader fetches the descriptor from a thread of the owner, once for each pickling.  Source:
multiprocessing/resource_sharer.py.
"""

from shmrace.compare.lifecycles.torch_sharing import TorchHandle


class TorchFileDescriptorHandle(TorchHandle):
    """A tensor that travels as the address of a thread that sends its descriptor."""

    strategy = "file_descriptor"
