"""The tools `doctor` and `bench`: what this machine allows, and how fast shmrace is on it."""
