"""Mermaid diagrams: what they say, and that the real package parses them."""

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path

from shmrace.reports.formats import mermaid
from tests.support.real_parts import needed, program
from tests.support.verdicts import (
    ASSUMING,
    FINDING,
    HOSTILE,
    PROVED,
    SAMPLED,
    UNCLEAR,
    VERDICT,
    called,
    changed,
    hostile,
    step,
)

PARSE = r"""
const fs = require("fs");
require("vm").runInThisContext(fs.readFileSync(process.argv[1], "utf8"));
const plain = (text) => text.replace(/ﬂ°°(\d+)¶ß/g, (_, code) => String.fromCodePoint(code));
(async () => {
  const parsed = [];
  for (const text of JSON.parse(fs.readFileSync(0, "utf8"))) {
    await mermaid.parse(text);
    const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
    parsed.push({
      actors: [...db.getActors().values()].map((one) => plain(one.description)),
      texts: db.getMessages().map((one) => one.message)
        .filter((text) => typeof text === "string" && text).map(plain),
    });
  }
  console.log(JSON.stringify(parsed));
})().catch((error) => { console.error(error.message); process.exit(1); });
"""


def test_a_diagram_has_the_actors_the_segment_the_framed_pair_and_the_cause() -> None:
    assert mermaid.report(VERDICT).splitlines() == [
        "sequenceDiagram",
        "    participant a0 as sender",
        "    participant a1 as rank0",
        "    participant a2 as rank1",
        "    participant s as seg0",
        "    a0->>s: 2. create seg0",
        "    a0->>s: 3. size seg0 = 64 B",
        "    Note over a0: 5. broadcast -#62; rank0, rank1",
        "    a0-)a1: 7. recv #60;- sender",
        "    a1->>s: 8. attach seg0",
        "    Note over a2: 10-11. sleep x 2 (interrupts)",
        "    Note over a1: 12. checkpoint (interrupts)",
        "    rect rgba(255, 60, 60, 0.25)",
        "    a1->>s: 13. unlink seg0",
        "    end",
        "    a0-)a2: 15. recv #60;- sender",
        "    rect rgba(255, 60, 60, 0.25)",
        "    a2-xs: 16. attach seg0#58; GONE",
        "    end",
        "    Note over a2: 17. raises FileNotFoundError",
        "    Note over a0,s: missing-segment#58; rank0 unlinks seg0 (a.py#58;1) before rank1"
        "<br/>attaches it (a.py#58;2)",
    ]


def test_however_long_a_trace_is_a_diagram_has_sixty_lines_and_shows_the_race() -> None:
    steps = tuple(step(at, f"rank{at % 40}", "unlink", name="seg0") for at in range(2000))
    long = mermaid.diagram(changed(FINDING, trace=steps, racing=(100, 1900), step=1900))
    assert len(long.splitlines()) <= 60
    assert "101. unlink" in long
    assert "1901. unlink" in long
    assert all(len(line) < 1000 for line in long.splitlines())


def test_without_a_finding_a_note_says_the_verdict() -> None:
    assert mermaid.report(PROVED).splitlines()[:3] == [
        "sequenceDiagram",
        "    participant a0 as case.py#58;Case",
        "    Note over a0: proved#58; no finding#59; all 3 distinct schedules run",
    ]
    assert "Note over a0: inconclusive#58; no segment was created" in mermaid.report(UNCLEAR)


def test_the_real_package_parses_whatever_anything_is_called(tmp_path: Path) -> None:
    """And reads the very texts, nothing more."""
    script = needed(
        os.environ.get("SHMRACE_MERMAID"),
        "SHMRACE_MERMAID does not name dist/mermaid.min.js of the npm package mermaid"
        " (npm pack mermaid)",
    )
    verdicts = [VERDICT, PROVED, ASSUMING, SAMPLED, UNCLEAR, hostile(tmp_path)]
    verdicts.append(replace(VERDICT, findings=(changed(FINDING, trace=(), segment=None),)))
    nasty = [
        f"style {one}:#x;" for one in ("end", "loop", "note", "<br>", "a->>b: c", "\\n", "\x00")
    ]
    verdicts += [called(PROVED, one, one) for one in [HOSTILE, *nasty]]
    texts = [mermaid.report(verdict) for verdict in verdicts]
    done = subprocess.run(
        [program("node"), "-e", PARSE, script], input=json.dumps(texts), capture_output=True,
        text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    parsed = json.loads(done.stdout)
    assert len(parsed) == len(texts)
    assert parsed[0]["actors"] == ["sender", "rank0", "rank1", "seg0"]
    assert parsed[0]["texts"][0] == "2. create seg0"
    shown = " ".join(HOSTILE.split())
    assert parsed[5]["actors"] == ["sender", "rank0", shown, shown]
    assert f"16. attach {shown}: GONE" in parsed[5]["texts"]
    assert [one["actors"] for one in parsed[-7:-1]] == [[one] for one in nasty[:-1]]
