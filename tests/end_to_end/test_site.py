"""The site builds, strictly and without a network, and its tables hold what the code says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from shmrace.explorers import EXPLORERS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site; building it warns of nothing."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT), "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    return folder


def test_each_page_of_the_documents_is_in_the_site(site: Path) -> None:
    for page in (ROOT / "docs").rglob("*.md"):
        place = page.relative_to(ROOT / "docs").with_suffix("")
        name = place.parent if place.name == "index" else place
        assert (site / name / "index.html").exists(), page


def test_a_table_is_made_of_what_the_code_holds(site: Path) -> None:
    text = (site / "reference/explorers/index.html").read_text()
    assert "<!-- table" not in text
    for name in EXPLORERS:
        assert f"<td><code>{name}</code></td>" in text


def test_a_page_asks_no_other_machine_for_anything(site: Path) -> None:
    """Fonts, scripts, styles and images come from the site itself; links may lead elsewhere."""
    sources = re.compile(r'<(?:script|img|iframe|source)[^>]+src="?([^" >]+)')
    sheets = re.compile(r'<link[^>]+rel="?(?:stylesheet|preconnect|icon)\b[^>]*href="?([^" >]+)')
    for page in site.rglob("*.html"):
        text = page.read_text()
        asked = sources.findall(text) + sheets.findall(text)
        assert asked
        assert not [one for one in asked if one.startswith(("http:", "https:", "//"))], page
