"""What keeps untrusted Python from everything but computing, one layer a module.

    level        the levels full, strong, interpreter, none, and which layers each needs
    namespaces   no other processes, users or networks, and an empty root            (a zygote, once)
    landlock     of the files, only the interpreter's, to read                       (a zygote, once)
    seccomp      of the system calls, only what computing needs; `syscalls` the table      (each child)
    guards       where the kernel has none of these, the interpreter refuses               (each child)
    readable     which files an interpreter needs
    jail         tries the layers and takes them on: what the sandboxed children are forked from
    enclosed     another program than Python in the same layers
    canaries     attacks that each layer must stop
    report       the level of this system, by those attacks

Limits on memory, time and files are in `neurosym.workers.limits`. Nothing here needs a package of the system.
"""
