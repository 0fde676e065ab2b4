"""Kills at random moments: what they leave, whether anything hangs, and what is said of them."""
