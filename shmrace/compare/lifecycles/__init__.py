"""Strategies for the handle of a tensor in shared memory: who unlinks the segment, and when.

Each is a `Handle` of `shmrace.compare.lifecycles.handle`, in a file of its own; a new one is a line
here.
"""

LIFECYCLES = {
    "eager": "eager:EagerHandle",
    "eager-tolerant": "eager_tolerant:EagerTolerantHandle",
    "deferred": "deferred:DeferredHandle",
    "reference-counted": "reference_counted:ReferenceCountedHandle",
    "owner-unlinks": "owner_unlinks:OwnerUnlinksHandle",
    "unlink-after-attach": "unlink_after_attach:UnlinkAfterAttachHandle",
    "descriptor-passing": "descriptor_passing:DescriptorPassingHandle",
    "inline": "inline:InlineHandle",
    "torch-file-system": "torch_file_system:TorchFileSystemHandle",
    "torch-file-descriptor": "torch_file_descriptor:TorchFileDescriptorHandle",
}
"""Where each lifecycle is, by the name that `shmrace compare` knows it by: MODULE:CLASS."""

SLOW = frozenset({"torch-file-system", "torch-file-descriptor"})
"""Not compared unless they are named: PyTorch starts a daemon or a thread in each execution."""
