"""The forms in which a verdict or a comparison is shown: one file each."""
