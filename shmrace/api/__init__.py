"""The functions that `import shmrace` offers, and what they keep: processes and tokens."""
