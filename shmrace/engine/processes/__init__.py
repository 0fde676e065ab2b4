"""Runs in the orchestrator, except `server`, which is the fork server itself.

The orchestrator's handle on its fork server (`forkserver`), the `/dev/shm` they share (`shm`,
`witness`, `journal`), and the processes that are kept from one execution to the next (`warm`).
"""
