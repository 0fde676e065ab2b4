"""SGLang, deferred unlink over a relay with a barrier before it (pull request #21655).

Every rank has attached before the first one materializes, so nobody misses the segment, whoever
unlinks it first.  Must find: nothing.
"""

from shmrace.scenarios.sglang_deferred import SglangDeferred


class SglangDeferredBarrier(SglangDeferred):
    """Deferred unlink over a relay, with a barrier before the unlink (SGLang #21655)."""

    barrier = True
