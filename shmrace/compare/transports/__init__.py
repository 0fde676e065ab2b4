"""Transports, by which handles get from the sender to the ranks, and wires, which carry the bytes.

Each transport is a `shmrace.compare.transports.transport.Transport`, each wire a
`shmrace.compare.transports.wire.Wire`; a new one is a file, and a line here.
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
"""MODULE:CLASS of each transport, by its name in `shmrace compare`."""

WIRES = {
    "simulated": "wire:SimulatedWire",
    "zmq": "zmq:ZmqWire",
    "gloo": "gloo:GlooWire",
}
"""MODULE:CLASS of each wire, by its name in `shmrace compare`."""
