"""Two steps that race, side by side: what they do, and the frames of the user's code.

The innermost frame comes first.  The deepest call that both stacks have in common is in the same
line on both sides, and frames outside it are left out.  Pure ASCII.
"""

import linecache
from collections.abc import Sequence

from shmrace.model.prose import plain_text
from shmrace.model.stack import Frame, shared_frames, user_frames
from shmrace.model.trace import Step

_HALF = 46
_MOST_FRAMES = 3


def side_by_side(first: Step, second: Step, full: bool = False) -> list[str]:
    """The lines; if `full`, with all frames."""
    stacks = user_frames(first.stack), user_frames(second.stack)
    shared = shared_frames(*stacks)
    most = max(map(len, stacks)) if full else _MOST_FRAMES
    blocks = [
        [frame for one in _inner(stack, frame, most) for frame in _frame(one)]
        for stack, frame in zip(stacks, shared or (None, None), strict=True)
    ]
    height = max(map(len, blocks))
    padded = [block + [""] * (height - len(block)) for block in blocks]
    if shared is not None:
        padded = [
            block
            + [""] * (height - len(block))
            + [f"{line:<{_HALF - 2}}" for line in _frame(frame)]
            for block, frame in zip(blocks, shared, strict=True)
        ]
    lines = [_halves(_head(first), _head(second))]
    return lines + [_halves(one, other) for one, other in zip(*padded, strict=True)]


def _inner(stack: Sequence[Frame], shared: Frame | None, most: int) -> Sequence[Frame]:
    """The frames to show inside the shared frame, which is shown separately."""
    if shared is None:
        return stack[:most]
    inside = stack[: stack.index(shared)]
    return inside[: most - 1]


def _head(step: Step) -> str:
    gone = ": gone" if step.outcome == "ENOENT" else ""
    what = step.name or step.segment or ""
    return f"step {step.number:<4}{step.actor}   {step.operation} {what}{gone}"


def _frame(frame: Frame) -> list[str]:
    source = plain_text(linecache.getline(frame.path, frame.line).strip())
    return [plain_text(f"{frame.short}   {frame.function}"), f"    {_cut(source, _HALF - 4)}"]


def _halves(left: str, right: str) -> str:
    return f"    {left:<{_HALF}.{_HALF}}| {right:.{_HALF}}".rstrip()


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 3] + "..."
