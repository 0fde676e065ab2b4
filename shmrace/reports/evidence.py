"""The evidence of a verdict, as headings with texts; the elapsed time is left out."""

from shmrace.model.prose import counted
from shmrace.model.verdict import REPLAY, Verdict

_MOST_PAIRS = 10


def headline(verdict: Verdict) -> str:
    """The verdict in one line: its first finding, its reason if inconclusive, or its word."""
    if verdict.findings:
        return verdict.findings[0].first_line
    if verdict.status == "inconclusive":
        return f"inconclusive: {verdict.reason}"
    return f"{verdict.word}: no finding; {ran(verdict)}"


def meaning(verdict: Verdict) -> str:
    """What the status means, in a sentence; empty for a failure, whose findings are shown."""
    if verdict.status == "fail":
        return ""
    if verdict.status == "inconclusive":
        return "Neither a finding nor a pass: shmrace cannot vouch for what was run."
    every = "Every schedule that differs from another in effect was run"
    return {
        "proved": f"{every}, and nothing is assumed.",
        "complete": f"{every}; what that assumes is said below.",
        "bounded": "The search ended at its budget: there may be schedules that it has not run.",
    }[verdict.word]


def facts(verdict: Verdict) -> tuple[tuple[str, str], ...]:
    """(heading, text) pairs; a heading may occur several times."""
    explorer = verdict.explorer + (f", seed {verdict.seed}" if verdict.seed else "")
    found = [
        ("scenario", verdict.subject.shown or verdict.target),
        ("target", verdict.target),
        ("ranks", str(verdict.ranks)),
        ("explorer", explorer),
        ("processes", verdict.start),
        ("gate", verdict.gate),
        ("run", ran(verdict)),
        *((name.replace("_", " "), held) for name, held in verdict.assertions.items()),
        *(("assumes", f"{one}: {one.meaning}") for one in verdict.assumes),
        ("data race", verdict.data_race),
        *(("accepted", f"{number} x {kind}") for kind, number in verdict.accepted.items()),
        ("opaque calls", ", ".join(verdict.opaque)),
        *(("refused", f"{door}: no such system call under shmrace") for door in verdict.refused),
        *_pairs(verdict),
        ("note", verdict.note),
        ("reason", verdict.reason),
    ]
    return tuple((heading, text) for heading, text in found if text)


def ran(verdict: Verdict) -> str:
    """How much was run, as in "all 8 distinct schedules run"."""
    executions = counted(verdict.executions, "execution")
    if verdict.explorer == REPLAY:
        return executions
    seen = counted(verdict.trace_classes, "distinct schedule")
    if verdict.trace_classes_of is not None:
        every = f"all {seen} run" if verdict.trace_classes != 1 else "the only schedule run"
        more = verdict.executions != verdict.trace_classes
        return f"{every}, in {executions}" if more else every
    if verdict.complete:
        return f"{executions} cover all {seen} up to renaming ranks"
    return f"{executions}, {seen}"


def _pairs(verdict: Verdict) -> list[tuple[str, str]]:
    pairs = verdict.racing_pairs
    if pairs is None or verdict.status == "fail":
        return []
    found = [("racing pairs", f"{pairs.both_orders} of {pairs.seen} seen in both orders")]
    found += [("racing pairs", f"only {one}") for one in pairs.one_order[:_MOST_PAIRS]]
    if len(pairs.one_order) > _MOST_PAIRS:
        found.append(("racing pairs", f"{len(pairs.one_order) - _MOST_PAIRS} more"))
    return found
