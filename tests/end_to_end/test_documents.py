"""What the documents show runs as it stands there, and prints what they say it prints."""

import re
from pathlib import Path

import pytest

from tests.support import documents
from tests.support.documents import ROOT, Block, blocks, matches, pages, run_page

LIBRARY = "from shmrace.compare.lifecycles.deferred import DeferredHandle as ShmTensor\n"


def is_run(page: str) -> bool:
    return any(block.is_run for block in blocks(page))


@pytest.mark.parametrize("page", [page for page in pages() if is_run(page)])
def test_a_page_runs_from_its_beginning_to_its_end(page: str, tmp_path: Path) -> None:
    """Each of its commands prints what the page says, and its tests pass."""
    run_page(page, tmp_path)


@pytest.mark.parametrize("page", pages())
def test_each_block_is_run_or_says_why_not(page: str) -> None:
    silent = [block.place for block in blocks(page) if not block.is_run and not block.not_run]
    assert not silent, f"neither run nor marked: {', '.join(silent)}"


def test_a_block_that_is_neither_run_nor_marked_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "ROOT", tmp_path)
    (tmp_path / "page.md").write_text(
        "```\nfree\n```\n\n<!-- not run: why -->\n```yaml\na: 1\n```\n"
    )
    free, marked = blocks("page.md")
    assert (free.is_run, free.not_run) == (False, "")
    assert (marked.is_run, marked.not_run) == (False, "why")


def test_a_command_that_prints_something_else_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "ROOT", tmp_path)
    (tmp_path / "page.md").write_text("```console\n$ echo one\none\n$ echo two\n2\n```\n")
    with pytest.raises(AssertionError, match=r"page.md:1: echo two"):
        run_page("page.md", tmp_path)


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        ("a\nb", "a\nb\n", True),
        ("a", "a\nb\n", False),
        ("a\n...\nd", "a\nb\nc\nd\n", True),
        ("a\n...\nd", "a\nb\nc\n", False),
        ("took 1.5 s (x)", "took 12 s (x)\n", True),
        ("at ... end", "at the very end\n", True),
        ("at ... end", "at the very\nend\n", False),
    ],
)
def test_dots_stand_for_anything_and_seconds_are_not_compared(
    expected: str, printed: str, same: bool
) -> None:
    assert matches(expected, printed) is same


def test_the_readme_finds_the_race_without_the_barrier(pytester: pytest.Pytester) -> None:
    """Each form of the test fails, with the race as its first line."""
    python = [block.text for block in blocks("README.md") if block.language == "python"]
    text = "\n".join(python[:2])
    assert "        world.barrier()\n" in text
    pytester.makepyfile(mylib=LIBRARY, test_readme=text.replace("        world.barrier()\n", ""))
    done = pytester.runpytest_subprocess("-v", timeout=60)
    done.assert_outcomes(failed=2)
    lines = [line for line in done.stdout.lines if line.startswith("missing-segment: rank0 unl")]
    assert len(lines) == 2


def test_a_link_from_one_page_to_a_file_leads_somewhere() -> None:
    """mkdocs checks those within the site; these are those of the files at the top."""
    for page in (page for page in pages() if "/" not in page):
        for target in re.findall(r"\]\(([^)#:]+)\)", (ROOT / page).read_text()):
            assert (ROOT / target).exists(), f"{page} links to {target}"


def by_hand(page: str, table: str) -> list[str]:
    """The words in the first column of a table that a page holds by hand."""
    text = (ROOT / page).read_text()
    (found,) = re.findall(rf"<!-- by hand: {table} -->(.*?)<!-- end -->", text, flags=re.DOTALL)
    return re.findall(r"^\| `([^`]+)`", found, flags=re.MULTILINE)


__all__ = ["Block"]
