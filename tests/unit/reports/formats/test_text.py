"""The text report: its first line, the racing pair, the table, the last lines."""

import json as standard_json
from multiprocessing import shared_memory

from shmrace.model.assumptions import Assumption
from shmrace.model.objects import Mode, bytes_of
from shmrace.model.stack import Frame
from shmrace.model.trace import Step
from shmrace.model.verdict import RacingPairs, Verdict
from shmrace.reports.formats import json, text, text_table
from shmrace.reports.formats.text_lines import lines
from shmrace.reports.formats.text_pair import side_by_side
from tests.support.short_verdict import TRACE, VERDICT, step


def test_the_first_line_is_the_whole_story() -> None:
    first = text.report(VERDICT).splitlines()[0]
    assert first == (
        "missing-segment: rank0 unlinks seg0 (a.py:1) before rank1 attaches it (a.py:2)"
    )


def test_the_table_shows_a_column_for_each_actor_and_marks_the_racing_pair() -> None:
    assert text_table.table(TRACE, "seg0", (6, 9)) == [
        "       sender                  rank0                   rank1",
        "  ---  ----------------------  ----------------------  ----------------------",
        "    2  create seg0",
        "    3  size seg0 = 64 B",
        "    4  send -> rank0, rank1",
        "    5                          attach seg0",
        "!   7                          unlink seg0",
        "~   8                                                  sleep x 2",
        "!  10                                                  attach seg0: GONE",
        "   11                                                  raises",
        "                                                       FileNotFoundError",
        "  hidden: 2 steps without effect on others",
    ]


def test_a_report_is_ascii_and_at_most_a_hundred_columns_wide() -> None:
    report = text.report(VERDICT)
    assert report.isascii()
    long = [
        line for line in report.splitlines() if len(line) > 100 and "shmrace replay" not in line
    ]
    assert long == []


def test_a_table_has_at_most_forty_rows() -> None:
    names = [f"seg{number}" for number in range(90)]
    trace = [step(number, "a", "unlink", name=name) for number, name in enumerate(names)]
    lines = text_table.table(trace, None, ())
    assert len(lines) == 2 + text_table.MOST_ROWS + 1
    assert "50 rows are not shown" in "\n".join(lines)


def test_consequences_outputs_and_the_replay_line_come_last() -> None:
    lines = text.report(VERDICT).splitlines()
    assert "  AND THEN  rank2 waited in vain" in lines
    assert lines[lines.index("  RANK1 PRINTED") + 1] == '    " hello'
    assert "  REPLAY    shmrace replay case.py:Case sr1-abc-def" in lines


def test_the_racing_pair_stands_side_by_side_with_the_users_frames_only() -> None:
    inside = Frame(shared_memory.__file__, 1, "unlink")
    own = Frame(__file__, 1, "test")
    one = step(0, "a", "unlink", name="seg0", stack=(inside, own))
    other = step(1, "b", "attach", "ENOENT", name="seg0", stack=(inside, own))
    lines = side_by_side(one, other)
    assert (
        lines[0]
        == "    step 1   a   unlink seg0                      | step 2   b   attach seg0: gone"
    )
    assert "test_text.py:1   test" in lines[1]
    assert not any("shared_memory" in line for line in lines)


def test_a_pass_says_what_it_rests_on() -> None:
    passed = Verdict(
        **{
            **VERDICT.__dict__, "status": "pass", "complete": True, "findings": (),
            "assertions": {"no_leaks": "held"}, "accepted": {"leak": 8},
            "assumes": (Assumption.TIMEOUTS,),
        }
    )  # fmt: skip
    assert text.report(passed).splitlines() == [
        "PASS case.py:Case: complete, no finding (the only schedule run; dpor, 0.5 s)",
        "  no_leaks: held",
        "  assumes: timeouts",
        "  accepted findings: 8 leak",
    ]


def test_a_sampler_says_which_racing_pairs_it_saw_in_both_orders() -> None:
    pairs = RacingPairs(12, tuple(f"rank0.unlink before rank{n}.attach" for n in range(1, 12)))
    told = {"findings": (), "status": "pass", "assertions": {}, "racing_pairs": pairs}
    passed = Verdict(**{**VERDICT.__dict__, **told})
    lines = text.report(passed).splitlines()[2:]
    assert lines[0] == "  racing pairs: 1 of 12 seen in both orders"
    assert lines[1] == "    only rank0.unlink before rank1.attach"
    assert lines[10:] == ["    only rank0.unlink before rank10.attach", "    (1 more)"]
    data = standard_json.loads(json.report(passed))
    assert data["racing_pairs"]["both_orders"] == 1


def test_json_has_every_key_that_was_promised() -> None:
    data = standard_json.loads(json.report(VERDICT))
    assert set(data) >= {
        "target", "parameters", "ranks", "explorer", "start", "gate", "status", "complete",
        "assumes", "assertions", "executions", "trace_classes", "elapsed_s", "reason", "accepted",
        "findings",
    }  # fmt: skip
    (finding,) = data["findings"]
    assert set(finding) >= {
        "kind", "segment", "actor", "step", "message", "cause", "token", "schedule", "preemptions",
        "faults", "trace",
    }  # fmt: skip
    assert set(finding["trace"][0]) >= {
        "step", "actor", "operation", "name", "segment", "outcome", "location",
    }  # fmt: skip
    assert finding["step"] == 10


def test_a_line_is_shown_if_bytes_changed_behind_it_or_if_it_interrupts_another() -> None:
    """Of the lines that are gates those are hidden that do neither, and do not race."""
    wrote = frozenset({(bytes_of("sender#0"), Mode.WRITE)})
    trace = (
        Step(0, "rank0", "line", detail="a.py:1"),
        Step(1, "rank0", "line", detail="a.py:2"),
        Step(2, "rank1", "line", detail="a.py:3", preempts=True),
        Step(3, "rank1", "line", detail="a.py:4", accesses=wrote),
        Step(4, "rank1", "line", detail="a.py:5"),
    )
    found = [line.number for line in lines(trace, "seg0", racing=(1,))]
    assert found == ["2", "3", "4"]
