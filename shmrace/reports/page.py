"""Pages: a template of this folder, filled in; everything that it is given is escaped."""

from importlib.resources import files


def rendered(template: str, **values: object) -> str:
    """One self-contained HTML file; ends with a line feed."""
    from jinja2 import (
        Environment,
        FunctionLoader,
        StrictUndefined,
    )  # costs too much for who only imports shmrace

    folder = files("shmrace.reports")
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=FunctionLoader(lambda name: folder.joinpath(name).read_text(encoding="utf-8")),
    )
    return environment.get_template(template).render(**values).rstrip("\n") + "\n"
