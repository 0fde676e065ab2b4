"""The command line: a module for each command of `shmrace`, and what they share."""
