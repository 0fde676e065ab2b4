"""`asyncio`: subprocesses, threads, streams, signals and time limits."""

import asyncio
import os
import signal
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.support.library_programs.base import WRITES, Program, python, write

PIPE = asyncio.subprocess.PIPE


async def program(name: str) -> None:
    child = await asyncio.create_subprocess_exec(*python(WRITES, name), stdout=PIPE)
    assert (await child.communicate())[0] == b"done\n"
    assert child.returncode == 0


async def shell(name: str) -> None:
    child = await asyncio.create_subprocess_shell("echo done", stdout=PIPE)
    assert (await child.communicate())[0] == b"done\n"


async def sleeps(name: str) -> None:
    await asyncio.gather(asyncio.sleep(1), asyncio.sleep(2))
    write(name)


async def thread(name: str) -> None:
    assert await asyncio.to_thread(write, name) == 0


async def pool(name: str) -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("fork")) as workers:
        loop = asyncio.get_running_loop()
        assert await loop.run_in_executor(workers, write, name) == 0


async def time_limit(name: str) -> None:
    try:
        await asyncio.wait_for(asyncio.sleep(3600), 1)
    except asyncio.TimeoutError:
        return
    raise AssertionError("an hour was shorter than a second")


async def streams(name: str) -> None:
    near, far = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=near)
    there, back = await asyncio.open_connection(sock=far)

    async def echo() -> None:
        back.write(await there.readline())
        await back.drain()

    task = asyncio.create_task(echo())
    writer.write(b"line\n")
    assert await reader.readline() == b"line\n"
    await task
    for end in (writer, back):
        end.close()
        await end.wait_closed()


async def server(name: str) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readline())
        await writer.drain()
        writer.close()

    serving = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = serving.sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"line\n")
    assert await reader.readline() == b"line\n"
    writer.close()
    await writer.wait_closed()
    serving.close()
    await serving.wait_closed()


async def handler(name: str) -> None:
    came = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, came.set)
    os.kill(os.getpid(), signal.SIGUSR1)
    await asyncio.wait_for(came.wait(), 10)


USES: dict[str, Callable[[str], Awaitable[None]]] = {
    use.__name__: use
    for use in (
        program, shell, sleeps, thread, pool, time_limit, streams, server, handler,
    )
}  # fmt: skip


class Coroutines(Program):
    """One use of it."""

    use = "program"

    def work(self, name: str) -> None:
        async def main() -> None:
            await USES[self.use](name)

        asyncio.run(main())
