"""`python -m tests.support.refusing CALL,CALL COMMAND...`: run a command without some calls.

A seccomp filter answers them with EPERM, as the default profile of a container runtime does.
"""

import ctypes
import os
import struct
import sys

from shmrace.linux.syscalls import native

_NUMBERS = {
    "x86_64": {"unshare": 272, "mount": 165, "seccomp": 317, "pidfd_getfd": 438},
    "aarch64": {"unshare": 97, "mount": 40, "seccomp": 277, "pidfd_getfd": 438},
}
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_NO_NEW_PRIVS, _SET_SECCOMP, _FILTER = 38, 22, 2


def refuse(*calls: str) -> None:
    """From now on the calls fail with EPERM, in this process and all that come of it."""
    numbers = [_NUMBERS[native().name][call] for call in calls]
    program = [struct.pack("=HBBI", _LOAD, 0, 0, 0)]
    for left, number in zip(range(len(numbers), 0, -1), numbers, strict=True):
        program.append(struct.pack("=HBBI", _EQUAL, left, 0, number))
    program.append(struct.pack("=HBBI", _RETURN, 0, 0, _ALLOW))
    program.append(struct.pack("=HBBI", _RETURN, 0, 0, _ERRNO | 1))
    content = ctypes.create_string_buffer(b"".join(program))
    header = struct.pack("=HxxxxxxQ", len(program), ctypes.addressof(content))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    assert libc.prctl(_SET_SECCOMP, _FILTER, ctypes.c_char_p(header), 0, 0) == 0


if __name__ == "__main__":
    refuse(*sys.argv[1].split(","))
    os.execvp(sys.argv[2], sys.argv[2:])
