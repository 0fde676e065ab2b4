"""Runs in the orchestrator: which faults may strike now, and how one is carried out."""
