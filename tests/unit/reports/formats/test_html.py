"""The HTML page of a verdict: its content; it loads nothing; no text in it is markup."""

import html as standard_html
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from shmrace.errors import Nondeterminism
from shmrace.model.breach import Breach
from shmrace.model.verdict import Finding, Verdict
from shmrace.reports.formats import html
from tests.support.verdicts import (
    ASSUMING,
    FINDING,
    HOSTILE,
    PROVED,
    SAMPLED,
    UNCLEAR,
    VERDICT,
    hostile,
)

_VOID = {"meta", "br"}
_SELF_CLOSED = {"path", "rect", "line", "circle"}


class Page(HTMLParser):
    """Elements and texts; complains about one that is not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _SELF_CLOSED
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append(data.strip())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def test_a_page_begins_with_the_whole_story_and_ends_with_what_it_rests_on() -> None:
    text = html.report(VERDICT)
    assert text.startswith("<!DOCTYPE html>")
    page = Page(text)
    story = "missing-segment: rank0 unlinks seg0 (a.py:1) before rank1 attaches it (a.py:2)"
    assert page.texts[0] == story  # the title
    assert page.texts.index("fail") < page.texts.index(story, 1)
    for expected in (
        "rank1 raised FileNotFoundError", "These two race", "rank0: unlink seg0",
        "rank1: attach seg0: GONE", "rank2 waited in vain", 'RANK1 PRINTED', '" hello', '" there',
        "shmrace replay case.py:Case sr1-abc-def", "3 executions, 3 distinct schedules",
    ):  # fmt: skip
        assert expected in page.texts


def test_every_mark_is_a_link_to_an_entry_of_its_own() -> None:
    page = Page(html.report(VERDICT))
    links = [one["href"] for one in page.all("a") if "mark" in (one.get("class") or "").split()]
    entries = [one["id"] for one in page.all("li") if one.get("class") == "entry"]
    assert len(links) == 17
    assert links == [f"#{id_}" for id_ in entries]
    identifiers = [one["id"] for _, one in page.elements if one.get("id")]
    assert len(identifiers) == len(set(identifiers))


@pytest.mark.parametrize("verdict", [VERDICT, PROVED, UNCLEAR], ids=["fail", "pass", "unclear"])
def test_a_page_asks_for_nothing_else_and_is_the_same_each_time(verdict: Verdict) -> None:
    """No address, no file, no time that it took."""
    text = html.report(verdict)
    assert text == html.report(verdict)
    assert not re.search(r"https?:|//\w|@import|\bsrc=|url\((?!#)", text)
    assert {name for name, _ in Page(text).elements}.isdisjoint({"link", "img", "iframe"})
    assert "0.5" not in "\n".join(Page(text).texts[2:-1])


def test_whatever_a_user_can_name_is_text_and_never_markup(tmp_path: Path) -> None:
    verdict = hostile(tmp_path)
    text = html.report(verdict)
    page = Page(text)
    assert text.count("<script>") == 1
    assert text.count("</style>") == 1
    assert "49" not in page.texts
    assert standard_html.escape(HOSTILE, quote=False)[:30] in text
    assert all(HOSTILE in "\n".join(page.texts) for _ in verdict.findings)
    assert sum(one == HOSTILE for one in page.texts) > 10


def test_a_name_that_is_no_unicode_is_written_as_an_escape() -> None:
    steps = tuple(replace(one, name=one.name and "\udcff") for one in FINDING.trace)
    text = html.report(replace(VERDICT, findings=(replace(FINDING, trace=steps),)))
    assert b"create \\udcff" in text.encode()


def test_what_was_not_the_same_twice_has_a_page_without_a_picture() -> None:
    finding = Finding(Breach(Nondeterminism, "the same decisions gave another trace"))
    page = Page(html.report(replace(UNCLEAR, findings=(finding,))))
    assert page.texts[2:4] == ["inconclusive", finding.first_line]
    assert page.all("svg") == []


def test_several_findings_are_listed_and_each_has_a_section(tmp_path: Path) -> None:
    page = Page(html.report(hostile(tmp_path)))
    targets = [one["href"] for one in page.all("a") if one["href"] in ("#f1", "#f2")]
    assert targets == ["#f1", "#f2"]
    assert [one["id"] for one in page.all("section") if one.get("id")] == ["f1", "f2"]
    assert "2. leak: seg0 stays" in page.texts


def test_a_pass_says_what_it_rests_on() -> None:
    proved = Page(html.report(PROVED)).texts
    assert "proved: no finding; all 3 distinct schedules run" in proved
    assert any(one.endswith("and nothing is assumed.") for one in proved)
    assuming = Page(html.report(ASSUMING)).texts
    assert "complete: no finding; all 3 distinct schedules run" in assuming
    assert "8 x leak" in assuming
    assert any(one.startswith("warm: not every distinct schedule") for one in assuming)
    assert any(one.startswith("io_uring_setup: ") for one in assuming)
    sampled = Page(html.report(SAMPLED)).texts
    assert "walk, seed 7" in sampled
    assert "1 of 12 seen in both orders" in sampled
    assert "1 more" in sampled
    unclear = Page(html.report(UNCLEAR)).texts
    assert "inconclusive: no segment was created" in unclear
