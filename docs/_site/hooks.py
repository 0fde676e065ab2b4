"""What mkdocs calls while it builds the site: puts tables that are made from the code into pages.

A page asks for one by a marker on a line of its own, ``<!-- table: explorers -->``.
"""

import importlib.util
import re
from pathlib import Path
from types import ModuleType
from typing import Any

from mkdocs.exceptions import PluginError

MARKER = re.compile(r"^<!-- table: ([a-z -]+) -->$", re.MULTILINE)


def _load(name: str) -> ModuleType:
    """A module that lies beside this one; mkdocs loads a hook by its path, outside any package."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_tables = _load("tables")


def on_page_markdown(markdown: str, **about: Any) -> str:
    """Replace each marker by its table; a name that no table has ends the build."""

    def table(marker: re.Match[str]) -> str:
        if marker[1] not in _tables.TABLES:
            known = ", ".join(_tables.TABLES)
            raise PluginError(f"{about['page'].file.src_uri}: no table {marker[1]!r}; {known}")
        return str(_tables.TABLES[marker[1]]())

    return MARKER.sub(table, markdown)
