"""What a sandboxed child may ask of the kernel: every call by name, its number on x86_64 and on aarch64, its verdict.

An allow-list: what stands in no table is answered as by a kernel that does not know the call (ENOSYS), so that
libraries fall back to an older one. Calls whose verdict depends on an argument are in `seccomp`.
"""

from __future__ import annotations

from collections.abc import Iterator

ALLOWED = """
read 0 63, write 1 64, readv 19 65, writev 20 66, pread64 17 67, pwrite64 18 68, preadv 295 69, pwritev 296 70,
close 3 57, close_range 436 436, lseek 8 62, dup 32 23, dup2 33 -, dup3 292 24, pipe 22 -, pipe2 293 59, open 2 -,
openat 257 56, access 21 -, faccessat 269 48, faccessat2 439 439, stat 4 -, lstat 6 -, fstat 5 80, newfstatat 262 79,
statx 332 291, readlink 89 -, readlinkat 267 78, getdents64 217 61, getcwd 79 17, poll 7 -, ppoll 271 73, select 23 -,
pselect6 270 72, mmap 9 222, mprotect 10 226, munmap 11 215, mremap 25 216, brk 12 214, madvise 28 233,
rt_sigaction 13 134, rt_sigprocmask 14 135, rt_sigreturn 15 139, rt_sigpending 127 136, sigaltstack 131 132,
nanosleep 35 101, clock_nanosleep 230 115, clock_gettime 228 113, clock_getres 229 114, gettimeofday 96 169,
time 201 -, times 100 153, getitimer 36 102, setitimer 38 103, alarm 37 -, pause 34 -, getpid 39 172, getppid 110 173,
gettid 186 178, getuid 102 174, geteuid 107 175, getgid 104 176, getegid 108 177, getresuid 118 148,
getresgid 120 150, getgroups 115 158, getpgrp 111 -, getpgid 121 155, getsid 124 156, uname 63 160, sysinfo 99 179,
getrusage 98 165, getrlimit 97 163, setrlimit 160 164, getpriority 140 141, getcpu 309 168, getrandom 318 278,
sched_yield 24 124, sched_getaffinity 204 123, sched_getparam 143 121, sched_getscheduler 145 120, futex 202 98,
set_robust_list 273 99, set_tid_address 218 96, rseq 334 293, arch_prctl 158 -, membarrier 324 283,
restart_syscall 219 128, exit 60 93, exit_group 231 94
"""
"""What computing, importing and telling the time need."""

DENIED = """
tkill 200 130, tgkill 234 131, setpgid 109 154, setsid 112 157, setpriority 141 140, sched_setaffinity 203 122,
sched_setscheduler 144 119, sched_setparam 142 118, personality 135 92, umask 95 166, chdir 80 49, fchdir 81 50,
creat 85 -, mkdir 83 -, mkdirat 258 34, mknod 133 -, mknodat 259 33, rmdir 84 -, unlink 87 -, unlinkat 263 35,
link 86 -, linkat 265 37, symlink 88 -, symlinkat 266 36, rename 82 -, renameat 264 38, renameat2 316 276,
truncate 76 45, ftruncate 77 46, fallocate 285 47, chmod 90 -, fchmod 91 52, fchmodat 268 53, fchmodat2 452 452,
chown 92 -, fchown 93 55, lchown 94 -, fchownat 260 54, utime 132 -, utimes 235 -, utimensat 280 88, futimesat 261 -,
setxattr 188 5, lsetxattr 189 6, fsetxattr 190 7, removexattr 197 14, lremovexattr 198 15, fremovexattr 199 16,
statfs 137 43, fstatfs 138 44, socketpair 53 199, sendto 44 206, recvfrom 45 207, sendmsg 46 211, recvmsg 47 212,
sendmmsg 307 269, recvmmsg 299 243, shutdown 48 210, getsockopt 55 209, setsockopt 54 208, getsockname 51 204,
getpeername 52 205, setuid 105 146, setgid 106 144, setreuid 113 145, setregid 114 143, setresuid 117 147,
setresgid 119 149, setfsuid 122 151, setfsgid 123 152, setgroups 116 159, capset 126 91, mlock 149 228,
mlock2 325 284, mlockall 151 230, shmget 29 194, shmat 30 196, shmctl 31 195, shmdt 67 197, msgget 68 186,
msgsnd 69 189, msgrcv 70 188, msgctl 71 187, semget 64 190, semop 65 193, semctl 66 191, semtimedop 220 192,
mq_open 240 180, mq_unlink 241 181
"""
"""What an honest program may try and do without: it gets EPERM. (`abort` signals its own thread.)"""

DEADLY = """
execve 59 221, execveat 322 281, fork 57 -, vfork 58 -, connect 42 203, bind 49 200, listen 50 201, accept 43 202,
accept4 288 242, kill 62 129, rt_sigqueueinfo 129 138, rt_tgsigqueueinfo 297 240, pidfd_open 434 434,
pidfd_send_signal 424 424, pidfd_getfd 438 438, ptrace 101 117, process_vm_readv 310 270, process_vm_writev 311 271,
process_madvise 440 440, process_mrelease 448 448, kcmp 312 272, io_uring_setup 425 425, io_uring_enter 426 426,
io_uring_register 427 427, unshare 272 97, setns 308 268, chroot 161 51, pivot_root 155 41, mount 165 40,
umount2 166 39, mount_setattr 442 442, open_tree 428 428, move_mount 429 429, fsopen 430 430, fsconfig 431 431,
fsmount 432 432, fspick 433 433, bpf 321 280, perf_event_open 298 241, userfaultfd 323 282, add_key 248 217,
request_key 249 218, keyctl 250 219, open_by_handle_at 304 265, name_to_handle_at 303 264, init_module 175 105,
finit_module 313 273, delete_module 176 106, kexec_load 246 104, kexec_file_load 320 294, reboot 169 142,
swapon 167 224, swapoff 168 225, acct 163 89, quotactl 179 60, sethostname 170 161, setdomainname 171 162,
settimeofday 164 170, clock_settime 227 112, clock_adjtime 305 266, adjtimex 159 171, iopl 172 -, ioperm 173 -,
modify_ldt 154 -, syslog 103 116, vhangup 153 58, fanotify_init 300 262, fanotify_mark 301 263, lookup_dcookie 212 18
"""
"""What only an attack asks for: the kernel kills the process, and the outcome is tampering."""

CHECKED = """
clone 56 220, clone3 435 435, socket 41 198, prlimit64 302 261, fcntl 72 25, ioctl 16 29, prctl 157 167
"""

ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
"""The machine's name → its column in the tables, and what the kernel calls it (AUDIT_ARCH_*)."""


def numbers(table: str, column: int) -> Iterator[tuple[str, int]]:
    """The names in a table that the architecture of that column has, with their numbers."""
    for entry in table.replace("\n", " ").split(","):
        name, *by_column = entry.split()
        if by_column[column] != "-":
            yield name, int(by_column[column])
