"""Strategies for the handle of a tensor in shared memory: who unlinks the segment, and when."""
