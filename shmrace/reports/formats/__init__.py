"""The formats of reports on a verdict or a comparison: one file each."""
