"""The fork server, the processes that it keeps, and the `/dev/shm` that they share."""
