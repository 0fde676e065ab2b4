"""A program as Python source: what is run, and what a case file holds.

There is one text for both, so that a case that is written of a program does what the program did.
"""

import linecache
from functools import lru_cache
from pathlib import Path
from typing import Any

from shmrace.scenario.base import Scenario
from tests.support.random_programs import player
from tests.support.random_programs.program import Body, Program

NAME = "Drawn"
_IMPORTS = "import fcntl\nimport os\nimport select\nimport socket\nimport stat\n"
_MODULE = f"from {player.__name__} import A, B, C, D, IN_D, SHM, RandomScenario\n"


@lru_cache(maxsize=16)
def scenario_of(program: Program) -> Scenario:
    """An instance of its class."""
    text = f"{_IMPORTS}\n{_MODULE}\n{class_text(program)}"
    place = f"<program {program.seed}, {abs(hash(text)):x}>"
    linecache.cache[place] = (len(text), None, text.splitlines(keepends=True), place)
    module: dict[str, Any] = {"__name__": "drawn"}
    exec(compile(text, place, "exec"), module)
    found: Scenario = module[NAME]()
    return found


def case(program: Program, title: str, check: str = "") -> str:
    """A file for `shmrace explore FILE:Drawn`, which needs nothing else; `check` is the body of a
    method."""
    helpers = Path(player.__file__).read_text()
    _, _, helpers = helpers.split('"""', 2)
    return f'"""{title}\n"""\n{_IMPORTS}{helpers}\n\n{class_text(program, check)}'


def class_text(program: Program, check: str = "") -> str:
    """Its bodies as functions, and its class."""
    ranks = [(f"rank{number}", body) for number, body in enumerate(program.ranks)]
    children = [(f"child{number}", body) for number, body in enumerate(program.children)]
    parts = [_function(name, body) for name, body in (*ranks, *children)]
    lines = [
        f"class {NAME}(RandomScenario):",
        f'    """Seed {program.seed}: {", ".join(program.features)}."""',
        "",
        f"    ranks = {len(program.ranks)}",
        f"    tidy = {program.tidy}",
        f"    checkpoints = {program.checkpoints}",
        f"    knows_pids = {program.knows_pids}",
        "",
        "    def bodies(self):",
        f"        return [{', '.join(name for name, _ in ranks)}]",
        "",
        "    def children(self):",
        f"        return [{', '.join(name for name, _ in children)}]",
    ]
    if check:
        lines += ["", "    def check(self, execution):"]
        lines += [f"        {line}" for line in check.splitlines()]
    return "\n\n".join([*parts, "\n".join(lines) + "\n"])


def _function(name: str, body: Body) -> str:
    lines = [f"    p.do(lambda: {one.text})" for one in body] or ["    pass"]
    return "\n".join([f"def {name}(p):", *lines, ""])
