"""The table of a report, from steps made by hand."""

from shmrace.model.trace import Step
from shmrace.reports.formats import text_table
from shmrace.reports.steps import MOST_PRINTED


def steps(*happened: tuple[str, str, str]) -> list[Step]:
    """Steps on seg0 out of (actor, operation, outcome)."""
    return [
        Step(index, actor, operation, outcome, name=None if operation == "sleep" else "seg0")
        for index, (actor, operation, outcome) in enumerate(happened)
    ]


def test_polling_is_one_row_however_long_it_takes() -> None:
    polls = [("b", "attach", "ENOENT"), ("b", "sleep", "ok")] * 107
    lines = text_table.table(steps(("a", "unlink", "ok"), *polls), "seg0", (0,))
    assert " ".join(" ".join(lines[3:]).split()) == "2 attach seg0: GONE, sleep x 107"


def test_what_interrupts_or_races_is_never_folded() -> None:
    trace = steps(*[("a", "unlink", "ok")] * 3)
    assert len(text_table.table(trace, "seg0", (1,))) == 2 + 3


def test_the_rows_that_matter_are_kept_with_those_around_them() -> None:
    """Of 200 rows 40 are shown, those that race among them, and each gap is counted."""
    trace = steps(*[(f"a{number % 2}", "unlink", "ok") for number in range(200)])
    lines = text_table.table(trace, "seg0", (100, 150))
    rows = [line for line in lines[2:] if "unlink" in line]
    assert len(rows) == text_table.MOST_ROWS
    assert [line.split()[1] for line in rows if line.startswith("!")] == ["101", "151"]
    gaps = [int(line.split()[1]) for line in lines if "rows are not shown" in line]
    assert len(gaps) == 3 and sum(gaps) == 160


def test_as_many_columns_are_shown_as_fit_and_those_that_race_are_among_them() -> None:
    trace = steps(*[(f"rank{number}", "unlink", "ok") for number in range(9)])
    lines = text_table.table(trace, "seg0", (0, 8), hint=" (hint)")
    assert lines[0].split() == ["rank0", "rank1", "rank2", "rank3", "rank4", "rank5", "rank8"]
    assert lines[-1] == "  hidden: what rank6, rank7 did (hint)"
    assert max(map(len, lines)) <= text_table.WIDTH
    assert "rank7" in text_table.table(trace, "seg0", (0, 8), full=True)[0]


def test_what_is_printed_stands_behind_its_step_and_is_cut_after_some_lines() -> None:
    printed = tuple(f"line {number}" for number in range(MOST_PRINTED + 5))
    quiet = Step(0, "a", "start", printed=printed)
    lines = text_table.table([quiet, *steps(("a", "unlink", "ok"))], "seg0", ())
    assert lines[2] == '    "  line 0'
    assert sum(line.startswith('    "  line') for line in lines) == MOST_PRINTED
    assert '    "  (5 more lines)' in lines
    full = text_table.table([quiet, *steps(("a", "unlink", "ok"))], "seg0", (), full=True)
    assert sum(line.startswith('    "  line') for line in full) == MOST_PRINTED + 5


def test_steps_on_other_segments_are_counted_apart() -> None:
    other = Step(1, "a", "attach", name="seg1", segment="seg1")
    lines = text_table.table([*steps(("a", "unlink", "ok")), other], "seg0", (), left="LEFT: seg0")
    assert lines[-2:] == ["  end  LEFT: seg0", "  hidden: 1 steps on other segments"]
