"""The exhaustive explorer, compared with the counts of the literature."""

from math import factorial

import pytest

from shmrace.explorers import Bounded, Dpor, Explorer, Point
from shmrace.explorers.interface import Nondeterministic
from shmrace.model.objects import Mode, name_of
from shmrace.model.schedule import Choice
from shmrace.model.trace import Turn
from tests.support import model
from tests.support.model import Kills, Program, every_class
from tests.support.model_programs import (
    counted,
    dining,
    fib_bench,
    filesystem,
    indexer,
    lastzero,
    popl14,
    readers,
    sized,
)
from tests.support.operations import (
    attach,
    barrier,
    create,
    increment,
    lock,
    read,
    receive,
    send,
    swap,
    unlink,
    unlock,
    write,
)


def classes(program: Program, kills: Kills | None = None) -> int:
    """How many classes the explorer finds; none is run twice, and no execution is given up."""
    explorer = Dpor()
    found = model.explore(program, explorer, kills)
    assert explorer.complete
    assert len(found) == len(set(found)), "a trace class was run twice"
    assert explorer.blocked == 0
    return len(found)


@pytest.mark.parametrize("n", [2, 3, 5, 8, 10, pytest.param(13, marks=pytest.mark.reference)])
def test_readers_and_one_writer_make_two_to_the_n(n: int) -> None:
    """readers(2): w r1 r2, r1 w r2, r2 w r1, r1 r2 w; counts of GenMC, Nidhugg and Concuerror.
    Ten readers make 1024 in each run, and thirteen 8192 with `-m reference`."""
    assert classes(readers(n)) == 2**n


LASTZERO = {1: 2, 2: 5, 3: 12, 4: 28, 5: 64, 6: 144, 7: 320, 8: 704}
LARGE_LASTZERO = pytest.param(10, 3328, marks=pytest.mark.reference)


@pytest.mark.parametrize(("n", "count"), [*LASTZERO.items(), LARGE_LASTZERO])
def test_lastzero(n: int, count: int) -> None:
    """(n+3) * 2^(n-2); source sets alone give 1, 7, 33, 131, 473, 1611 up for n = 3 to 8.  Up to 8
    in each run, and 10 with `-m reference`."""
    assert classes(lastzero(n)) == count


LARGE_INDEXER = pytest.param(15, 4096, marks=pytest.mark.reference)


@pytest.mark.parametrize(("n", "count"), [(11, 1), (12, 8), (13, 64), (14, 512), LARGE_INDEXER])
def test_indexer(n: int, count: int) -> None:
    """8^(n-11): the hash table has no collision up to eleven threads."""
    assert classes(indexer(n)) == count


@pytest.mark.parametrize(("n", "count"), [(14, 2), (16, 8), (18, 32), (19, 64)])
def test_filesystem(n: int, count: int) -> None:
    """2^(n-13): from the fourteenth thread on, two contend for one block."""
    assert classes(filesystem(n)) == count


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6, 7])
def test_atomic_increments_make_n_factorial(n: int) -> None:
    """ainc of GenMC: every order of the increments is a class of its own."""
    assert classes([[increment("x")] for _ in range(n)]) == factorial(n)


@pytest.mark.parametrize(("n", "count"), [(2, 4), (3, 36), (4, 576)])
def test_read_then_write_makes_n_factorial_squared(n: int, count: int) -> None:
    """inc of GenMC: each thread reads x and then writes it."""
    assert classes([[read("x"), write("x")] for _ in range(n)]) == count


@pytest.mark.parametrize(("n", "count"), [(2, 4), (3, 36), (4, 576)])
def test_two_increments_make_n_factorial_squared(n: int, count: int) -> None:
    """binc of GenMC: each thread increments x, then y."""
    assert classes([[increment("x"), increment("y")] for _ in range(n)]) == count


CASROT = {2: 2, 3: 5, 4: 14, 5: 43, 6: 144, 7: 523}


@pytest.mark.parametrize(("n", "count"), CASROT.items())
def test_a_failed_swap_only_reads(n: int, count: int) -> None:
    """casrot of GenMC: thread i swaps x from i to i+1, so most swaps fail."""
    assert classes([[swap("x", i, i + 1)] for i in range(n)]) == count


@pytest.mark.parametrize(("n", "count"), [(2, 5), (3, 13), (4, 33), (5, 81), (6, 193)])
def test_one_of_n_swaps_succeeds(n: int, count: int) -> None:
    """wcas of GenMC, n * 2^(n-1) + 1: a write of 2 against n swaps from 2 to 3."""
    assert classes([[write("x", 2)], *[[swap("x", 2, 3)] for _ in range(n)]]) == count


@pytest.mark.parametrize(("n", "count"), [(2, 6), (3, 66), (4, 1200)])
def test_a_swap_and_then_a_write(n: int, count: int) -> None:
    """casw of GenMC: each thread swaps x from 0 to 1 and writes it."""
    assert classes([[swap("x", 0, 1), write("x", i + 2)] for i in range(n)]) == count


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6, pytest.param(7, marks=pytest.mark.reference)])
def test_locks_are_taken_in_every_order(n: int) -> None:
    """lockinc of GenMC: lock, increment, unlock; the order of the locks decides all.  Up to six
    threads in each run, and seven with `-m reference`."""
    program: Program = [[lock("l"), increment("x"), unlock("l")] for _ in range(n)]
    assert classes(program) == factorial(n)


