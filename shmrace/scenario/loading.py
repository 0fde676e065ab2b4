"""Loading scenarios: by name in the catalogue, by file and class, or by module and class.

A target is a name such as ``sglang-deferred``, which is a file in ``scenarios/``; or
``path/to/file.py:Class``; or ``package.module:Class``.  The class may be left out if the file
defines only one.
"""

import ast
import importlib
import importlib.util
import os
import sys
import traceback
import types
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from shmrace.errors import UsageError, text_of
from shmrace.scenario import extras
from shmrace.scenario.base import Scenario, made

Loaded = TypeVar("Loaded")
_CATALOGUE = "shmrace.scenarios"
_PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Entry:
    """A scenario of the catalogue: its name, and the first line of its docstring."""

    name: str
    title: str


def directory() -> Path:
    """The folder of the catalogue; in a checkout it is a link to the top-level folder."""
    return _PACKAGE / "scenarios"


def entries() -> list[Entry]:
    """The catalogue, sorted by name.  No scenario is imported."""
    found = []
    for path in sorted(directory().glob("[a-z]*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
        title = ast.get_docstring(classes[-1]) if classes else None
        found.append(Entry(path.stem.replace("_", "-"), (title or "").split("\n")[0]))
    return found


def load(target: str) -> type[Scenario]:
    """The scenario class of a target.  Raises a `UsageError` that says what is wrong."""
    place, colon, name = target.partition(":")
    if place.endswith(".py") or os.sep in place:
        return _class_in(_file_module(place), name, target)
    if colon:
        return _class_in(_named_module(place, target), name, target)
    if place in {entry.name for entry in entries()}:
        with extras.needed_by(place):
            module = importlib.import_module(f"{_CATALOGUE}.{place.replace('-', '_')}")
        return _class_in(module, "", target)
    names = ", ".join(entry.name for entry in entries())
    raise UsageError(
        f"unknown scenario {target!r}: there are {names}; or give path/to/file.py:Class or"
        " package.module:Class"
    )


def target_of(scenario: Scenario) -> str | None:
    """The target of a scenario for a command line in the current directory.

    None if no command line can name it, such as a class within a function.
    """
    kind = type(scenario)
    if kind.__module__.startswith(f"{_CATALOGUE}."):
        return kind.__module__.rpartition(".")[2].replace("_", "-")
    if kind.__module__.startswith("shmrace."):
        return f"{kind.__module__}:{kind.__qualname__}"
    path = getattr(sys.modules.get(kind.__module__), "__file__", None)
    if path is None or "<locals>" in kind.__qualname__:
        return None
    return f"{os.path.relpath(path)}:{kind.__qualname__}"


def with_settings(kind: type[Scenario], settings: dict[str, str]) -> Scenario:
    """An instance with parameters given as texts.

    Each text is converted to the type of the value in the class.  Raises `UsageError` for an
    unknown parameter or a text that cannot be converted.
    """
    known = kind.defaults()
    values = {}
    for name, text in settings.items():
        if name not in known:
            raise UsageError(
                f"{kind.__name__} has no parameter {name!r}; it has: {', '.join(known)}"
            )
        values[name] = _read(name, text, known[name])
    return made(kind, values)


def _read(name: str, text: str, example: Any) -> Any:
    try:
        if isinstance(example, bool):
            return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}[
                text.lower()
            ]
        if isinstance(example, (int, float)):
            return type(example)(text)
        if isinstance(example, (tuple, list)):
            kind = type(example[0]) if example else str
            return type(example)(kind(part.strip()) for part in text.split(",") if part.strip())
    except (ValueError, KeyError):
        raise UsageError(
            f"--set {name}={text}: this parameter is of type {type(example).__name__},"
            f" as in {_spelled(example)}"
        ) from None
    if example is not None and not isinstance(example, str):
        raise UsageError(
            f"--set {name}: a parameter of type {type(example).__name__} can be set in code only"
        )
    return text


def _spelled(example: Any) -> str:
    if isinstance(example, (tuple, list)):
        return ",".join(str(one) for one in example)
    return str(example)


def _file_module(place: str) -> types.ModuleType:
    path = Path(place)
    if not path.is_file():
        raise UsageError(f"there is no file {place}")
    name = path.stem
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{place} is no Python file: give one whose name ends in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault(name, module)
    sys.path.insert(0, str(path.resolve().parent))
    loader = spec.loader
    _execute(lambda: loader.exec_module(module), place)
    return module


def _named_module(name: str, target: str) -> types.ModuleType:
    sys.path.insert(0, os.getcwd())
    try:
        found = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        found = None
    if found is None:
        raise UsageError(f"there is no module {name!r} (in {target!r})")
    return _execute(lambda: importlib.import_module(name), target)


def _execute(load_it: Callable[[], Loaded], place: str) -> Loaded:
    try:
        with extras.needed_by(place):
            return load_it()
    except UsageError:
        raise
    except SyntaxError as error:
        raise UsageError(
            f"{error.filename or place} does not compile: line {error.lineno}: {error.msg}"
        ) from None
    except (Exception, SystemExit) as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        raise UsageError(
            f"{place} cannot be imported: {type(error).__name__}: {text_of(error)}"
            f" ({last.filename}:{last.lineno})"
        ) from None


def _class_in(module: types.ModuleType, name: str, target: str) -> type[Scenario]:
    own = [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Scenario)
        and value is not Scenario
        and value.__module__ == module.__name__
    ]
    if name:
        found = getattr(module, name, None)
        if isinstance(found, type) and issubclass(found, Scenario) and found is not Scenario:
            return found
        names = ", ".join(one.__name__ for one in own) or "none"
        raise UsageError(f"{target}: {name} is not a scenario in this file; scenarios: {names}")
    if not own:
        raise UsageError(f"{target}: found no subclass of shmrace.Scenario")
    if len(own) > 1:
        names = ", ".join(one.__name__ for one in own)
        place = target.rstrip(":")
        raise UsageError(
            f"{place}: defines several scenarios; write {place}:NAME with one of {names}"
        )
    return own[0]
