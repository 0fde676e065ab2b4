"""A command in a fork of a server, see `tests.support.preloaded`: it imports next to nothing."""

import json
import os
import socket
import sys

address, module, *arguments = sys.argv[1:]
with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
    connection.connect(f"\0{address}")
    request = {
        "module": module, "arguments": arguments, "cwd": os.getcwd(),
        "environment": dict(os.environ),
    }  # fmt: skip
    socket.send_fds(connection, [json.dumps(request).encode()], [0, 1, 2])
    status = int(connection.recv(16) or b"70")
sys.exit(status & 255 if status >= 0 else 128 - status)
