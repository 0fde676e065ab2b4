"""The engine: runs one schedule of a scenario in real processes."""
