"""Programs of the literature whose trace classes are known; the tests have the counts."""

from collections.abc import Iterator

from tests.support.model import Operation, Program, State, Thread
from tests.support.operations import increment, lock, read, swap, unlock, write


def readers(count: int) -> Program:
    """One thread writes x, the others read it."""
    return [[write("x", 1)], *[[read("x")] for _ in range(count)]]


def lastzero(count: int) -> Program:
    """Thread 0 looks for the last zero of an array that the others fill, each from its left."""

    def searcher(state: State, me: str) -> Iterator[Operation]:
        place = count
        while True:
            yield read(f"array {place}")
            if state[me] == 0:
                return
            place -= 1

    def filler(place: int) -> Thread:
        return [read(f"array {place - 1}"), write(f"array {place}")]

    return [searcher, *[filler(place) for place in range(1, count + 1)]]


def indexer(count: int) -> Program:
    """Each thread enters four messages into a hash table of 128 by compare and swap."""

    def thread(number: int) -> Thread:
        def body(state: State, me: str) -> Iterator[Operation]:
            for nth in range(1, 5):
                message = nth * 11 + number
                place = message * 7 % 128
                while True:
                    yield swap(f"table {place}", 0, message)
                    if state[me]:
                        break
                    place = (place + 1) % 128

        return body

    return [thread(number) for number in range(count)]


def filesystem(count: int) -> Program:
    """Each thread gives its inode a block, under the locks of both; 26 blocks, 32 inodes."""
    blocks, inodes = 26, 32

    def thread(number: int) -> Thread:
        def body(state: State, me: str) -> Iterator[Operation]:
            inode = number % inodes
            yield lock(f"lock of inode {inode}")
            yield read(f"inode {inode}")
            if state[me] == 0:
                block = inode * 2 % blocks
                while True:
                    yield lock(f"lock of block {block}")
                    yield read(f"busy {block}")
                    if state[me] == 0:
                        yield write(f"busy {block}", 1)
                        yield write(f"inode {inode}", block + 1)
                        yield unlock(f"lock of block {block}")
                        break
                    yield unlock(f"lock of block {block}")
                    block = (block + 1) % blocks
            yield unlock(f"lock of inode {inode}")

        return body

    return [thread(number) for number in range(count)]


def fib_bench(count: int) -> Program:
    """Two threads add to each other's number; a third one reads both."""

    def adder(mine: str, other: str) -> Thread:
        def body(state: State, me: str) -> Iterator[Operation]:
            for _ in range(count):
                yield read(mine)
                first = state[me]
                yield read(other)
                yield write(mine, first + state[me])

        return body

    return [adder("i", "j"), adder("j", "i"), [read("i"), read("j")]]


def dining(count: int) -> Program:
    """Each takes the fork on its left and then the one on its right."""
    return [
        [
            lock(f"fork {seat}"),
            lock(f"fork {(seat + 1) % count}"),
            unlock(f"fork {seat}"),
            unlock(f"fork {(seat + 1) % count}"),
        ]
        for seat in range(count)
    ]


def popl14() -> Program:
    """The program on which source sets alone begin executions in vain: POPL'14, section 6."""

    def third(state: State, me: str) -> Iterator[Operation]:
        yield read("y")
        if state[me] == 0:
            yield write("z", 1)

    def fourth(state: State, me: str) -> Iterator[Operation]:
        yield read("z")
        if state[me] == 1:
            yield read("y")
            if state[me] == 0:
                yield write("x", 2)

    return [[write("x", 1)], [write("y", 1)], third, fourth]


def counted(count: int, atomic: bool) -> Program:
    """Each opens, decrements a reference count, and unlinks if it was the last."""

    def body(state: State, me: str) -> Iterator[Operation]:
        if atomic:
            yield increment("count", -1)
            left = state[me]
        else:
            yield read("count")
            left = state[me] - 1
            yield write("count", left)
        if left == 0:
            yield write("name", 0)

    def thread(state: State, me: str) -> Iterator[Operation]:
        state.setdefault("count", count)
        yield read("name")
        yield from body(state, me)

    return [thread for _ in range(count)]


def sized(count: int) -> Program:
    """An owner creates and sizes a segment; the others open it, if it is there, and look."""

    def peer(state: State, me: str) -> Iterator[Operation]:
        yield read("name")
        if state[me]:
            yield read("size")

    return [[write("name", 1), write("size", 64)], *[peer for _ in range(count)]]
