"""Runs in the orchestrator: let one operation through, and record what it did."""
