"""The filter that makes system calls into gates, and its installation.

A classic BPF program that allows the calls which the table calls private, some of them only for
certain arguments, and answers ``SECCOMP_RET_USER_NOTIF`` for all others, calls of newer kernels
included.  Calls through a foreign table (i386, x32) reach the orchestrator too, which refuses them.
The filter is inherited by whatever is forked or executed; it must never be installed in the
orchestrator, which would wait for itself.  Source: seccomp(2), seccomp_unotify(2), linux/filter.h.
"""

import struct

from shmrace.linux import libc
from shmrace.linux.calls.line import Where
from shmrace.linux.calls.table import LINES_OF, UNKNOWN
from shmrace.linux.syscalls import PRIMITIVE_NUMBER, Architecture, native

_LOAD, _AND, _JUMP, _RETURN = 0x20, 0x54, 0x05, 0x06
_EQUAL, _AT_LEAST, _ANY_BIT = 0x15, 0x35, 0x45
_ALLOW, _NOTIFY = 0x7FFF0000, 0x7FC00000
_OFFSET_NUMBER, _OFFSET_ARCH, _OFFSET_ARGUMENTS = 0, 4, 16

_X32_BIT = 0x40000000


def build(architecture: Architecture | None = None) -> bytes:
    """The BPF program, made from the table of calls: 8 bytes an instruction."""
    machine = architecture or native()
    return _program(machine, _search(_ranges(machine)))


def build_trial(architecture: Architecture | None = None) -> bytes:
    """A program that stops the harness' own call alone, to try whether any call can be held."""
    return _program(architecture or native(), [_instruction(_RETURN, _ALLOW)])


def install(program: bytes) -> int:
    """Filter this process and all that it will start; the listener's descriptor.

    Raises `OSError`: `EBUSY` where a container's runtime holds a listener already, `EINVAL` or
    `ENOSYS` where the kernel has none.
    """
    no_new_privileges, set_mode_filter, new_listener = 38, 1, 1 << 3
    libc.prctl(no_new_privileges, 1)
    code = libc.buffer(program)
    header = libc.buffer(struct.pack("HxxxxxxQ", len(program) // 8, libc.address(code)))
    with libc.refused_by("seccomp"):
        return libc.syscall(native().numbers["seccomp"], set_mode_filter, new_listener, header)


def _instruction(code: int, constant: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, constant)


def _notify_unless(test: int, constant: int) -> list[bytes]:
    return [_instruction(test, constant, 1, 0), _instruction(_RETURN, _NOTIFY)]


def _notify_if_equal(constant: int) -> list[bytes]:
    return [_instruction(_EQUAL, constant, 0, 1), _instruction(_RETURN, _NOTIFY)]


def _program(machine: Architecture, calls: list[bytes]) -> bytes:
    program = [_instruction(_LOAD, _OFFSET_ARCH)]
    program += _notify_unless(_EQUAL, machine.audit)
    program.append(_instruction(_LOAD, _OFFSET_NUMBER))
    program += _notify_if_equal(PRIMITIVE_NUMBER)
    if machine.has_x32:
        program += [_instruction(_ANY_BIT, _X32_BIT, 0, 1), _instruction(_RETURN, _NOTIFY)]
    return b"".join([*program, *calls])


_Ranges = list[tuple[int, list[bytes]]]
"""(the first number, what to do with a call of that number or of those behind it), in order."""


def _ranges(machine: Architecture) -> _Ranges:
    stop, allow = [_instruction(_RETURN, _NOTIFY)], [_instruction(_RETURN, _ALLOW)]
    found: _Ranges = [(0, stop)]
    for number in range(max(machine.numbers.values()) + 2):
        lines = LINES_OF.get(machine.name_of(number) or "", (UNKNOWN,))
        does = stop if lines[-1].stops else allow
        for line in reversed(lines[:-1]):
            assert line.where is not None
            does = [*_test(line.where, stop if line.stops else allow), *does]
        if does != found[-1][1]:
            found.append((number, does))
    return found


def _search(ranges: _Ranges) -> list[bytes]:
    """A binary search for the range of the number, which is loaded."""
    if len(ranges) == 1:
        return ranges[0][1]
    half = len(ranges) // 2
    below, above = _search(ranges[:half]), _search(ranges[half:])
    return [
        _instruction(_AT_LEAST, ranges[half][0], 0, 1),
        _instruction(_JUMP, len(below)),
        *below,
        *above,
    ]


def _test(where: Where, does: list[bytes]) -> list[bytes]:
    """Do it if the argument is as it should be; else go on behind it."""
    program = [_instruction(_LOAD, _OFFSET_ARGUMENTS + 8 * where.argument)]
    if where.bits:
        program += [_instruction(_ANY_BIT, where.bits, 0, len(does)), *does]
    if where.values:
        program.append(_instruction(_AND, where.mask))
    for value in where.values:
        program += [_instruction(_EQUAL, value, 0, len(does)), *does]
    return program
