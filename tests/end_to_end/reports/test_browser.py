"""Pages in a real browser: drawing, pointer, keyboard, light and dark colours, no errors."""

import importlib.util
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shmrace.compare.grid import Cell
from shmrace.compare.handover import Handover
from shmrace.errors import Leak
from shmrace.reports.formats import html, html_comparison
from tests.support.real_parts import needed, program
from tests.support.verdicts import FINDING, HOSTILE, PROVED, VERDICT, changed, hostile

if TYPE_CHECKING:
    from selenium.webdriver.chrome.webdriver import WebDriver
    from selenium.webdriver.remote.webelement import WebElement

ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run"
    " --disable-background-networking --disable-component-update --disable-sync"
    " --disable-dev-shm-usage --window-size=1400,1000"
).split()  # other tests watch /dev/shm

OUTSIDE = """(() => {
  const found = [];
  for (const one of document.querySelectorAll(".picture :is(rect, circle, text, .line, .sign)")) {
    const box = one.getBoundingClientRect(), all = one.closest("svg").getBoundingClientRect();
    const within = box.left > all.left - 1 && box.right < all.right + 1;
    if (!within || box.bottom > all.bottom + 1) found.push(one.outerHTML);
  }
  return found;
})()"""
"""What is drawn outside of its picture."""


@contextmanager
def browser(profile: Path) -> Iterator["WebDriver"]:
    """A headless Chromium with an empty profile; skips the test where there is none."""
    needed(
        "selenium" if importlib.util.find_spec("selenium") else None, "selenium is not installed"
    )
    chromium, driver = program("chromium"), program("chromedriver")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in (*ARGUMENTS, f"--user-data-dir={profile}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    running = webdriver.Chrome(options, Service(driver, log_output=subprocess.DEVNULL))
    try:
        yield running
    finally:
        running.quit()


class Viewer:
    """One who looks at pages."""

    def __init__(self, running: "WebDriver") -> None:
        self.running = running

    def open(self, page: Path, scheme: str = "light") -> None:
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.running.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        self.running.get(page.as_uri())

    def all(self, selector: str) -> list["WebElement"]:
        return self.running.find_elements("css selector", selector)

    def one(self, selector: str) -> "WebElement":
        return self.running.find_element("css selector", selector)

    def press(self, *names: str) -> str:
        """Press keys; what the element that has the focus then is called."""
        from selenium.webdriver.common.keys import Keys

        for name in names:
            self.running.switch_to.active_element.send_keys(getattr(Keys, name))
        return self.running.switch_to.active_element.get_attribute("aria-label") or ""

    def ask(self, script: str) -> Any:
        return self.running.execute_script(f"return {script}")

    def complaints(self) -> list[str]:
        """What the console says, and what the page has fetched."""
        said = [entry["message"] for entry in self.running.get_log("browser")]  # type: ignore[no-untyped-call]
        return said + list(
            self.ask("performance.getEntriesByType('resource').map(one => one.name)")
        )

    def contrast(self, selector: str) -> float:
        """Between the text and the page, as WCAG 2 defines it."""
        style = f"getComputedStyle(document.querySelector({selector!r}))"
        ink = self.ask(f"{style}.{'fill' if selector.endswith(' text') else 'color'}")
        page = self.ask("getComputedStyle(document.body).backgroundColor")
        light, dark = sorted((_luminance(ink), _luminance(page)), reverse=True)
        return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(one) / 255 for one in re.findall(r"\d+", colour)[:3]]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_pages_work_in_a_real_browser(tmp_path: Path) -> None:
    """One after the other: a failure in light and dark by pointer and keys, hostile names, without
    scripts, the comparison."""
    verdict = replace(VERDICT, findings=(FINDING, changed(FINDING, race=Leak, racing=None)))
    pages = {
        "failure": html.report(verdict),
        "hostile": html.report(hostile(tmp_path)),
        "comparison": html_comparison.table(
            [
                Cell(Handover(lifecycle="deferred", transport="relay"), VERDICT),
                Cell(Handover(lifecycle="inline", transport="relay"), PROVED),
            ]
        ),
    }
    files = {name: tmp_path / f"{name}.html" for name in pages}
    for name, text in pages.items():
        files[name].write_text(text, encoding="utf-8")
    with browser(tmp_path / "profile") as running:
        viewer = Viewer(running)
        grounds = []
        for scheme in ("light", "dark"):
            viewer.open(files["failure"], scheme)
            grounds.append(viewer.ask("getComputedStyle(document.body).backgroundColor"))
            for selector in ("h1", ".soft", ".chip", ".mark.quiet text", ".mark.race text"):
                assert viewer.contrast(selector) >= 4.5, (scheme, selector)
        assert grounds == ["rgb(255, 255, 255)", "rgb(13, 17, 23)"]
        _is_drawn(viewer)
        _is_used_by_pointer(viewer)
        _is_used_by_keys(viewer)
        _leads_to_each_finding(viewer)
        assert viewer.complaints() == []

        viewer.open(files["hostile"])
        assert viewer.one("h1").text == f"missing-segment: {' '.join(HOSTILE.split())}"
        viewer.all("#f1 a.mark.race")[1].click()
        assert " ".join(HOSTILE.split()) in viewer.one(".panel").text
        assert viewer.ask("typeof hacked") == "undefined"
        assert viewer.complaints() == []

        _opens_what_is_behind_a_cell(viewer, files["comparison"])
        assert viewer.complaints() == []

        running.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        viewer.open(files["failure"])
        assert not viewer.one(".panel").is_displayed()
        assert viewer.all("button.copy") == []
        viewer.one("#f1 a.mark.race").click()
        assert viewer.one("#f1-13").is_displayed()  # the list of steps opens itself


