"""HTML pages: a template of this folder with values, all of which are escaped."""

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment


def rendered(template: str, **values: object) -> str:
    """One self-contained HTML file; ends with a line feed.

    Characters that are not valid Unicode, which file names may hold, are written as escapes.
    """
    page = _environment().get_template(template).render(**values).rstrip("\n") + "\n"
    return page.encode("utf-8", "backslashreplace").decode("utf-8")


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FunctionLoader, StrictUndefined  # slow to import

    folder = files("shmrace.reports").joinpath("formats").joinpath("templates")
    return Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=FunctionLoader(lambda name: folder.joinpath(name).read_text(encoding="utf-8")),
    )
