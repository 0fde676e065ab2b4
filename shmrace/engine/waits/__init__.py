"""Runs in the orchestrator: which waiting calls and primitives would not wait any more."""
