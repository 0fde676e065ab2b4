"""What a verdict rests on, as headings with a text each; without the time it took."""

from shmrace.model.verdict import Verdict

MEANINGS = {
    "message-order": "messages over channels of the code's own arrived in one order each",
    "timeouts": "a timeout fired only when nobody else could go on",
    "signals": "when a signal arrives was not explored",
    "fork": "a new thread or process ran before its birth could be held up",
    "host-shm": "executions ran in the host's /dev/shm, which others use too",
    "warm": "not every different schedule was repeated in freshly forked processes",
    "data-races": "bytes were written while another actor held the segment, and nothing orders the"
    " two",
    "bounded-retries": "an actor slept again and again while nothing changed, and was cut there",
    "python-gate": "only what Python code does was controlled",
    "interchangeable": "ranks may be swapped, as the scenario declares",
}
"""What each assumption means, in a line."""

_MOST_PAIRS = 10


def headline(verdict: Verdict) -> str:
    """The whole verdict in one line: the first finding, or what was proved, or why it is not."""
    if verdict.findings:
        return verdict.findings[0].first_line
    if verdict.status == "inconclusive":
        return f"inconclusive: {verdict.reason}"
    return f"{strength(verdict)}: no finding in {_ran(verdict)}"


def strength(verdict: Verdict) -> str:
    """How much a pass says: "proved", "complete" or "bounded"."""
    return "proved" if verdict.proof else "complete" if verdict.complete else "bounded"


def meaning(verdict: Verdict) -> str:
    """What the status says, in a sentence; empty for a failure, which speaks for itself."""
    if verdict.status == "fail":
        return ""
    if verdict.status == "inconclusive":
        return "Neither a finding nor a pass: shmrace cannot vouch for what was run."
    every = "Every schedule that differs from another in effect was run"
    return {
        "proved": f"{every}, and nothing is assumed.",
        "complete": f"{every}; what that assumes is said below.",
        "bounded": "The search ended at its budget: there may be schedules that it has not run.",
    }[strength(verdict)]


def facts(verdict: Verdict) -> tuple[tuple[str, str], ...]:
    """(heading, text) pairs; a heading may come several times."""
    explorer = verdict.explorer + (f", seed {verdict.seed}" if verdict.seed else "")
    found = [
        ("scenario", verdict.subject.shown or verdict.target),
        ("target", verdict.target),
        ("ranks", str(verdict.ranks)),
        ("explorer", explorer),
        ("processes", verdict.start),
        ("gate", verdict.gate),
        ("run", _ran(verdict)),
        *((name.replace("_", " "), held) for name, held in verdict.assertions.items()),
        *(("assumes", f"{one}: {MEANINGS.get(one, one)}") for one in verdict.assumes),
        *(("accepted", f"{number} x {kind}") for kind, number in verdict.accepted.items()),
        *(("refused", f"{door}: no such system call under shmrace") for door in verdict.refused),
        *_pairs(verdict),
        ("note", verdict.note),
        ("reason", verdict.reason),
    ]
    return tuple((heading, text) for heading, text in found if text)


def _ran(verdict: Verdict) -> str:
    executions = "1 execution" if verdict.executions == 1 else f"{verdict.executions:,} executions"
    seen = f"{verdict.trace_classes:,}"
    of = f"{seen} of {seen}" if verdict.trace_classes_of is not None else seen
    images = ", the others their images" if verdict.symmetry else ""
    return f"{executions}, {of} different{images}"


def _pairs(verdict: Verdict) -> list[tuple[str, str]]:
    pairs = verdict.racing_pairs
    if pairs is None or verdict.status == "fail":
        return []
    found = [("racing pairs", f"{pairs.both_orders} of {pairs.seen} seen in both orders")]
    found += [("racing pairs", f"only {one}") for one in pairs.one_order[:_MOST_PAIRS]]
    if len(pairs.one_order) > _MOST_PAIRS:
        found.append(("racing pairs", f"{len(pairs.one_order) - _MOST_PAIRS} more"))
    return found
