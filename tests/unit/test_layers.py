"""The house and its rules: each room uses the rooms below it, and none above.

`HOUSE` and `ENGINE` list rooms from the doors down; rooms in one line do not use each other.
Imports within functions count too, except where a rule says otherwise.  Each rule is tried on a
tiny tree with one violation planted in it.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PACKAGE = REPOSITORY / "shmrace"

HOUSE = """
__main__
cli pytest_plugin
tools
scenarios
__init__
hypothesis
reports
compare api
search
explain
judgement
engine explorers
scenario model linux
errors
"""

ENGINE = """
__init__
session manual
choosers
execution
account choices setup teardown
leftovers
scheduling faults
steps
gate
processes
turns waits
state inside
protocol
"""

PURE = ("model", "explorers", "judgement/invariants")
"""Rooms of plain data and plain rules."""

SYSTEM = frozenset({"ctypes", "fcntl", "mmap", "numpy", "shmrace.engine", "shmrace.linux", "torch"})
"""What a pure room does not touch."""

HEAVY = frozenset({"numpy", "torch", "zmq"})
"""Libraries that a user may not have installed."""

MAY_BE_HEAVY = ("compare", "scenarios")
"""Rooms that import these at once; all others do within a function, where one is needed."""


def imported(path: Path, deferred: bool = True) -> Iterator[str]:
    """The full names that a file imports; those within functions too if `deferred`."""
    pending: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            yield from (f"{node.module}.{one.name}" for one in node.names)
        elif isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif deferred or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            pending += ast.iter_child_nodes(node)


def sources(top: Path) -> list[Path]:
    """All modules below a directory.  `scenarios` is a link to the repository's folder."""
    linked = (one for one in top.iterdir() if one.is_symlink() and one.is_dir())
    return sorted([*top.rglob("*.py"), *(path for one in linked for path in one.rglob("*.py"))])


def room_of(name: str, package: str, root: Path) -> str | None:
    """The room below a package that an import leads to; None if it leads elsewhere."""
    if name == package:
        return "__init__"
    if not name.startswith(f"{package}."):
        return None
    room = name.removeprefix(f"{package}.").split(".")[0]
    return room if (root / room).is_dir() or (root / f"{room}.py").is_file() else "__init__"


def upward(root: Path, package: str, layers: str) -> list[str]:
    """The imports that lead to the same line of the layers, or to one above; and files that have
    no place in them."""
    rank = {room: at for at, line in enumerate(layers.split("\n")) for room in line.split()}
    found = []
    for path in sources(root):
        place = path.relative_to(root).with_suffix("").parts
        own = place[0]
        if own not in rank:
            found.append(f"{own} has no place in the house")
            continue
        for name in imported(path):
            room = room_of(name, package, root)
            if room is not None and room != own and rank.get(room, len(rank)) <= rank[own]:
                found.append(f"{'.'.join(place)} uses {room}")
    return found


def outside_of_actors(root: Path) -> list[str]:
    """The imports of what runs in an actor that lead to what runs outside."""
    engine = root / "engine"
    return [
        f"{path.relative_to(root)} uses {name}"
        for path in sources(engine / "inside")
        for name in imported(path)
        if room_of(name, "shmrace.engine", engine) not in (None, "inside", "protocol")
    ]


def impure(root: Path) -> list[str]:
    """The imports of pure rooms that lead to the operating system or to heavy libraries."""
    return [
        f"{path.relative_to(root)} imports {name}"
        for room in PURE
        for path in sources(root / room)
        for name in imported(path)
        if any(name == one or name.startswith(f"{one}.") for one in SYSTEM)
    ]


def heavy(root: Path) -> list[str]:
    """The imports of libraries that may be missing, at once, where they must not be."""
    return [
        f"{path.relative_to(root)} imports {name}"
        for path in sources(root)
        for name in imported(path, deferred=False)
        if path.relative_to(root).parts[0] not in MAY_BE_HEAVY and name.split(".")[0] in HEAVY
    ]


