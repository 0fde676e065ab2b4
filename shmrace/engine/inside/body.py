"""The life of an actor's process: prepared, set up, started, played, ended.

Runs in the actor.  The process is a fork of the orchestrator, so what it inherited and would do at
its end in the parent's stead (exit handlers, output buffers, resource trackers) is put away first;
it ends as a process of its own, with the exit handlers that its body registered.  A child that the
body forked and that leaves the body ends likewise, and does not go on as the actor.
"""

import atexit
import contextlib
import errno
import faulthandler
import gc
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing import resource_tracker
from types import FrameType
from typing import Any, NoReturn

from shmrace.engine.inside import coverage, debugger, lines, log
from shmrace.engine.inside.endings import described, exit_code, packed
from shmrace.engine.inside.process_state import ProcessState
from shmrace.engine.inside.world import ActorWorld, send
from shmrace.engine.protocol import EXIT_SIGNAL, STACK_SIGNAL, Primitive, ask
from shmrace.errors import UsageError, text_of
from shmrace.linux import process
from shmrace.scenario.base import Part, Scenario

current_world: ActorWorld | None = None
"""The world of the actor that this process plays; None elsewhere."""


class ExitFault(SystemExit):
    """The fault `exit` has struck: the process leaves, and runs its exit handlers."""


@dataclass(frozen=True)
class Stage:
    """What the fork server hands to every actor: descriptors and a directory."""

    outputs: dict[str, int]  # where each actor's prints go
    stacks: int  # where stacks are written
    lines: int  # where it is written which lines ran
    scratch: str  # a directory
    directory: str  # the actors' part of it
    terminal: str = ""  # the actor that gets the terminal, to be debugged


def play(scenario: Scenario, part: Part, stage: Stage, server: int) -> NoReturn:
    """Be an actor until its end; for the child of a fork that is to be one of process `server`."""
    code = 1
    try:
        process.end_with_parent(server)
        _prepare(scenario, part, stage)
        run_child = _child_of(scenario, stage)
        world = ActorWorld(
            part.name, part.peers, stage.directory, run_child, roles=scenario.peers()
        )
        process_state = ProcessState(part.name)
        own = os.getpid()
        modules = scenario.modules_with_gates()
        is_set_up = False

        def get_ready() -> None:
            nonlocal process_state, is_set_up
            process_state.restore()
            if not is_set_up:
                scenario.setup(world)
                process_state, is_set_up = ProcessState(part.name), True
                process_state.restore()

        while True:
            ask(Primitive.HELLO, part.name)
            code = _perform(lambda: _role(scenario, part, world), world, modules, get_ready)
            if scenario.start != "warm" or os.getpid() != own or world.leaving or _threads_live():
                break
            _end_warm(scenario)
            coverage.tell()
            ask(Primitive.EXIT, code)
    except BaseException as error:
        _complain(error)
    finally:
        _leave(code, scenario.exit_handlers)


def _complain(error: BaseException) -> None:
    """An error of the harness, unless it is that the orchestrator is gone, and the gate with it."""
    if isinstance(error, OSError) and error.errno == errno.ENOSYS:
        os._exit(1)
    traceback.print_exception(error)


def _role(scenario: Scenario, part: Part, world: ActorWorld) -> Any:
    role = getattr(scenario, part.role)
    if part.role == "rank" and scenario.payload_to_ranks():
        return role(world, world.recv("sender"))
    result = role(world)
    if part.role == "sender" and scenario.payload_to_ranks():
        ranks = tuple(f"rank{rank}" for rank in range(scenario.ranks))
        try:
            send(ranks, "send", result)
        except UsageError:
            raise
        except Exception as error:
            raise TypeError(f"what sender returned cannot be pickled: {text_of(error)}") from error
    return result


def _child_of(
    scenario: Scenario, stage: Stage
) -> Callable[[str, Callable[..., Any], tuple[Any, ...]], None]:
    def run(name: str, role: Callable[..., Any], args: tuple[Any, ...]) -> None:
        code = 1
        try:
            gc.disable()
            atexit._clear()
            run_child = _child_of(scenario, stage)
            world = ActorWorld(name, (name,), stage.directory, run_child, roles=scenario.peers())
            modules = scenario.modules_with_gates()
            code = _perform(lambda: role(world, *args), world, modules)
        except BaseException as error:
            _complain(error)
        finally:
            _leave(code, scenario.exit_handlers)

    return run


