"""Lifecycles: strategies that say which process unlinks the segment of a tensor, and when.

Each is a `shmrace.compare.lifecycles.handle.Handle` in its own file; a new one needs a line here.
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
"""MODULE:CLASS of each lifecycle, by its name in `shmrace compare`."""

SLOW = frozenset({"torch-file-system", "torch-file-descriptor"})
"""Compared only if the user names them: PyTorch starts a daemon or a thread in each execution."""
