"""Operations: the words for what an actor does that other actors can notice, and for its outcomes.

A segment is identified by its inode, a name by its path in ``/dev/shm``.
"""

from shmrace.model.words import Word


class Operation(Word):
    """The words for an operation, before and after it is done."""

    CREATE = "create", "make a segment: a new name, or none (a memfd, O_TMPFILE)"
    ATTACH = "attach", "open a segment by its name"
    UNLINK = "unlink", "remove a name"
    RENAME = "rename", "rename a segment, which may push another one out of the new name"
    LINK = "link", "give a segment one more name"
    SYMLINK = "symlink", "make a symbolic link"
    MKNOD = "mknod", "make a file without opening it"
    MKDIR = "mkdir", "make a directory"
    TRUNCATE = "truncate", "set the size of a segment by its name"
    CHANGE = "change", "change the mode, owner, times or attributes of a segment"
    LOOK = "look", "ask by its name whether a segment is there, and for its size, mode and times"
    ACCESS = "access", "ask by its name whether a segment is there, and whether it may be used"
    READLINK = "readlink", "ask where a symbolic link leads"
    LIST = "list", "list the names"
    THROUGH = "through", "use a path outside of /dev/shm by way of a symbolic link there"

    SIZE = "size", "set the size of a segment (ftruncate)"
    RESERVE = "reserve", "reserve space for a segment (fallocate)"
    STAT = "stat", "ask for the size, mode, times and number of names of an open segment"
    SEEK = "seek", "move the position in an open segment"
    MAP = "map", "map a segment into memory"
    READ = "read", "read from a segment, or a file that several processes use"
    WRITE = "write", "write to it"

    FLOCK = "flock", "ask for a file lock, or give one back"
    RECORD_LOCK = "record-lock", "the same for a part of a file (fcntl)"
    LOCK = "lock", "take a lock, once it is free"
    TRY_LOCK = "try-lock", "take a lock if it is free"
    UNLOCK = "unlock", "give a lock back"
    ASK_LOCK = "lock?", "ask who holds a lock (F_GETLK)"
    CLOSE = "close", "close a descriptor, which gives a file lock back"

    WAIT = "wait", "a call that would wait; the name of the call follows the word"
    POLL = "poll", "look for a message again, and find none"
    HAS_ENDED = "child?", "ask whether a child has ended"
    IS_ALIVE = "alive?", "ask whether a process lives"
    SLEEP = "sleep", "let time pass"
    YIELD = "yield", "let others go first"
    SIGNAL = "signal", "send a signal to another process"

    OPAQUE = "opaque", "a call that shmrace does not know; the name of the call follows the word"

    FORK = "fork", "start a process"
    THREAD = "thread", "start a thread"
    BIRTH = "birth", "the first step of a new process or thread"
    EXEC = "exec", "execute a program"
    EXIT = "exit", "end"

    START = "start", "the body of a role begins"
    END = "end", "the body of a role has returned or raised"
    BARRIER = "barrier", "wait for the others of a group"
    SEND = "send", "send a message to another actor"
    BROADCAST = "broadcast", "send a message to all others"
    RECV = "recv", "receive a message"
    SPAWN = "spawn", "start an actor"
    JOIN = "join", "wait for a started actor to end"
    CHECKPOINT = "checkpoint", "a gate of the program's own"
    LINE = "line", "the next line of a module whose lines are gates"
    RANK = "rank", "an interchangeable actor reads which one it is"

    KILL = "kill", "SIGKILL strikes"
    TERM = "term", "SIGTERM strikes"
    RAISE = "raise", "an injected exception strikes"


class Outcome(Word):
    """How an operation ended, besides the errno that it failed with."""

    OK = "ok", "it succeeded"
    FAILED = "failed", "it failed with an errno that is not known"
    RAISED = "raised", "the body of the role raised an exception, or a fault made it"
    KILLED = "killed", "its actor died before it"
    STRUCK = "struck", "a fault struck its actor before it, which lived on"
    TIMEOUT = "timeout", "a wait ended because its time was over"
    NOTHING = "nothing", "there was no message, or no lock to give back"
    REFUSED = "refused", "it was not possible"
    PEER_DIED = "PeerDied", "an actor that it waited for had died or failed"