def _perform(
    body: Callable[[], Any], world: ActorWorld, modules: Sequence[str],
    get_ready: Callable[[], None] = lambda: None,
) -> int:  # fmt: skip
    """Run a body between START and END; the exit code that its process would have.  Lines of
    `modules` are gates."""
    global current_world
    current_world = world
    own = os.getpid()
    try:
        get_ready()
        ask(Primitive.START)
        with lines.gates(modules):
            result = body()
        if os.getpid() != own:
            return 0
        ask(Primitive.END, "returned", packed(result))
        return 0
    except BaseException as error:
        if os.getpid() != own:
            return exit_code(error)
        if isinstance(error, SystemExit) and error.code in (None, 0):
            ask(Primitive.END, "returned", packed(None))
            return 0
        world.leaving = isinstance(error, ExitFault)
        debugger.look_at(error)
        ask(Primitive.END, "raised", described(error))
        traceback.clear_frames(error.__traceback__)
        return 1


def _leave_now(number: int, frame: FrameType | None) -> NoReturn:
    raise ExitFault("the fault 'exit' has struck")


def _thread_raised(arguments: threading.ExceptHookArgs) -> None:
    """A thread of an actor's ended in an exception, which no other code reports."""
    error = arguments.exc_value
    if error is not None and not isinstance(error, SystemExit):
        traceback.print_exception(error)
        ask(Primitive.END, "raised", described(error))


def _prepare(scenario: Scenario, part: Part, stage: Stage) -> None:
    one_torch_thread()
    gc.disable()
    threading.excepthook = _thread_raised
    atexit._clear()
    _quieten_multiprocessing(scenario.trackers)
    if part.name == stage.terminal:
        debugger.take(part.name)
    else:
        debugger.leave(stage.outputs[part.name])
    for output in stage.outputs.values():  # nobody prints in the name of another one
        os.close(output)
    log.redirect()
    faulthandler.enable(file=2, all_threads=False)  # a crash tells where, among what is printed
    faulthandler.register(STACK_SIGNAL, file=stage.stacks, all_threads=False)
    signal.signal(EXIT_SIGNAL, _leave_now)
    sys.dont_write_bytecode = True
    coverage.begin(stage.lines)
    size = str(len(part.peers))
    os.environ.update(
        RANK=str(part.rank), LOCAL_RANK=str(part.rank), WORLD_SIZE=size, LOCAL_WORLD_SIZE=size
    )


def one_torch_thread() -> None:
    """Before any parallel operation, which would hang in a process forked from one that ran one."""
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(1)


def _quieten_multiprocessing(trackers: str) -> None:
    """Drop what the parent would finalize, and tell no resource tracker where none is wanted."""
    util = sys.modules.get("multiprocessing.util")
    if util is not None:
        util._finalizer_registry.clear()
    _finalize_multiprocessing_at_exit()
    tracker: Any = resource_tracker._resource_tracker
    tracker._pid = None
    tracker._fd = os.open(os.devnull, os.O_WRONLY) if trackers == "none" else None


def _finalize_multiprocessing_at_exit() -> None:
    util = sys.modules.get("multiprocessing.util")
    if util is not None:
        atexit.register(util._exit_function)


def _threads_live() -> bool:
    """Would the end of the process wait for a thread?  Then it ends: the threads of an executor are
    told to end by what is registered with `threading`, and no executor works after that."""
    gc.collect(0)
    return any(
        thread is not threading.main_thread() and not thread.daemon
        for thread in threading.enumerate()
    )


def _end_warm(scenario: Scenario) -> None:
    """What a process does at its end, in one that is going to be the actor again."""
    if scenario.exit_handlers:
        atexit._run_exitfuncs()
    _finalize_multiprocessing_at_exit()
    sys.stdout.flush()
    sys.stderr.flush()


def _leave(code: int, exit_handlers: bool) -> NoReturn:
    with contextlib.suppress(BaseException):
        gc.collect(0)  # what was made since the fork, and is in nobody's hands any more
        threading._shutdown()  # type: ignore[attr-defined]
        if exit_handlers:
            atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        coverage.tell()
    os._exit(code)
