"""The table of system calls: what each of them means to shmrace."""
