"""What processes tell each other over channels of their own: pipes, sockets, eventfds.

Two steps depend on each other if one sends to the place where the other reads.  That would make
each step of a process with helper threads depend on others, since these use channels all the time.
So for such a process:

* Taking a message is ordered behind the turn that sent it, as with `world.recv`, and is no race:
  had the message not been there, the process would have waited for it.  The assumption
  `message-order` says that this was taken for granted.
* Looking for a message in vain and going on is a race with each process that may send one.
* Taking at once what several turns have sent is a race with these turns.

A close is no gate, so whoever finds the other end closed without waiting for it might have come
before; `message-order` says so.
"""

from collections.abc import Container
from dataclasses import replace

from shmrace.engine.state.actor import Actor
from shmrace.engine.state.gate import Gate
from shmrace.engine.state.population import Population
from shmrace.engine.state.process import ChannelUse, Process
from shmrace.engine.waits import calls, closed_channels, trackers
from shmrace.linux import open_files
from shmrace.linux.connection import Place, PlaceKind, arrival
from shmrace.linux.decode import signed
from shmrace.model.assumptions import Assumption
from shmrace.model.objects import CHANNELS, Access, Mode, channel_into, news_for

_POLLS = ("poll", "select", "epoll")
_USES = {"read": ChannelUse.READ, "write": ChannelUse.WRITE}
_Readable = list[tuple[Process, set[Place | None]]]


def use(actor: Actor, gate: Gate, state: str) -> None:
    """Note that a call uses a channel: it is let through now."""
    process, kind = actor.process, gate.shape.kind
    process.traffic.found_closed |= closed_channels.found_closed(actor, gate)
    if kind in (*_POLLS, "read") and state == calls.NOTHING:
        if not process.looks.found_some and not _looks_at_itself(actor, gate):
            process.looks = replace(process.looks, in_vain=True)
    if kind not in ("read", "write"):
        actor.last.used_channel = True
        return
    descriptor = signed(gate.notification.arguments[0])
    where = _arrival(process, descriptor, kind == "write")
    how = _USES[kind] if state == calls.READY else ChannelUse.LOOK
    process.traffic.uses.append((how, where))
    if kind == "write":
        trackers.note_message(process, gate, where)
        process.has_spoken = process.has_spoken or actor is process.actors[0]
    elif kind == "read" and state == calls.READY:
        process.looks = replace(process.looks, found_some=True)


def close_all(process: Process, inherited: Container[str]) -> None:
    """Note that a process ends: the processes at the other ends of its channels notice that.  Not
    so for channels inherited from the orchestrator, which keeps them open."""
    process.look_at_channels()
    for descriptor, link in sorted(process.channels.links.items()):
        if link in inherited:
            continue
        for sends in (False, True):
            where = _arrival(process, descriptor, sends)
            if where is not None and not (sends and where.kind is PlaceKind.DATAGRAMS):
                process.traffic.uses.append((ChannelUse.CLOSE, where))


def _looks_at_itself(actor: Actor, gate: Gate) -> bool:
    """Is it only what threads of the process itself signal to each other?"""
    process = actor.process
    if process.parent is not None or process.children:
        return False
    if gate.shape.kind == "poll":
        looked_at = [descriptor for descriptor, _ in calls.polled(actor, gate)]
    elif gate.shape.kind == "read":
        looked_at = [signed(gate.notification.arguments[0])]
    else:
        return False
    return all(
        open_files.link(process.pid, one).startswith(open_files.EVENTFD) for one in looked_at
    )


def _arrival(process: Process, descriptor: int, sends: bool) -> Place | None:
    link = process.channels.links.get(descriptor, "")
    if not link:
        process.look_at_channels()
        link = process.channels.links.get(descriptor, "")
    if not link or link.startswith(open_files.EVENTFD):
        return arrival(process.pid, process.pidfd, descriptor, link, sends)
    known = process.channels.arrivals.get((descriptor, sends))
    if known is None or known[0] != link:
        where = arrival(process.pid, process.pidfd, descriptor, link, sends)
        known = process.channels.arrivals[descriptor, sends] = (link, where)
    return known[1]


class MessagesUnderWay:
    """The messages under way in one execution."""

    def __init__(self, population: Population, assumed: set[Assumption]) -> None:
        self._population = population
        self._assumed = assumed
        self._unread: dict[
            Place | None, list[int]
        ] = {}  # by arrival: the turns that sent what lies there

    def accesses(self, actor: Actor, turn: int) -> set[Access]:
        """What a step's use of channels reads and writes."""
        process, found = actor.process, set[Access]()
        has_helpers = sum(not one.ended for one in process.actors) > 1
        readable: dict[bool, _Readable] = {}
        for use, where in process.traffic.uses:
            of_events = where is not None and where.kind is PlaceKind.EVENTFD
            if where is not None and of_events not in readable:
                readable[of_events] = self._readable(of_events)
            holders = [
                one
                for one, there in readable.get(of_events, ())
                if where is not None and where in there
            ]
            if use is ChannelUse.CLOSE and not holders:
                continue  # no process to notice it
            if not has_helpers:
                found |= _between_single_threads(holders)
            else:
                found.add((CHANNELS, Mode.UPDATE))
            if use is ChannelUse.WRITE:
                self._unread.setdefault(where, []).append(turn)
                for one in holders or self._population.living():
                    if one is not process:
                        one.channels.incoming.add(where)
                        found.add((news_for(one.name), Mode.UPDATE))
            elif use is ChannelUse.READ:
                process.channels.incoming.discard(where)
                sent = sorted({one for one in self._unread.pop(where, ()) if 0 <= one < turn})
                if has_helpers and sent:
                    found |= self._take(process, sent)
        return found

    def _take(self, process: Process, sent: list[int]) -> set[Access]:
        """A process with helpers takes what was sent in these turns.  A thread that takes something
        while its process is busy may not have waited for it."""
        if not process.is_busy:
            self._assumed.add(Assumption.MESSAGE_ORDER)
            for one in process.actors:
                one.heard.add(sent[0])
            if len(sent) == 1:
                return set()
        return {(news_for(process.name), Mode.WRITE)}

    def _readable(self, of_events: bool) -> _Readable:
        """Where what each process may read arrives; `of_events`: at eventfds, each of which costs a
        file of /proc to tell apart."""
        found = []
        for one in self._population.living():
            one.look_at_channels()
            found.append(
                (one, {
                    _arrival(one, descriptor, False)
                    for descriptor, link in one.channels.links.items()
                    if link.startswith(open_files.EVENTFD) == of_events
                })
            )  # fmt: skip
        return found


def _between_single_threads(holders: list[Process]) -> set[Access]:
    if not holders:
        return {(CHANNELS, Mode.WRITE)}
    into = channel_into([one.name for one in holders])
    return {(into, Mode.WRITE), (CHANNELS, Mode.READ)}
