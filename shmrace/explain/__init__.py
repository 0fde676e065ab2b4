"""Explanations of a finding: which actors raced, why, which order would help, and how often."""