def _is_drawn(viewer: Viewer) -> None:
    """Lanes, bars, bands, the pair; nothing lies outside of its picture."""
    assert [one.text for one in viewer.all("#f1 .heads text")] == [
        "seg0", "sender", "rank0", "rank1"
    ]  # fmt: skip
    assert len(viewer.all("#f1 a.mark")) == 17
    assert len(viewer.all("#f1 a.mark.race")) == 2
    assert len(viewer.all("#f1 a.mark.preempts")) == 2
    assert len(viewer.all("#f1 .bar")) == 1
    assert len(viewer.all("#f1 .band")) == 2
    assert viewer.ask(OUTSIDE) == []
    heights = [one.size["height"] for one in viewer.all("#f1 .bar")]
    assert heights[0] > 100


def _is_used_by_pointer(viewer: Viewer) -> None:
    """The panel shows the racing step, and another one while the pointer is over it."""
    from selenium.webdriver.common.action_chains import ActionChains

    panel = viewer.one("#f1 .panel")
    assert panel.get_attribute("aria-live") == "polite"
    assert panel.text.startswith("unlink seg0\nstep 13, rank0\nraces with step 16")
    create = viewer.all("#f1 a.mark")[1]
    ActionChains(viewer.running).move_to_element(create).perform()
    assert panel.text == "create seg0\nstep 2, sender"
    ActionChains(viewer.running).move_to_element(viewer.one("h1")).perform()
    assert panel.text.startswith("unlink seg0")


def _is_used_by_keys(viewer: Viewer) -> None:
    """Up and down go through time, left and right stay with the actor; one stop for Tab."""
    assert len(viewer.all("#f1 a.mark[tabindex='0']")) == 1
    viewer.one("#f1 a.mark.race").click()
    assert viewer.press("ARROW_DOWN").startswith("step 14, rank0: exit")
    assert viewer.press("ARROW_LEFT", "ARROW_LEFT").startswith("step 12, rank0: checkpoint")
    assert "the actor before was interrupted here" in viewer.one("#f1 .panel").text
    assert viewer.press("ARROW_UP").startswith("step 10-11, rank1: sleep x 2")
    assert viewer.press("ARROW_RIGHT").startswith("step 15, rank1: recv")
    assert "possible since step 5, sender: broadcast" in viewer.one("#f1 .panel").text
    assert viewer.press("END").startswith("step 18, rank1: exit")
    assert viewer.press("HOME").startswith("step 1, sender: start")


def _leads_to_each_finding(viewer: Viewer) -> None:
    links = viewer.all(".findings a")
    assert [one.text.partition(":")[0] for one in links] == ["missing-segment", "leak"]
    links[1].click()
    assert abs(viewer.ask("document.querySelector('#f2').getBoundingClientRect().top")) < 200
    assert len(viewer.all("#f2 svg.picture a.mark")) > 10


def _opens_what_is_behind_a_cell(viewer: Viewer, page: Path) -> None:
    viewer.open(page, "dark")
    (cell,) = viewer.all("details.cell")
    assert not viewer.one("details.cell svg.picture").is_displayed()
    (link,) = viewer.all("td.fail a, td .fail a")
    link.click()
    assert cell.get_attribute("open") is not None
    assert viewer.one("details.cell svg.picture").is_displayed()
    assert viewer.one("details.cell .panel").text.startswith("unlink seg0")
