"""Runs in the actor: its role's body, `world`, exit handlers, prints, logs and line gates.

Nothing here imports a room that runs outside.  `coverage.stop` runs in the fork server, and
`coverage.take_over` in the orchestrator, which collects what the actors have measured.
"""
