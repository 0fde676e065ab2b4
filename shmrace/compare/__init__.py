"""Lifecycles over transports: a table of verdicts, pairs on equal schedules, and prices."""
