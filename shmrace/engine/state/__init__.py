"""Runs in the orchestrator: actors and processes of one execution, as plain records."""
