"""SGLang, deferred unlink over a relay with a barrier before it (pull request #21655).

Every rank attaches before the first rank materializes.  So no rank misses the segment, whichever
rank unlinks it first.  Must find: nothing.
"""

from shmrace.scenarios.sglang_deferred import SglangDeferred


class SglangDeferredBarrier(SglangDeferred):
    """Deferred unlink over a relay, with a barrier before the unlink (SGLang #21655)."""

    barrier = True