def test_no_room_of_the_house_uses_one_above_it() -> None:
    assert upward(PACKAGE, "shmrace", HOUSE) == []


def test_no_room_of_the_engine_uses_one_above_it() -> None:
    assert upward(PACKAGE / "engine", "shmrace.engine", ENGINE) == []


def test_what_runs_in_an_actor_imports_nothing_of_what_runs_outside() -> None:
    assert outside_of_actors(PACKAGE) == []


def test_pure_rooms_import_neither_the_operating_system_nor_heavy_libraries() -> None:
    assert impure(PACKAGE) == []


def test_only_compare_and_scenarios_need_libraries_that_may_be_missing() -> None:
    assert heavy(PACKAGE) == []


def test_each_package_of_the_engine_says_in_its_first_line_in_which_process_it_runs() -> None:
    for package in sorted(PACKAGE.glob("engine/*/__init__.py")):
        said = ast.get_docstring(ast.parse(package.read_text(encoding="utf-8"))) or ""
        assert said.startswith(("Runs in the orchestrator", "Runs in the actor")), package


def tree(root: Path, **files: str) -> Path:
    """A tiny house without a violation, and these files besides; "__" in a name is a slash."""
    sound = {
        "__init__": "from shmrace.api import explore",
        "api__explore": "from shmrace.engine import session",
        "compare__price": "import torch",
        "engine__session": "from shmrace.engine.inside import body",
        "engine__gate__arrivals": "from shmrace.engine.state.actor import Actor",
        "engine__inside__body": "from shmrace.engine.protocol import ask\nimport ctypes",
        "engine__protocol": "from shmrace.linux import primitive",
        "engine__state__actor": "",
        "explorers__dpor": "from shmrace.model.trace import Turn",
        "judgement__invariants__names": "from shmrace.model.record import Record",
        "linux__primitive": "import ctypes",
        "model__trace": "import hashlib",
        "search__seeds": "def numbers():\n    import torch",
    }
    for name, text in {**sound, **files}.items():
        place = name if name == "__init__" else name.replace("__", "/")
        path = root / "shmrace" / f"{place}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root / "shmrace"


def found_in(root: Path) -> list[str]:
    return [
        *upward(root, "shmrace", HOUSE),
        *upward(root / "engine", "shmrace.engine", ENGINE),
        *outside_of_actors(root),
        *impure(root),
        *heavy(root),
    ]


def test_a_tree_that_keeps_the_rules_is_found_sound(tmp_path: Path) -> None:
    assert found_in(tree(tmp_path)) == []


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("judgement__ends", "from shmrace.search import loop", "judgement.ends uses search"),
        ("engine__turns", "import shmrace", "engine.turns uses __init__"),
        ("model__token", "from shmrace.linux import libc", "model.token uses linux"),
        ("cellar__rats", "", "cellar has no place in the house"),
        ("linux__trial", "def f():\n    from shmrace.api import run", "linux.trial uses api"),
        ("engine__state__gate", "from shmrace.engine.gate import x", "state.gate uses gate"),
        ("engine__gate__paths", "from shmrace.engine.session import x", "gate.paths uses session"),
        ("engine__inside__log", "from shmrace.engine.state import actor", "log.py uses shmrace"),
        ("explorers__pct", "from shmrace.linux.libc import call", "pct.py imports shmrace.linux.l"),
        ("model__bits", "import numpy as np", "model/bits.py imports numpy"),
        ("judgement__invariants__ends", "import fcntl", "ends.py imports fcntl"),
        ("api__tensors", "from torch import nn", "api/tensors.py imports torch.nn"),
        ("reports__sockets", "try:\n    import zmq\nfinally:\n    pass", "sockets.py imports zmq"),
    ],
)  # fmt: skip
def test_a_planted_violation_is_found(tmp_path: Path, name: str, text: str, said: str) -> None:
    found = found_in(tree(tmp_path, **{name: text}))
    assert any(said in one for one in found), found
