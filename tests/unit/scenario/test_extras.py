"""A package that is missing is named with the command that installs it, and only if it is ours."""

import sys
from pathlib import Path

import pytest

from shmrace.errors import UsageError
from shmrace.scenario.extras import OPTIONAL, OptionalPackage, needed_by

PROJECT = Path(__file__).parents[3] / "pyproject.toml"


@pytest.mark.parametrize("module", OPTIONAL)
def test_an_optional_package_is_named_with_its_extra(
    module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)  # as if it were not installed
    optional = OPTIONAL[module]
    with pytest.raises(UsageError) as raised, needed_by("mine"):
        __import__(module)
    assert str(raised.value) == (
        f"mine needs {optional.package}, which is not installed:"
        f" pip install 'shmrace[{optional.extra}]'"
    )


@pytest.mark.parametrize("module", ["no_such_module", "torch.no_such_module"])
def test_any_other_missing_module_is_left_to_the_caller(
    module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ModuleNotFoundError), needed_by("mine"):
        raise ModuleNotFoundError(name=module)


@pytest.mark.parametrize("optional", OPTIONAL.values(), ids=OPTIONAL)
def test_the_extras_of_the_project_install_what_the_messages_say(
    optional: OptionalPackage,
) -> None:
    lines = PROJECT.read_text().splitlines()
    (extra,) = [line for line in lines if line.startswith(f"{optional.extra} = [")]
    assert f'"{optional.package}>=' in extra
