"""Planted faults, and the command that shows that the suite notices each of them."""
