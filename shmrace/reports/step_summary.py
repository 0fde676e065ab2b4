"""The summary of a job on GitHub: Markdown that is appended to ``$GITHUB_STEP_SUMMARY``.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

import os

_LIMIT = 1 << 20
"""Bytes; GitHub drops the whole summary of a step that is longer."""


def append(markdown: str) -> None:
    """Add a section, if it fits; raises `OSError`.  Does nothing outside such a job."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    content = markdown.encode("utf-8", "backslashreplace")
    with open(path, "ab", buffering=0) as file:
        if file.tell() + len(content) <= _LIMIT:
            file.write(content)  # at once: other processes may add theirs