@pytest.mark.parametrize(("n", "count"), [(1, 11), (2, 140)])
def test_fib_bench(n: int, count: int) -> None:
    """Nidhugg's fib_bench_true: two threads add up, a third one reads."""
    assert classes(fib_bench(n)) == count


def test_the_example_of_the_paper_has_five_classes() -> None:
    """Concuerror's POPL_optimal_example: source sets alone give some executions up."""
    assert classes(popl14()) == 5


def test_store_buffering_has_three_classes() -> None:
    """(w1 r2) before (w2 r1), the other way round, or both writes first."""
    assert classes([[write("x", 1), read("y")], [write("y", 1), read("x")]]) == 3


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6])
def test_dining_philosophers_make_two_to_the_n_minus_one(n: int) -> None:
    """Each pair of neighbours decides who is first; going round in a circle is the deadlock."""
    assert classes(dining(n)) == 2**n - 1


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_an_owner_that_unlinks_while_n_attach_makes_two_to_the_n(n: int) -> None:
    """Each attach comes before the unlink or after it, whatever the others do."""
    assert classes([[unlink("s")], *[[attach("s")] for _ in range(n)]]) == 2**n


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_eager_unlinks_make_n_times_two_to_the_n_minus_one(n: int) -> None:
    """n threads attach and unlink; the first unlink decides who finds the segment."""
    assert classes([[attach("s"), unlink("s")] for _ in range(n)]) == n * 2 ** (n - 1)


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_n_creators_with_exclusion_make_n_classes(n: int) -> None:
    """Only who is first matters: the others find that it exists."""
    assert classes([[create("s")] for _ in range(n)]) == n


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_atomic_reference_counts_make_n_factorial(n: int) -> None:
    """Open, decrement; the last unlinks."""
    assert classes(counted(n, atomic=True)) == factorial(n)


@pytest.mark.parametrize(("n", "count"), [(2, 4), (3, 36)])
def test_torn_reference_counts_make_n_factorial_squared(n: int, count: int) -> None:
    """Open, load, store one less; unlink if it was the last."""
    assert classes(counted(n, atomic=False)) == count


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_a_segment_is_seen_unborn_empty_or_whole(n: int) -> None:
    """create; truncate, against n threads that open and look at the size: 3^n."""
    assert classes(sized(n)) == 3**n


@pytest.mark.parametrize(("n", "count"), [(2, 3), (3, 8), (4, 20)])
def test_a_deferred_unlink_over_a_relay(n: int, count: int) -> None:
    """Rank 0 attaches, sends, unlinks; the others receive, attach, unlink; no barrier."""
    relay = [attach("s"), *[send(rank) for rank in range(1, n)], unlink("s")]
    peers: Program = [[receive(0), attach("s"), unlink("s")] for _ in range(1, n)]
    assert classes([relay, *peers]) == count


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_a_barrier_before_the_unlinks_leaves_n_classes(n: int) -> None:
    """Arrivals commute: only who unlinks first matters."""
    relay = [attach("s"), *[send(rank) for rank in range(1, n)], barrier(*range(n)), unlink("s")]
    peer = [receive(0), attach("s"), barrier(*range(n)), unlink("s")]
    assert classes([relay, *[peer for _ in range(1, n)]]) == n


def test_a_lock_that_is_waited_for_in_vain_is_checked_for_races() -> None:
    """t0 takes the lock and waits for a message that never comes; or t1 takes it first."""
    program: Program = [
        [lock("l"), receive(1), attach("s"), unlock("l")],
        [lock("l"), attach("s"), unlock("l")],
    ]
    assert classes(program) == len(every_class(program)[0]) == 2


def test_a_kill_strikes_before_each_operation_of_its_victim() -> None:
    """Before either write or not at all; the reader of y does not mind."""
    program: Program = [[write("x", 1), write("x", 2)], [read("y")]]
    assert classes(program, {"t0": ""}) == 3


def test_a_kill_that_is_allowed_before_one_operation_strikes_there_only() -> None:
    assert classes([[write("x", 1), read("x")]], {"t0": "read"}) == 2


@pytest.mark.parametrize("explorer", [Dpor(), Bounded()])
def test_other_choices_after_the_same_turns_are_called_nondeterministic(explorer: Explorer) -> None:
    """The second execution finds c where b stood in the first."""
    a, b, c = (Choice(actor, "write") for actor in "abc")
    written = frozenset({(name_of("x"), Mode.WRITE)})
    turns = [Turn(actor, "write", written) for actor in "ab"]
    assert explorer.begin()
    assert explorer.choose(Point([a, b], [])) == 0
    assert explorer.choose(Point([b], turns[:1])) == 0
    explorer.finish(turns, [])
    assert explorer.begin()
    with pytest.raises(Nondeterministic):
        explorer.choose(Point([a, c], []))


@pytest.mark.parametrize("explorer", [Dpor(), Bounded()])
def test_an_execution_shorter_than_planned_is_called_nondeterministic(explorer: Explorer) -> None:
    """The second one ends before the turn that is to be another than in the first."""
    a, b = (Choice(actor, "write") for actor in "ab")
    written = frozenset({(name_of("x"), Mode.WRITE)})
    turns = [Turn(actor, "write", written) for actor in "ab"]
    assert explorer.begin()
    assert explorer.choose(Point([a, b], [])) == 0
    assert explorer.choose(Point([b], turns[:1])) == 0
    explorer.finish(turns, [])
    assert explorer.begin()
    assert explorer.choose(Point([a, b], [])) == 1
    with pytest.raises(Nondeterministic) as raised:
        explorer.finish([], [])
    assert raised.value.seen == "the end of the execution"
