"""What the README and the manual show runs as it stands there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIBRARY = "from shmrace.compare.lifecycles.deferred import DeferredHandle as ShmTensor\n"


def blocks(document: str, *, with_text: str) -> list[str]:
    """The Python blocks of a document from the first that contains a text."""
    found = re.findall(r"```python\n(.*?)```", (ROOT / document).read_text(), flags=re.DOTALL)
    first = next(at for at, block in enumerate(found) if with_text in block)
    return found[first:]


def test_the_tests_of_the_readme_pass(pytester: pytest.Pytester) -> None:
    """The scenario, its Hypothesis form, and one interleaving in words, in one file."""
    pytester.makepyfile(
        mylib=LIBRARY, test_readme="\n".join(blocks("README.md", with_text="class Broadcast"))
    )
    done = pytester.runpytest_subprocess("-rA", timeout=60)
    done.assert_outcomes(passed=3)


def test_the_readme_finds_the_race_without_the_barrier(pytester: pytest.Pytester) -> None:
    """Each form of the test fails, with the race as its first line."""
    text = "\n".join(blocks("README.md", with_text="class Broadcast")[:2])
    assert "        world.barrier()\n" in text
    pytester.makepyfile(mylib=LIBRARY, test_readme=text.replace("        world.barrier()\n", ""))
    done = pytester.runpytest_subprocess("-v", timeout=60)
    done.assert_outcomes(failed=2)
    lines = [line for line in done.stdout.lines if line.startswith("missing-segment: rank0 unl")]
    assert len(lines) == 2


def test_the_state_machine_of_the_manual_passes(pytester: pytest.Pytester) -> None:
    (scenario, *_) = blocks("README.md", with_text="class Broadcast")
    (machine, *_) = blocks("docs/manual.md", with_text="RuleBasedStateMachine")
    few = (
        "from hypothesis import settings\n"
        "TestInterleavings.settings = settings(max_examples=10, deadline=None)\n"
    )
    pytester.makepyfile(mylib=LIBRARY, test_manual=scenario + machine + few)
    pytester.runpytest_subprocess("-k", "Interleavings", timeout=60).assert_outcomes(passed=1)
