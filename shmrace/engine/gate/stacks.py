"""Python stacks of actors, written by themselves.

A signal makes a process write the stack of the thread that gets it: `faulthandler`, whose handler
runs at once, below the interpreter, and is safe anywhere.  The call at the gate is restarted by the
kernel afterwards and arrives once more.
"""

import os
from collections.abc import Callable

from shmrace.engine.inside import body
from shmrace.engine.protocol import STACK_SIGNAL
from shmrace.engine.state.actor import Actor
from shmrace.linux import procfs
from shmrace.linux.listener import Listener, Notification
from shmrace.linux.process import signal_thread
from shmrace.model.stack import Frame

_PATIENCE = 10  # times that nothing comes for 0.2 s
_LONGEST = 1 << 16  # bytes


def take(
    actor: Actor, listener: Listener, stacks: int, readable: Callable[[float], bool],
    others: Callable[[Notification], None],
) -> tuple[Frame, ...]:  # fmt: skip
    """The stack of an actor that stands at its gate or runs, innermost first.

    `stacks` is the file it writes to, `readable` waits so many seconds for a notification, and
    `others` deals with those of other actors.  Empty if the actor's program is not ours, if another
    one traces it, and while it blocks signals, as the C library does around births, forks and exits
    of threads.
    """
    if not actor.process.dumps_stacks or not actor.process.alive:
        return ()
    if procfs.blocks_signal(actor.thread, STACK_SIGNAL) or procfs.is_traced(actor.thread):
        return ()
    os.ftruncate(stacks, 0)
    os.lseek(stacks, 0, os.SEEK_SET)
    try:
        signal_thread(actor.process.pid, actor.thread, STACK_SIGNAL)
    except OSError:
        return ()
    _until_written(actor, listener, readable, others)
    return parse(os.pread(stacks, _LONGEST, 0).decode(errors="replace"))


def _until_written(
    actor: Actor, listener: Listener, readable: Callable[[float], bool],
    others: Callable[[Notification], None],
) -> None:  # fmt: skip
    gate = actor.gate
    patience = _PATIENCE
    while patience:
        if not readable(0.2):
            if gate is None:
                return  # it runs on, and has written all it had to write
            patience -= 1
            continue
        at = listener.receive()
        if at is None:
            continue
        if at.thread != actor.thread:
            others(at)
        elif gate is not None and _same_call(at, gate.notification):
            gate.notification = at
            return
        else:
            listener.proceed(at.id)


def _same_call(first: Notification, second: Notification) -> bool:
    return first.number == second.number and first.arguments == second.arguments


def parse(text: str) -> tuple[Frame, ...]:
    """Frames out of what `faulthandler` writes, up to where the role was called."""
    frames = []
    for line in text.splitlines():
        head, quote, rest = line.partition('File "')
        path, closing, tail = rest.rpartition('", line ')
        number, _, function = tail.partition(" in ")
        if path == body.__file__:
            break  # what is outside of it belongs to the orchestrator that was forked
        if quote and closing and not head.strip() and _is_line(number):
            frames.append(Frame(path, int(number), function))
    return tuple(frames)


def _is_line(number: str) -> bool:
    """Others may have written to the file, and anything."""
    return number.isdecimal() and number.isascii() and len(number) < 10
