"""`doctor` and `bench`: what this machine allows, and how fast it is."""
