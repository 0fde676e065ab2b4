"""Running a command on a terminal of its own, and typing there."""

import fcntl
import os
import pty
import select
import subprocess
import termios
import time
from pathlib import Path

INTERRUPT = b"\x03"
"""What Ctrl-C types; the terminal makes a SIGINT to its foreground process group of it."""


class Terminal:
    """A command on a terminal; use it as a context manager.  `seen` is all that it showed."""

    def __init__(self, *command: str | Path, cwd: Path | None = None) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, b"\x28\x00\x78\x00" + bytes(4))  # 40 x 120
        environment = {name: value for name, value in os.environ.items() if name != "CI"}
        self.running = subprocess.Popen(
            [*command], stdin=theirs, stdout=theirs, stderr=theirs, cwd=cwd, start_new_session=True,
            env={**environment, "TERM": "xterm"},
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )  # fmt: skip
        os.close(theirs)
        self.seen = ""

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *error: object) -> None:
        self.running.kill()
        self.running.wait()
        os.close(self._ours)

    def type(self, text: bytes) -> None:
        os.write(self._ours, text)

    def until(self, text: str, seconds: float = 40) -> str:
        """What it shows from now on until it shows a text."""
        shown = ""
        deadline = time.monotonic() + seconds
        while text not in shown:
            ready, _, _ = select.select([self._ours], [], [], max(deadline - time.monotonic(), 0))
            assert ready, f"no {text!r} in {seconds} s, but: {shown}"
            try:
                shown += os.read(self._ours, 4096).decode(errors="replace")
            except OSError:  # nobody is left who could show anything
                self.seen += shown
                raise AssertionError(f"it ended without {text!r}, but with: {shown}") from None
        self.seen += shown
        return shown

    def end(self, seconds: float = 40) -> int:
        """Its exit status, with the rest that it shows in `seen`."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            ready, _, _ = select.select([self._ours], [], [], 0.1)
            try:
                content = os.read(self._ours, 4096) if ready else b""
            except OSError:
                break
            self.seen += content.decode(errors="replace")
            if not ready and self.running.poll() is not None:
                break
        return self.running.wait(timeout=max(deadline - time.monotonic(), 0.1))
