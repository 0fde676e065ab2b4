"""PyTorch's strategy file_descriptor: a segment whose name is unlinked at once.

Its descriptor is fetched from a thread of the owner's, once for each pickling.  Source:
multiprocessing/resource_sharer.py.
"""

from shmrace.compare.lifecycles.torch_sharing import TorchHandle


class TorchFileDescriptorHandle(TorchHandle):
    """A tensor that travels as the address of a thread which hands out its descriptor."""

    strategy = "file_descriptor"
