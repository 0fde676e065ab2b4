"""What cannot be loaded, or set, gets one clear line."""

from pathlib import Path

import pytest

from shmrace.errors import UsageError
from shmrace.scenario import loading
from shmrace.scenario.base import Scenario, World


class Held(Scenario):
    table = {"a": 1}

    def rank(self, world: World) -> None: ...


def test_a_file_that_exits_cannot_be_loaded(tmp_path: Path) -> None:
    (tmp_path / "exits.py").write_text("import sys\nsys.exit(3)\n")
    with pytest.raises(UsageError, match=r"exits.py cannot be imported: SystemExit: 3 \(.*:2\)"):
        loading.load(str(tmp_path / "exits.py"))


def test_what_no_text_can_say_is_set_in_code() -> None:
    with pytest.raises(UsageError, match="a parameter of type dict can be set in code only"):
        loading.with_settings(Held, {"table": "a:2"})
