"""Random programs over real processes, and the comparison of the reduction with what it reduces.

`features` lists what instructions there are, `generator` draws a program from a seed, `player` is
what its actors run, `source` writes it as Python.  `searches` runs its schedules, `comparison` says
what a complete search has missed, `shrinker` makes such a program smaller, and `command` does all
of it from the command line.
"""
