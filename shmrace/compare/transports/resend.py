"""Resend: one request is sent several times, as for parallel sampling (issues #26304, #19784).

Each time it is relayed with a barrier.  Shared: the same handle is pickled each time, so all
messages hold the same name.  Independent: each message has its own handle (SGLang 0.5.13.post1).
"""

import pickle
from typing import ClassVar

from shmrace.compare.lifecycles.handle import Handle
from shmrace.compare.transports.relay import RelayBarrier
from shmrace.compare.transports.transport import Make
from shmrace.compare.transports.wire import Wire


class ResendShared(RelayBarrier):
    """One handle, pickled twice."""

    sends = 2
    shares: ClassVar[bool] = True

    def send(self, wire: Wire, make: Make) -> list[Handle]:
        handles = [make(self.readers * self.sends if self.shares else self.readers)]
        for nth in range(self.sends):
            if nth > 0 and not self.shares:
                handles.append(make(self.readers))
            wire.send(self.ranks[0], pickle.dumps(handles[-1]))
        return handles


class ResendIndependent(ResendShared):
    """A handle for each message."""

    shares = False
