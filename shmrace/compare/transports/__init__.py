"""How handles get from the sender to the ranks, and over what.

Each transport is a `Transport` of `shmrace.compare.transports.transport`, each wire a `Wire` of
`shmrace.compare.transports.wire`; a new one is a file, and a line here.
"""

TRANSPORTS = {
    "fan-out": "fan_out:FanOut",
    "relay": "relay:Relay",
    "relay-unwrapped": "relay_unwrapped:RelayUnwrapped",
    "relay-barrier": "relay:RelayBarrier",
    "two-level": "two_level:TwoLevel",
    "two-level-barrier": "two_level:TwoLevelBarrier",
    "resend-shared": "resend:ResendShared",
    "resend-independent": "resend:ResendIndependent",
    "data-parallel": "data_parallel:DataParallel",
}
"""Where each transport is, by the name that `shmrace compare` knows it by: MODULE:CLASS."""

WIRES = {
    "simulated": "wire:SimulatedWire",
    "zmq": "zmq:ZmqWire",
    "gloo": "gloo:GlooWire",
}
"""Where each wire is, likewise."""
