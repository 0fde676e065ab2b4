"""Comparisons of lifecycles over transports: tables, pairs on identical schedules, and prices."""
