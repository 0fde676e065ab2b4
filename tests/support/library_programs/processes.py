"""`multiprocessing`, `concurrent.futures` and `joblib`."""

import importlib
import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing.managers import SharedMemoryManager
from typing import Any

from tests.support.library_programs.base import Program, write


def pool(context: Any, name: str, tasks: int) -> None:
    with context.Pool(tasks) as workers:
        places = workers.starmap(write, [(name, place) for place in range(tasks)])
        assert places == [*range(tasks)]


def pool_joined(context: Any, name: str, tasks: int) -> None:
    with context.Pool(tasks) as workers:
        workers.apply(write, (name,))
        workers.close()
        workers.join()


def executor(context: Any, name: str, tasks: int) -> None:
    with ProcessPoolExecutor(tasks, mp_context=context) as workers:
        assert [*workers.map(write, [name] * tasks, range(tasks))] == [*range(tasks)]


def threads(context: Any, name: str, tasks: int) -> None:
    with ThreadPoolExecutor(tasks) as workers:
        assert [*workers.map(write, [name] * tasks, range(tasks))] == [*range(tasks)]


def threads_left(context: Any, name: str, tasks: int) -> None:
    """An executor that nobody shuts down: its threads are told to end when the process ends."""
    KEPT.append(ThreadPoolExecutor(tasks))
    assert KEPT[-1].submit(write, name).result() == 0


def executor_left(context: Any, name: str, tasks: int) -> None:
    KEPT.append(ProcessPoolExecutor(tasks, mp_context=context))
    assert KEPT[-1].submit(write, name).result() == 0


def process(context: Any, name: str, tasks: int) -> None:
    children = [context.Process(target=write, args=(name, place)) for place in range(tasks)]
    for child in children:
        child.start()
    for child in children:
        child.join()
        assert child.exitcode == 0


def queue(context: Any, name: str, tasks: int) -> None:
    answers = context.Queue()
    child = context.Process(target=_answer, args=(answers, name))
    child.start()
    assert answers.get() == 0
    child.join()


def _answer(answers: Any, name: str) -> None:
    answers.put(write(name))


def shared_memory_manager(context: Any, name: str, tasks: int) -> None:
    with SharedMemoryManager(ctx=context) as manager:
        segment = manager.SharedMemory(8)
        child = context.Process(target=write, args=(segment.name,))
        child.start()
        child.join()
        assert bytes(segment.buf or b"")[0] == 1


def _joblib(backend: str) -> Callable[[Any, str, int], None]:
    def work(context: Any, name: str, tasks: int) -> None:
        joblib = importlib.import_module("joblib")
        os.environ["LOKY_MAX_CPU_COUNT"] = "2"  # else it runs a program to count them
        jobs = (joblib.delayed(write)(name, place) for place in range(tasks))
        assert joblib.Parallel(n_jobs=2, backend=backend)(jobs) == [*range(tasks)]

    return work


KEPT: list[Executor] = []

USES: dict[str, Callable[[Any, str, int], None]] = {
    **{
        one.__name__: one
        for one in (
            pool, pool_joined, executor, executor_left, threads, threads_left, process, queue,
            shared_memory_manager,
        )
    },
    **{f"joblib_{name}": _joblib(name) for name in ("loky", "threading", "multiprocessing")},
}  # fmt: skip


class Processes(Program):
    """One use of them, with processes made by one method."""

    use = "process"
    method = "fork"
    tasks = 1

    def work(self, name: str) -> None:
        USES[self.use](multiprocessing.get_context(self.method), name, self.tasks)
