"""The command line: `shmrace explore | replay | list`."""
