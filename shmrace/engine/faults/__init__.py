"""Runs in the orchestrator: which faults may strike, where, and how one is carried out."""
