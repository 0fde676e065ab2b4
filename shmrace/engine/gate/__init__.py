"""Runs in the orchestrator: who comes to a gate, and what stands before it."""
