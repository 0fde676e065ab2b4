"""Requests and replies are plain data; the orchestrator opens no pickle."""

import ast
from pathlib import Path

import pytest

from shmrace.engine.protocol import decode, decoded, encode, encoded

PACKAGE = Path(__file__).parents[3] / "shmrace"
IN_ACTORS = ("engine/inside", "compare/lifecycles", "compare/transports", "compare/wires")
BY_THE_USER = "model/returned.py"


@pytest.mark.parametrize(
    "value", [None, (), ("ok", None), ("ok", b"\0\1"), (b"", b"ab", ("c", b"")), {"a": (1, b"x")}]
)
def test_what_is_encoded_comes_back_with_tuples_for_lists(value: object) -> None:
    assert decoded(encoded(value)) == value


def test_a_single_reply_stands_alone() -> None:
    assert decoded(encode("ok", b"x")) == ("ok", b"x")
    assert decoded(encode(None)) is None


@pytest.mark.parametrize(
    "content",
    [b"", b"\0", b"[1", b"{}\0", b"1\0", b"[" * 100_000 + b"\0", b"\x80\x05N.", b'{"bytes":1}\0'],
)
def test_what_nobody_has_encoded_is_no_request(content: bytes) -> None:
    with pytest.raises(ValueError, match="no plain data"):
        decode(content)


def test_nothing_is_unpickled_in_the_orchestrator() -> None:
    """Where a pickle is opened, code of what it holds runs: in actors, or where a user says so."""
    opening = set()
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        for node in ast.walk(ast.parse(path.read_text())):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Attribute) and called.attr in ("load", "loads", "Unpickler"):
                owner = called.value.id if isinstance(called.value, ast.Name) else ""
                if owner in ("pickle", "marshal", "shelve", "dill", "torch"):
                    opening.add(name)
    assert BY_THE_USER in opening
    others = opening - {BY_THE_USER}
    assert all(name.startswith(IN_ACTORS) for name in others), others
