"""Idioms of one rank with workers of `multiprocessing` or threads, which share its locks."""

import multiprocessing
import os
import queue
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.support.correct_programs.player import Player, Steps, idiom
from tests.support.correct_programs.segments import Segment, content_of, make

FORK = multiprocessing.get_context("fork")


def _with_lock(made: Any, count: int) -> Callable[[str], None]:
    def body(path: str) -> None:
        with made:
            fd = os.open(path, os.O_RDWR)
            number = os.read(fd, 1)[0]
            os.pwrite(fd, bytes([number + 1]), 0)
            os.close(fd)

    return body


@idiom(1, lock=("Lock", "RLock", "Semaphore", "BoundedSemaphore", "Condition"), count=(1, 2))
def workers_with_a_lock(p: Player, lock: str, count: int) -> Steps:
    """Workers of `multiprocessing`, and their parent, add to a number under one of its locks."""
    path = p.path("n")
    make(path, b"\0")
    body = _with_lock(getattr(FORK, lock)(), count)
    workers = [FORK.Process(target=body, args=(path,)) for _ in range(count)]
    for worker in workers:
        worker.start()
    yield
    body(path)
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    assert content_of(path) == bytes([count + 1])
    os.unlink(path)


@idiom(1, by=("Event", "Barrier", "Semaphore", "Queue", "SimpleQueue", "Pipe", "JoinableQueue"))
def worker_told(p: Player, by: str) -> Steps:
    """A worker attaches only when its parent has told it that the segment is there."""
    path = p.path("x")
    if by == "Pipe":
        reader, writer = FORK.Pipe(duplex=False)
    elif by == "Barrier":
        made: Any = FORK.Barrier(2)
    elif by == "Semaphore":
        made = FORK.Semaphore(0)
    else:
        made = getattr(FORK, by)()

    def body() -> None:
        if by == "Pipe":
            assert reader.recv() == "ready"
        elif by in ("Event", "Barrier"):
            made.wait()
        elif by == "Semaphore":
            made.acquire()
        else:
            assert made.get() == "ready"
            if by == "JoinableQueue":
                made.task_done()
        held = Segment(path, "calls")
        assert held.read(1) == b"q"
        held.close()

    worker = FORK.Process(target=body)
    worker.start()
    make(path, b"q")
    if by == "Pipe":
        writer.send("ready")
    elif by == "Event":
        made.set()
    elif by == "Barrier":
        made.wait()
    elif by == "Semaphore":
        made.release()
    else:
        made.put("ready")
    worker.join()
    assert worker.exitcode == 0
    os.unlink(path)
    if by == "Pipe":
        reader.close()
        writer.close()
    elif by in ("Queue", "JoinableQueue"):
        made.close()
        made.join_thread()
    elif by == "SimpleQueue":
        made.close()
    yield


@idiom(1, lock=("Lock", "RLock", "Semaphore", "Condition"), count=(1, 2))
def threads_with_a_lock(p: Player, lock: str, count: int) -> Steps:
    """Threads add to a number under a lock of theirs."""
    path = p.path("n")
    make(path, b"\0")
    body = _with_lock(getattr(threading, lock)(), count)
    threads = [threading.Thread(target=body, args=(path,)) for _ in range(count)]
    for thread in threads:
        thread.start()
    body(path)
    for thread in threads:
        thread.join()
    assert content_of(path) == bytes([count + 1])
    os.unlink(path)
    yield


@idiom(1, by=("Event", "Barrier", "Queue", "Condition", "executor"))
def thread_told(p: Player, by: str) -> Steps:
    """A thread attaches only when it has been told that the segment is there."""
    path = p.path("x")
    seen: list[bytes] = []
    event, barrier, items = threading.Event(), threading.Barrier(2), queue.Queue[int]()
    condition = threading.Condition()
    ready: list[int] = []

    def body() -> None:
        if by == "Event":
            event.wait()
        elif by == "Barrier":
            barrier.wait()
        elif by == "Queue":
            items.get()
        elif by == "Condition":
            with condition:
                condition.wait_for(lambda: bool(ready))
        seen.append(content_of(path))

    if by == "executor":
        make(path, b"t")
        with ThreadPoolExecutor(1) as executor:
            executor.submit(body).result()
    else:
        thread = threading.Thread(target=body)
        thread.start()
        make(path, b"t")
        if by == "Event":
            event.set()
        elif by == "Barrier":
            barrier.wait()
        elif by == "Queue":
            items.put(1)
        else:
            with condition:
                ready.append(1)
                condition.notify()
        thread.join()
    yield
    assert seen == [b"t"]
    os.unlink(path)
