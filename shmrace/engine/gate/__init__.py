"""Runs in the orchestrator: which actor comes to which gate, and what its call is about."""
