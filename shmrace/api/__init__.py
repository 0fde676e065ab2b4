"""What `import shmrace` offers: explore, run, begin, and the processes and tokens they keep."""
