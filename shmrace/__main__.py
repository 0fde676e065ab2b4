"""`python -m shmrace`: the command `shmrace`, where its script is not on the path."""

import sys

from shmrace.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
