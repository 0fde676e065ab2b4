"""The kernel's interfaces: seccomp, `/proc`, namespaces, and decoding of system calls."""
