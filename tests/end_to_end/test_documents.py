"""The code in the documents runs as shown, and prints what the documents say."""

import re
from pathlib import Path

import pytest

from shmrace.reports.formats.json import as_data
from tests.support import documents
from tests.support.documents import ROOT, blocks, matches, pages, run_long, run_page
from tests.support.pytest_runs import run_pytest
from tests.support.verdicts import VERDICT

LIBRARY = "from shmrace.compare.lifecycles.deferred import DeferredHandle as ShmTensor\n"


PAGES = {page: blocks(page) for page in pages()}


@pytest.mark.parametrize("page", [page for page in PAGES if any(one.is_run for one in PAGES[page])])
def test_a_page_runs_from_its_beginning_to_its_end(page: str, tmp_path: Path) -> None:
    """Each of its commands prints what the page says, and its tests pass."""
    run_page(page, tmp_path)


@pytest.mark.long
@pytest.mark.timeout(240)
@pytest.mark.parametrize("page", [page for page in PAGES if any(one.long for one in PAGES[page])])
def test_what_takes_minutes_runs_as_well(page: str, tmp_path: Path) -> None:
    run_long(page, tmp_path)


@pytest.mark.parametrize("page", PAGES)
def test_each_block_is_run_or_says_why_not(page: str) -> None:
    silent = [one.place for one in PAGES[page] if not (one.is_run or one.not_run or one.long)]
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
    done = run_pytest(pytester, "-v", timeout=60)
    done.assert_outcomes(failed=2)
    lines = [line for line in done.stdout.lines if line.startswith("missing-segment: rank0 unl")]
    assert len(lines) == 2


def test_a_link_of_a_page_at_the_top_leads_to_a_file() -> None:
    """mkdocs checks the links within the site alone."""
    for page in (page for page in PAGES if "/" not in page):
        for target in re.findall(r"\]\(([^)#:]+)[^):]*\)", (ROOT / page).read_text()):
            assert (ROOT / target).exists(), f"{page} links to {target}"


def test_every_file_of_the_package_that_a_page_names_is_there() -> None:
    """As in `engine/session.py`, below `shmrace/`; the architecture page walks through them."""
    package = ROOT / "shmrace"
    rooms = "|".join(sorted(one.name for one in package.iterdir() if one.is_dir()))
    for page in PAGES:
        text = (ROOT / page).read_text()
        for place in re.findall(rf"`((?:{rooms})/[a-z_/]*(?:\.py)?)`", text):
            assert (package / place).exists(), f"{page} names {place}"


@pytest.mark.parametrize(
    ("page", "table", "words"),
    [
        ("verdict", "json", list(as_data(VERDICT))),
    ],
)
def test_a_table_by_hand_has_every_word_of_the_code(
    page: str, table: str, words: list[str]
) -> None:
    text = (ROOT / f"docs/reference/{page}.md").read_text()
    (found,) = re.findall(rf"<!-- by hand: {table} -->(.*?)<!-- end -->", text, flags=re.DOTALL)
    first_cells = [line.split("|")[1] for line in found.strip().splitlines()[2:]]
    assert sorted(re.findall(r"`([^`]+)`", " ".join(first_cells))) == sorted(words)
