"""`python -m shmrace` runs the command `shmrace`, even if its script is not on the path."""

import sys

from shmrace.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
