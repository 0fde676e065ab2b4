"""`python -m tests`: lint, types and tests, one after the other; stops at the first that fails."""

import os
import subprocess
import sys

ON_EACH_CORE = ("-n", "logical", "--dist", "worksteal")
STEPS = (
    ("lint", [sys.executable, "-m", "ruff", "check", "."]),
    ("layout", [sys.executable, "-m", "ruff", "format", "--check", "."]),
    ("types", [sys.executable, "-m", "mypy"]),
    ("tests", [sys.executable, "-m", "pytest", *ON_EACH_CORE, *sys.argv[1:]]),
)

ENVIRONMENT = {name: os.environ[name] for name in os.environ if name != "PYTHONDONTWRITEBYTECODE"}
"""Without bytecode each pytest that a test starts compiles all of Hypothesis again: 2 s."""

if __name__ == "__main__":
    for name, command in STEPS:
        print(f"== {name}", flush=True)
        status = subprocess.run(command, stdin=subprocess.DEVNULL, env=ENVIRONMENT).returncode
        if status:
            print(f"== {name} failed", flush=True)
            sys.exit(status)
