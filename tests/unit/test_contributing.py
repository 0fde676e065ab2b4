"""What CONTRIBUTING.md points to is there, and no room of the house is left out of it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
TOP = "shmrace|tests|scenarios|docs"
PATHS = sorted(set(re.findall(rf"`((?:{TOP})(?:/[\w./-]+)?|[A-Z]+\.md)[` ]", TEXT)))
NAMES = sorted(set(re.findall(r"`(\w+)` in\s+`([\w./-]+)`", TEXT)))


def rooms(package: str) -> list[str]:
    """The packages directly within a package."""
    return sorted(
        str(path.parent.relative_to(ROOT)) for path in (ROOT / package).glob("*/__init__.py")
    )


def test_the_document_names_many_paths() -> None:
    """Else the other tests would hold nothing."""
    assert len(PATHS) > 60
    assert len(NAMES) > 20


@pytest.mark.parametrize("path", PATHS)
def test_every_path_is_there(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize(("name", "path"), NAMES)
def test_every_name_is_in_the_file_that_is_said_to_hold_it(name: str, path: str) -> None:
    """It is defined there: a function, a class, a table."""
    text = (ROOT / path).read_text(encoding="utf-8")
    assert re.search(rf"^(?:def |class )?{name}\b", text, flags=re.MULTILINE)


@pytest.mark.parametrize("package", ["shmrace", "shmrace/engine"])
def test_every_room_has_a_line(package: str) -> None:
    """A room without one is a room in which nobody knows what belongs there."""
    assert [room for room in rooms(package) if f"| `{room}` |" not in TEXT] == []