SEGMENT = frozenset(
    {
        Operation.SIZE, Operation.RESERVE, Operation.STAT, Operation.SEEK, Operation.MAP,
        Operation.READ, Operation.WRITE,
    }
)  # fmt: skip
"""Operations on a segment through a descriptor, which depend on its size."""

LOOKS = frozenset({Operation.LOOK, Operation.ACCESS, Operation.READLINK})
"""Operations that look at a name."""

CHANGES_NAMES = frozenset(
    {
        Operation.CREATE, Operation.UNLINK, Operation.RENAME, Operation.LINK, Operation.SYMLINK,
        Operation.MKNOD, Operation.MKDIR,
    }
)  # fmt: skip
"""Operations that write their name if they succeed."""

TAKES_SPACE = frozenset(
    {
        Operation.CREATE, Operation.SIZE, Operation.RESERVE, Operation.TRUNCATE, Operation.UNLINK,
        Operation.RENAME, Operation.EXIT, Operation.END,
    }
)  # fmt: skip
"""Operations that may take space in /dev/shm, or free it."""

SLEEPING = frozenset({Operation.SLEEP, Operation.YIELD, Operation.POLL})
"""Operations that only let time pass."""

PRIMITIVES = frozenset(
    {
        Operation.START, Operation.END, Operation.BARRIER, Operation.SEND, Operation.RECV,
        Operation.BROADCAST, Operation.JOIN, Operation.SPAWN, Operation.CHECKPOINT, Operation.LINE,
    }
)  # fmt: skip
"""Operations that the harness itself offers to the scenario."""

ORDERING = frozenset(
    {
        Operation.SEND, Operation.BROADCAST, Operation.RECV, Operation.BARRIER, Operation.JOIN,
        Operation.SPAWN, Operation.KILL, Operation.TERM, Operation.SIGNAL, Operation.CHECKPOINT,
        Operation.RAISE,
    }
)  # fmt: skip
"""Operations that order actors, and faults: reports show them for every segment."""

QUIET = frozenset(
    {
        Operation.START, Operation.STAT, Operation.SEEK, Operation.EXIT, Operation.BIRTH,
        Operation.FORK, Operation.THREAD, Operation.LIST, Operation.RANK,
    }
)  # fmt: skip
"""Operations that change nothing for other actors: shown only if they fail or race."""

DULL = QUIET - {Operation.RANK} | {Operation.MAP, Operation.END} | LOOKS
"""Operations that a picture may fold into one row."""

LOOKING = frozenset({Operation.STAT, Operation.SEEK, Operation.READ}) | LOOKS
"""Operations that only look at a segment."""

NAMES_ONLY = frozenset({Operation.UNLINK, Operation.RENAME, Operation.LINK}) | LOOKS
"""Operations on a segment for which the actor does not have to hold it."""

ON_A_SEGMENT = frozenset(
    {
        Operation.CREATE, Operation.ATTACH, Operation.SIZE, Operation.UNLINK, Operation.LINK,
        Operation.RENAME, Operation.MAP, Operation.TRUNCATE, Operation.WRITE, Operation.READ,
    }
)  # fmt: skip
"""Operations that a diagram draws as an arrow to the segment."""

ENDINGS = frozenset({Outcome.RAISED, Outcome.KILLED, Outcome.STRUCK})
"""Outcomes with which an actor ends without returning."""

INJECTED = "injected"
"""The error of an operation that a fault made fail: the kernel never ran it."""

Inode = tuple[int, int]
"""(device, inode number): it identifies a segment, whatever its names are."""

LockPlace = tuple[Inode, str]
"""A file, and the space of locks in it: see `shmrace.model.locks`."""


class SegmentKind(Word):
    """The kinds of segment."""

    FILE = "file", "a file in /dev/shm"
    MEMFD = "memfd", "anonymous memory with a descriptor (memfd_create)"
    LINK = "link", "a symbolic link in /dev/shm"
    DIRECTORY = "directory", "a directory in /dev/shm"
    NAMELESS = "nameless", "a file that never had a name (O_TMPFILE)"
    UNKNOWN = "unknown", "a file of which the creation was not seen"
