"""Assumptions: conditions on which a verdict rests and which the search has not checked.

Only a complete pass that assumes nothing is called a proof.
"""

from shmrace.model.words import Word


class Assumption(Word):
    """The assumptions, in the order in which a verdict lists them."""

    MESSAGE_ORDER = (
        "message-order",
        "messages over the program's own pipes, sockets and locks were delivered in one order only,"
        " as early as possible; later or other delivery was not tried",
    )
    TIMEOUTS = (
        "timeouts",
        "a timeout fired, and a loop that polls until a moment gave up, only when no other actor"
        " could go on, and clocks moved only by sleeps and waits; executions in which a process is"
        " merely slow were not tried",
    )
    SIGNALS = "signals", "an actor sent a signal; when it arrives was not explored"
    FORK = "fork", "a new thread or process ran before shmrace could hold it up"
    HOST_SHM = (
        "host-shm",
        "executions ran in the host's /dev/shm, which other programs use too",
    )
    WARM = "warm", "not every distinct schedule was repeated in freshly forked processes"
    OPAQUE_CALLS = (
        "opaque-calls",
        "an actor made a system call whose effects shmrace does not know; the call was tried before"
        " and after each step of the others, but what it does while it waits, or to later steps of"
        " its own process, may have been missed",
    )
    DATA_RACES = (
        "data-races",
        "an actor may have stored bytes while another used them, in a segment or in other memory"
        " that processes or threads share; nothing that shmrace knows of orders the two, and their"
        " loads and stores between two gates were not interleaved",
    )
    BOUNDED_RETRIES = (
        "bounded-retries",
        "an actor slept, or retried without effect, 16 times while nothing changed that it looks at"
        " and others could go on, and the execution was cut there",
    )
    PYTHON_GATE = "python-gate", "loads and stores within one line were not interleaved"
    INTERCHANGEABLE = (
        "interchangeable",
        "of executions that differ only in which of several interchangeable actors does what, one"
        " was run, and a sample of the others; --set interchangeable=false runs them all",
    )
