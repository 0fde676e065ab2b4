"""The tables of the reference, made from the code.  A new one is a line in `TABLES`.

A table that a page still holds by hand stands between ``<!-- by hand: NAME -->`` and
``<!-- end -->``; to make it from the code, add it here and put ``<!-- table: NAME -->`` there.
"""

import ast
import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click

import shmrace
from shmrace.cli.main import cli
from shmrace.compare.lifecycles import LIFECYCLES
from shmrace.compare.transports import TRANSPORTS, WIRES
from shmrace.engine.gate import errnos
from shmrace.errors import ASSERTIONS, RACES
from shmrace.explorers import EXPLORERS
from shmrace.linux.calls.line import CallClass, Line
from shmrace.linux.calls.table import LINES
from shmrace.model.assumptions import Assumption
from shmrace.model.faults import FaultKind
from shmrace.model.objects import ObjectKind
from shmrace.model.operations import Operation, Outcome
from shmrace.model.words import Word
from shmrace.pytest_plugin import options
from shmrace.scenario import loading
from shmrace.scenario.base import Scenario

COMMANDS = ("explore", "replay", "compare", "list", "doctor", "bench")


def rows(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _explorers() -> str:
    return rows(
        ("explorer", "what it is", "takes a seed", "takes a bound"),
        (
            (_code(name), _first_line(inspect.getmodule(kind)), _yes(kind.uses_seed),
             _yes(kind.uses_bounds))
            for name, kind in EXPLORERS.items()
        ),
    )  # fmt: skip


def _first_line(documented: object) -> str:
    return (inspect.getdoc(documented) or "").splitlines()[0]


def _yes(value: bool) -> str:
    return "yes" if value else ""


def _places(folder: str, places: Mapping[str, str], note: str = "") -> str:
    """What the modules say of which a table holds MODULE:CLASS; read, and not imported, since some
    need libraries that are not installed everywhere."""
    found = []
    for name, place in places.items():
        module, _, kind = place.partition(":")
        tree = ast.parse((_package() / "compare" / folder / f"{module}.py").read_text())
        (made,) = [one for one in tree.body if isinstance(one, ast.ClassDef) and one.name == kind]
        of_module = (ast.get_docstring(tree) or "").split("\n\n")[0]
        of_class = (ast.get_docstring(made) or "").split("\n\n")[0]
        several = sum(isinstance(one, ast.ClassDef) for one in tree.body) > 1
        found.append((_code(name), of_class if several else of_module))
    return rows((note or folder.removesuffix("s"), "what it is"), found)


def _package() -> Path:
    return Path(inspect.getfile(shmrace)).parent


def _scenarios() -> str:
    entries = ((_code(entry.name), entry.title) for entry in loading.entries())
    return rows(("scenario", "what it is"), entries)


def _attributes() -> str:
    """The class attributes of `Scenario`, each with the comment behind it."""
    found = []
    for line in inspect.getsource(Scenario).splitlines():
        said = re.fullmatch(r"    (\w+): ([^=]+) = (.+?)  # (.+)", line)
        if said is not None:
            found.append((_code(said[1]), _code(said[2]), _code(said[3]), said[4]))
    return rows(("attribute", "type", "default", "meaning"), found)


def _errnos() -> str:
    return rows(
        ("operation", "may fail with"),
        ((_code(name), " ".join(sorted(able))) for name, able in errnos.ALLOWED.items()),
    )


def _modelled_calls() -> str:
    found: dict[tuple[str, str], list[str]] = {}
    for line in LINES:
        if line.call_class is CallClass.MODELLED:
            found.setdefault((line.shape.family, line.shape.kind), []).extend(line.calls)
    return rows(
        ("family", "what it is about", "system calls"),
        (
            (family, _code(kind), " ".join(map(_code, sorted(calls))))
            for (family, kind), calls in found.items()
        ),
    )


def _other_calls(call_class: CallClass, why: str) -> str:
    return rows(
        ("system calls", "only for", why),
        (
            (" ".join(map(_code, sorted(line.calls))), _arguments(line), line.why)
            for line in LINES
            if line.call_class is call_class
        ),
    )


def _arguments(line: Line) -> str:
    """The arguments for which a line holds, or what is looked at besides them."""
    if line.where is None:
        return line.shape.family if line.shape.family not in ("private", "opaque") else ""
    values = [*map(hex, line.where.values)] if line.where.values else [f"bits {line.where.bits:#x}"]
    shown = ", ".join(values if len(values) < 8 else [*values[:7], "..."])
    return f"argument {line.where.argument + 1}: {shown}"


def _command(name: str) -> str:
    """A command's help, and its options as a table."""
    outer = click.Context(cli, info_name="shmrace")
    command = cli.get_command(outer, name)
    assert command is not None
    context = click.Context(command, info_name=name, parent=outer)
    usage = " ".join([f"shmrace {name}", *command.collect_usage_pieces(context)])
    parts = [f"```text\n{usage}\n```", _paragraphs(command.help or "")]
    described = [
        (_code(", ".join(one.opts) + _value_of(one)), _help(one))
        for one in command.params
        if isinstance(one, click.Option)
    ]
    if described:
        parts.append(rows(("option", "meaning"), described))
    return "\n\n".join(parts)


def _value_of(option: click.Option) -> str:
    if option.is_flag:
        return ""
    if isinstance(option.type, click.Choice):
        return " " + "|".join(map(str, option.type.choices))
    return f" {option.metavar or 'N'}"


def _help(option: click.Option) -> str:
    text = option.help or ""
    default = option.default
    if "[default" in text or isinstance(default, bool):
        return text
    return f"{text} [default: {default}]" if isinstance(default, (str, int, float)) else text


def _paragraphs(text: str) -> str:
    """Click's help as Markdown: a paragraph that starts with backspace keeps its lines."""
    found = []
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        kept = paragraph.startswith("\b\n")
        found.append(f"```text\n{paragraph[2:]}\n```" if kept else paragraph)
    return "\n\n".join(found)


class _Options:
    """Stands for pytest's parser, and remembers what it is told."""

    def __init__(self) -> None:
        self.found: dict[str, tuple[str, str, str]] = {}

    def getgroup(self, *about: str) -> "_Options":
        return self

    def addoption(self, name: str, metavar: str, help: str) -> None:
        self.found[name] = (f"{name} {metavar}", "", help)

    def addini(self, name: str, help: str, default: str) -> None:
        option = "--" + name.replace("_", "-")
        said, _, text = self.found.get(option, ("", "", help))
        self.found[option] = (said, name, text)


def _pytest_options() -> str:
    parser: Any = _Options()
    options.add(parser)
    return rows(
        ("command line", "ini file", "meaning"),
        ((_code(said), _code(ini), text) for said, ini, text in parser.found.values()),
    )


def _decisions() -> str:
    """The pages of the decisions, by their headings."""
    found = []
    for page in sorted((Path(__file__).parents[1] / "decisions").glob("[0-9]*.md")):
        number, _, title = page.read_text().splitlines()[0].removeprefix("# ").partition(". ")
        found.append((number, f"[{title}]({page.name})"))
    return rows(("number", "decision"), found)


def _words(head: str, words: Iterable[Word]) -> str:
    """Words that are data, each with its meaning."""
    return rows((head, "meaning"), ((_code(word), word.meaning) for word in words))


def _kinds() -> str:
    return rows(
        ("kind", "error", "meaning"),
        ((_code(kind), _code(race.__name__), race.__doc__ or "") for kind, race in RACES.items()),
    )


def _assertions() -> str:
    return rows(
        ("assertion", "meaning", "broken by"),
        (
            (_code(name), meaning, ", ".join(
                _code(kind) for kind, race in RACES.items() if name in race.breaks))
            for name, meaning in ASSERTIONS.items()
        ),
    )  # fmt: skip


TABLES: dict[str, Callable[[], str]] = {
    "assertions": _assertions,
    "assumptions": partial(_words, "assumption", Assumption),
    "attributes": _attributes,
    "calls modelled": _modelled_calls,
    "calls opaque": partial(_other_calls, CallClass.OPAQUE, "what is not known"),
    "calls private": partial(_other_calls, CallClass.PRIVATE, "why nobody else notices"),
    "decisions": _decisions,
    "errnos": _errnos,
    "explorers": _explorers,
    "faults": partial(_words, "fault", FaultKind),
    "kinds": _kinds,
    "lifecycles": partial(_places, "lifecycles", LIFECYCLES),
    "objects": partial(_words, "object", ObjectKind),
    "operations": partial(_words, "operation", Operation),
    "outcomes": partial(_words, "outcome", Outcome),
    "pytest options": _pytest_options,
    "scenarios": _scenarios,
    "transports": partial(_places, "transports", TRANSPORTS),
    "wires": partial(_places, "transports", WIRES, "wire"),
    **{f"command {name}": partial(_command, name) for name in COMMANDS},
}
"""Each table by the name in its marker."""
