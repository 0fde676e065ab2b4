"""The layout of a finding's timeline: the shapes that the SVG of a page draws, in pixels.

Time runs downwards; a row shows one step, or several quiet ones.  Each actor has a lane.  Each
segment has a bar beside the step numbers.  The bar goes from the creation to the unlink, and
continues dashed while an actor still holds the segment.  A band in a lane means that this actor
holds the segment.
"""

from collections.abc import Sequence

from shmrace.model.trace import Step
from shmrace.model.verdict import Finding
from shmrace.reports.formats.timeline_shapes import Band, Bar, Lane, Line, Mark, Timeline, told
from shmrace.reports.lifetimes import Lifetime, lifetimes
from shmrace.reports.steps import Gap, Row, nearest, rows
from shmrace.reports.words import said

COLOURS = 6
"""How many colours there are; segments use them in turn."""

MOST_ROWS = 300
_MOST_SEGMENTS = 8
_ROW, _QUIET_ROW, _FOOT = 28, 20, 30
_NUMBERS = 58  # the width of the column of step numbers; bars follow
_BAR = 36  # from one bar to the next
_BAND = 22  # the width that the bands of a lane share
_NARROW, _WIDE, _FEW_LANES = 150, 200, 4
_CHARACTER = 6.6  # the average width of a label's character


def timeline(finding: Finding, most_rows: int = MOST_ROWS) -> Timeline | None:
    """The timeline of a finding; None if the finding has no trace."""
    if not finding.trace:
        return None
    racing = finding.racing or ((finding.step,) if finding.step is not None else ())
    shown = nearest(rows(finding.trace, racing), most_rows)
    lives = _of_interest(lifetimes(finding.trace), finding.segment)
    lanes = _lanes(finding.trace, _NUMBERS + _BAR * len(lives))
    x_of = {lane.actor: lane.x for lane in lanes}
    marks, gaps, tops = _placed(shown, x_of, _lane_width(len(lanes)), finding)
    height = (tops[-1] if tops else 0) + _FOOT
    places = _Places(marks, height - _FOOT)
    bars, bands = _lives(lives, places, x_of)
    return Timeline(
        width=max(lane.x for lane in lanes) + _lane_width(len(lanes)),
        height=height,
        lane_width=_lane_width(len(lanes)),
        lanes=lanes,
        bars=bars,
        bands=bands,
        lines=tuple(_lines(finding, places)),
        marks=tuple(marks),
        gaps=tuple(gaps),
        chosen=_chosen(marks, finding.actor),
        hidden_segments=len(lifetimes(finding.trace)) - len(lives),
    )


def _chosen(marks: Sequence[Mark], actor: str) -> Mark | None:
    """The mark to show first: a racing step, else a fatal one, else the actor's last step."""
    for wanted in (
        [one for one in marks if one.row.racing],
        [one for one in marks if one.row.fatal],
    ):
        if wanted:
            return wanted[0]
    candidates = [one for one in marks if one.row.actor == actor] or marks
    return candidates[-1] if candidates else None


class _Places:
    """The place at which each step of the trace is drawn."""

    def __init__(self, marks: Sequence[Mark], bottom: int) -> None:
        self.marks = marks
        self.bottom = bottom
        self.of = {step.index: mark for mark in marks for step in mark.row.steps}

    def y(self, index: int) -> int:
        """The y of a step, or of the nearest earlier step that is shown."""
        before = [step for step in self.of if step <= index]
        return self.of[max(before)].y if before else 0


def _of_interest(found: Sequence[Lifetime], segment: str | None) -> list[Lifetime]:
    """The first few segments; that of the finding is one of them."""
    ranked = sorted(range(len(found)), key=lambda place: (found[place].label != segment, place))
    return [found[place] for place in sorted(ranked[:_MOST_SEGMENTS])]


def _lane_width(lanes: int) -> int:
    return _WIDE if lanes <= _FEW_LANES else _NARROW


def _lanes(trace: Sequence[Step], left: int) -> tuple[Lane, ...]:
    actors = list(dict.fromkeys(step.actor for step in trace))
    width = _lane_width(len(actors))
    return tuple(
        Lane(actor, left + 22 + width * place, _cut(actor, width))
        for place, actor in enumerate(actors)
    )


