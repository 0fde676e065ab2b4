"""Random programs that are free of faults by construction, each of which has to pass.

An *idiom* is a small protocol among some ranks that is right in every schedule: it makes names of
its own, orders or guards every access, asserts what it reads, and removes what it made.  They are
in `publishing`, `naming`, `guarded`, `children`, `workers`, `endings`, `talking`, `kernel` and
`walk`; `guards` has the locks, and `player` what an idiom is given.  A program plays several at
once.  `generator` draws one from a seed, `judged` says what is wrong with its verdict, and
`command` does both from the command line.
"""
