"""`python -m tests`: lint, types and tests, one after the other; stops at the first that fails."""

import subprocess
import sys

ON_EACH_CORE = ("-n", "logical", "--dist", "worksteal")
STEPS = (
    ("lint", [sys.executable, "-m", "ruff", "check", "."]),
    ("layout", [sys.executable, "-m", "ruff", "format", "--check", "."]),
    ("types", [sys.executable, "-m", "mypy"]),
    ("tests", [sys.executable, "-m", "pytest", *ON_EACH_CORE, *sys.argv[1:]]),
)

if __name__ == "__main__":
    for name, command in STEPS:
        print(f"== {name}", flush=True)
        status = subprocess.run(command, stdin=subprocess.DEVNULL).returncode
        if status:
            print(f"== {name} failed", flush=True)
            sys.exit(status)