def _placed(
    shown: Sequence[Row | Gap], x_of: dict[str, int], width: int, finding: Finding
) -> tuple[list[Mark], list[tuple[int, int]], list[int]]:
    """(marks, gaps, the bottom of each row), from the top downwards."""
    marks: list[Mark] = []
    gaps: list[tuple[int, int]] = []
    tops: list[int] = []
    y = 0
    for row in shown:
        height = _QUIET_ROW if isinstance(row, Row) and row.quiet else _ROW
        middle = y + height // 2
        y += height
        tops.append(y)
        if isinstance(row, Gap):
            gaps.append((middle, row.rows))
            continue
        words = row.words
        marks.append(
            Mark(
                row, x_of[row.actor], middle, height // 2, _cut(words, width - 24), words,
                tuple(_notes(row, finding)), told(row.steps[0]),
            )
        )  # fmt: skip
    return marks, gaps, tops


def _notes(row: Row, finding: Finding) -> list[str]:
    step = row.steps[0]
    found = []
    if finding.racing is not None and step.index in finding.racing:
        first, second = finding.racing
        other = finding.trace[second if step.index == first else first]
        found.append(f"races with step {other.number}, {other.actor}: {said(other)}")
    elif row.racing:
        found.append("this is where it goes wrong")
    if row.preempts:
        found.append("the actor before was interrupted here")
    for one in finding.because_of(step):
        if one.actor != step.actor:
            found.append(f"possible since step {one.number}, {one.actor}: {said(one)}")
    return found


def _lives(
    lives: Sequence[Lifetime], places: _Places, x_of: dict[str, int]
) -> tuple[tuple[Bar, ...], tuple[Band, ...]]:
    bars, bands = [], []
    for number, life in enumerate(lives):
        colour = number % COLOURS
        top = places.y(life.created) if life.created is not None else 0
        held_to = places.y(life.last_held) if life.last_held is not None else top
        if life.unlinked is not None:
            bottom = places.y(life.unlinked)
        else:
            bottom = places.bottom if life.named else top
        x = _NUMBERS + _BAR * number + _BAR // 2
        bars.append(
            Bar(life.label, colour, x, top, bottom, max(bottom, held_to), life.left, _story(life))
        )
        for holding in life.holdings:
            said_ = f"{holding.actor} has {life.label} {_span(holding.first, holding.last)}"
            first, last = places.y(holding.first), places.y(holding.last)
            width = max(3, _BAND // len(lives))
            x = x_of[holding.actor] - _BAND // 2 + width * number
            bands.append(Band(colour, x, width, first - 9, last + 9, said_))
    return tuple(bars), tuple(bands)


def _story(life: Lifetime) -> str:
    born = (
        "made before the trace begins"
        if life.created is None
        else f"created at step {life.created + 1}"
    )
    gone = "has no name"
    if life.named:
        gone = (
            "never unlinked" if life.unlinked is None else f"unlinked at step {life.unlinked + 1}"
        )
    holders = [f"held by {one.actor} {_span(one.first, one.last)}" for one in life.holdings]
    return "; ".join([f"{life.label}: {born}", gone, *holders])


def _span(first: int, last: int) -> str:
    return f"at step {first + 1}" if first == last else f"from step {first + 1} to {last + 1}"


def _lines(finding: Finding, places: _Places) -> list[Line]:
    found = []
    for before, after in zip(places.marks, places.marks[1:], strict=False):
        if before.x != after.x:
            kind = "preempts" if after.row.preempts else "switch"
            found.append(Line(kind, before.x, before.y, after.x, after.y))
    for step in finding.trace:
        for cause in finding.because_of(step):
            sent, got = places.of.get(cause.index), places.of.get(step.index)
            if sent is not None and got is not None and sent.x != got.x:
                found.append(Line("message", sent.x, sent.y, got.x, got.y))
    if finding.racing is not None:
        one, other = (places.of[index] for index in finding.racing)  # they are always shown
        found.append(Line("race", one.x, one.y, other.x, other.y))
    return found


def _cut(text: str, pixels: int) -> str:
    most = max(4, int(pixels / _CHARACTER))
    return text if len(text) <= most else text[: most - 1] + "\N{HORIZONTAL ELLIPSIS}"
