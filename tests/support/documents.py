"""The code blocks of a page, and how they are run.

A page is a story that is run from its beginning to its end, in a directory of its own:

* ``python`` with ``title="FILE"``, or any other language with one, is written to that file;
* ``python`` without a title is part of the page's own test file, which pytest runs at the end;
* ``console`` holds commands behind ``$`` and what they print, which is compared: a line that is
  ``...`` stands for any lines, ``...`` within a line for any text, and seconds may differ;
* ``sh`` holds commands that must succeed.

The commands ``shmrace`` and ``pytest`` run in forks, see `tests.support.preloaded`.

Comments on a line of their own, directly above a block, say more: ``<!-- not run: REASON -->``,
``<!-- run by -m long: REASON -->``, ``<!-- exit status: 1 -->``.  ``<!-- file NAME: TEXT -->``,
anywhere, is a file that the page takes for granted.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support import preloaded

ROOT = Path(__file__).parents[2]
RUN = ("python", "console", "sh")
"""The languages that are run."""

_FENCE = re.compile(r"^( *)```(.*)$")
_COMMENT = re.compile(r"^ *<!-- (not run|run by -m long|exit status): (.+) -->$")
_FILE = re.compile(r"^<!-- file ([\w./]+): (.+) -->$", re.MULTILINE)
_SECONDS = re.compile(r"\b\d+(\.\d+)? s\b")

UNWANTED = ("PYTEST_", "COV_", "PYTHONDONTWRITEBYTECODE", "GITHUB_STEP_SUMMARY")
"""What a page does not inherit; without bytecode each pytest would compile all of Hypothesis."""

PROFILE = """
from hypothesis import settings
settings.register_profile(
    "page", max_examples=5, stateful_step_count=10, deadline=None, derandomize=True
)
settings.load_profile("page")
"""
"""Few examples: whether the code on the page works is the question, not whether it finds a bug."""


@dataclass(frozen=True)
class Block:
    """A fenced block, and what the comments above it say."""

    page: str
    line: int
    language: str
    title: str
    text: str
    not_run: str = ""
    long: str = ""  # why it is run only when tests that take minutes are
    exit_status: int = 0

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def is_run(self) -> bool:
        return not self.not_run and not self.long and (self.language in RUN or bool(self.title))


@dataclass(frozen=True)
class Command:
    """A command of a block, and what it is to print; None where the page does not say it."""

    text: str
    printed: str | None
    exit_status: int
    place: str


def pages() -> list[str]:
    """Every page that is for readers, by its path."""
    top = ("README.md", "CONTRIBUTING.md", "SECURITY.md")
    found = [name for name in top if (ROOT / name).exists()]
    return found + sorted(str(one.relative_to(ROOT)) for one in (ROOT / "docs").rglob("*.md"))


def blocks(page: str) -> list[Block]:
    """The blocks of a page, in their order."""
    found: list[Block] = []
    said: dict[str, str] = {}
    lines = iter(enumerate((ROOT / page).read_text().splitlines(), 1))
    for number, line in lines:
        comment, fence = _COMMENT.match(line), _FENCE.match(line)
        if comment is not None:
            said[comment[1]] = comment[2]
            continue
        if fence is not None:
            language, _, rest = fence[2].partition(" ")
            title = re.search(r'title="([^"]+)"', rest)
            text = "".join(_inside(lines, len(fence[1])))
            found.append(
                Block(
                    page, number, language, title[1] if title else "", text,
                    said.get("not run", ""), said.get("run by -m long", ""),
                    int(said.get("exit status", 0)),
                )
            )  # fmt: skip
        said = {}
    return found


def _inside(lines: Iterator[tuple[int, str]], indent: int) -> Iterator[str]:
    for _, line in lines:
        if line.strip() == "```":
            return
        yield line[indent:] + "\n"


def commands(block: Block) -> list[Command]:
    """The commands of a ``sh`` or ``console`` block."""
    if block.language == "sh":
        return [Command(block.text, None, block.exit_status, block.place)]
    found: list[tuple[str, list[str]]] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif found:
            found[-1][1].append(line)
        else:
            raise AssertionError(f"{block.place}: what is printed stands before any command")
    return [
        Command(text, "\n".join(printed), block.exit_status, block.place) for text, printed in found
    ]


def run_page(page: str, folder: Path) -> None:
    """Run a page's blocks in an empty folder; raises `AssertionError` with what went otherwise."""
    _run([block for block in blocks(page) if block.is_run], page, folder)


def run_long(page: str, folder: Path) -> None:
    """Likewise those blocks of a page that are run only where tests may take minutes."""
    _run([block for block in blocks(page) if block.long], page, folder)


def _run(wanted: Sequence[Block], page: str, folder: Path) -> None:
    (folder / "conftest.py").write_text(PROFILE)
    for name, text in _FILE.findall((ROOT / page).read_text()):
        _write(folder / name, text + "\n")
    own: list[str] = []
    for block in wanted:
        if block.title:
            _write(folder / block.title, block.text)
        elif block.language == "python":
            own.append(block.text)
        else:
            for command in commands(block):
                _check(command, folder)
    if own:
        test = folder / f"test_{re.sub(r'[^a-z0-9]', '_', Path(page).stem.lower())}.py"
        test.write_text("\n".join(own))
        done = _call(f"pytest -rf {test.name}", folder)
        assert done.returncode == 0, f"{page}:\n{done.stdout}{done.stderr}"


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def _check(command: Command, folder: Path) -> None:
    done = _call(command.text, folder)
    said = f"{command.place}: {command.text}\n{done.stdout}{done.stderr}"
    assert done.returncode == command.exit_status, f"exit status {done.returncode}: {said}"
    if command.printed is not None:
        assert matches(command.printed, done.stdout), f"prints otherwise: {said}"


def matches(expected: str, printed: str) -> bool:
    """Is this what a page says, but for seconds, and where it says ``...``?"""
    pattern = ""
    for line in _plain(expected):
        if line == "...":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*?".join(map(re.escape, line.split("..."))) + r"\n"
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in _plain(printed))) is not None


def _plain(text: str) -> list[str]:
    lines = [_SECONDS.sub("T s", line.rstrip()) for line in text.splitlines()]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _call(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command where ``shmrace``, ``pytest`` and ``python`` are those of this suite."""
    programs = folder / ".programs"
    if not programs.exists():
        programs.mkdir()
        client = f"{' '.join(preloaded.CLIENT)} {preloaded.address()}"
        for name, program in (("shmrace", f"{client} shmrace"), ("pytest", f"{client} pytest"),
                              ("coverage", f"{sys.executable} -m coverage"),
                              ("python", sys.executable)):  # fmt: skip
            script = programs / name
            script.write_text(f'#!/bin/sh\nexec {program} "$@"\n')
            script.chmod(0o755)
    environment = os.environ | {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PYTHONPATH": f"{ROOT}:{os.environ.get('PYTHONPATH', '')}",
        "XDG_CACHE_HOME": str(folder / ".cache"),
    }
    for name in [name for name in environment if name.startswith(UNWANTED)]:
        del environment[name]
    return subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True,
        timeout=110, stdin=subprocess.DEVNULL,
    )  # fmt: skip
