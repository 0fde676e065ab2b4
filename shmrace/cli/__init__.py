"""The command `shmrace`: a module for each of its commands, their common options, progress."""
