"""System calls: their numbers, and what each can plausibly fail with."""

import re
import subprocess

# A fault is an errno, or one of these (injector/fault.h):
#   after-ERRNO   made, and told of as failed         answer-N   not made, and returns N
#   short-N       made for N bytes at most            short-half made for half of them
#   delay-N       made N milliseconds late
# There is no futex among them: those that wake cannot fail, and the injector does not tell them from those that wait.
PLAUSIBLE = {
    "clock_nanosleep": "EINTR",
    "clone": "EAGAIN ENOMEM EPERM",
    "clone3": "EAGAIN ENOMEM EPERM ENOSYS",
    "close": "after-EIO after-EINTR",
    "close_range": "ENOSYS EINVAL",
    "copy_file_range": "EXDEV EIO",
    "fallocate": "EOPNOTSUPP ENOSPC",
    "fchmod": "EPERM EIO",
    "fcntl": "EINVAL EAGAIN",
    "fstat": "EIO ENOMEM",
    "fsync": "EIO ENOSPC",
    "ftruncate": "EIO ENOSPC EFBIG EINTR EPERM",
    "getdents64": "ENOENT EIO ENOMEM answer-0",
    "getrandom": "EAGAIN EINTR ENOSYS",
    "ioctl": "ENOTTY EPERM EINVAL EFAULT ENOMEM ESRCH",
    "kill": "EPERM ESRCH",
    "linkat": "EEXIST EPERM ENOENT EXDEV EMLINK ENOSPC EACCES",
    "lseek": "EINVAL EBADF",
    "madvise": "EINVAL",
    "memfd_create": "EMFILE ENOMEM ENOSYS",
    "mlock2": "EPERM ENOMEM EAGAIN",
    "mmap": "ENOMEM EAGAIN EPERM",
    "mprotect": "ENOMEM",
    "munmap": "ENOMEM",
    "newfstatat": "EACCES ENOENT ENOMEM EIO",
    "openat": "EACCES EMFILE ENOENT ENOMEM ESRCH EINTR EPERM ENFILE",
    "pidfd_open": "EMFILE ESRCH ENOSYS EPERM",
    "pidfd_send_signal": "EPERM",
    "pipe2": "EMFILE ENFILE",
    "poll": "EINTR ENOMEM EINVAL",
    "ppoll": "EINTR ENOMEM EAGAIN EINVAL",
    "prctl": "EINVAL EPERM",
    "pread64": "EIO EINTR EFAULT ENOMEM EPERM short-1 short-half answer-0",
    "prlimit64": "EPERM",
    "process_vm_readv": "EPERM ESRCH EFAULT ENOMEM ENOSYS short-half",
    "process_vm_writev": "EPERM ESRCH EFAULT ENOMEM short-half",
    "ptrace": "EPERM ESRCH EIO EBUSY EFAULT ENOMEM",
    "pwrite64": "ENOSPC EIO EINTR EFBIG EDQUOT EAGAIN short-1 short-half",
    "read": "EIO EINTR ESRCH ENOMEM EAGAIN short-1 short-half answer-0",
    "readlink": "EACCES ENOENT ESRCH",
    "readlinkat": "EACCES ENOENT ESRCH",
    "recvfrom": "EAGAIN EINTR ECONNRESET answer-0",
    "recvmsg": "EAGAIN EINTR EMFILE answer-0",
    "rename": "ENOENT EACCES ENOSPC EIO EXDEV",
    "renameat2": "EINVAL EEXIST",
    "rt_sigaction": "EINVAL",
    "rt_sigprocmask": "EINVAL",
    "sched_setscheduler": "EPERM",
    "sendmsg": "EAGAIN ENOBUFS EPIPE",
    "sendto": "EAGAIN EPIPE ENOBUFS EINTR",
    "setpriority": "EACCES EPERM",
    "setsid": "EPERM",
    "signalfd4": "EMFILE ENOMEM",
    "socketpair": "EMFILE ENFILE ENOMEM",
    "statfs": "EIO ENOSYS EACCES",
    "timer_create": "EAGAIN ENOMEM",
    "timer_settime": "EINVAL",
    "unlink": "EACCES",
    "unlinkat": "EACCES",
    "wait4": "ECHILD EINTR",
    "waitid": "ECHILD EINTR",
    "write": "ENOSPC EPIPE EIO EINTR EAGAIN short-1 short-half",
}

# What lasts: from some call on, each one of the kind fails.
STICKY = {
    "clone3": "EAGAIN",
    "getdents64": "EIO",
    "ioctl": "ENOTTY",
    "linkat": "EPERM",
    "mmap": "ENOMEM",
    "mprotect": "ENOMEM",
    "newfstatat": "EACCES",
    "openat": "EMFILE EACCES",
    "pread64": "EIO",
    "process_vm_readv": "EPERM ENOSYS",
    "process_vm_writev": "EPERM",
    "ptrace": "EPERM ESRCH",
    "pwrite64": "ENOSPC",
    "read": "EIO",
    "rename": "EACCES",
    "sendto": "EPIPE",
    "statfs": "EIO",
    "write": "EPIPE ENOSPC",
}

# Calls that carry a dump or a stop: every errno at every place that is tried, not one of them in turn.
KEY = {
    "main": set("ftruncate ioctl linkat openat pread64 process_vm_readv pwrite64 read recvfrom rename write".split()),
    "thread": set("ftruncate ioctl linkat openat pread64 process_vm_readv pwrite64 read rename write".split()),
    "holder": set(
        "getdents64 lseek openat ppoll process_vm_readv process_vm_writev ptrace read recvfrom sendto waitid".split()
    ),
}

# Calls that may come late, such as on a busy machine: longer than --max-pause.
LATE = {
    "main": {"pread64", "poll", "process_vm_readv", "recvfrom"},
    "thread": {"pread64", "pwrite64"},
    "holder": {"ppoll", "process_vm_writev", "ptrace", "sendto"},
}
DELAY_MILLISECONDS = 700


def numbers():
    """The system calls of this machine by their names."""
    header = subprocess.run(
        ["gcc", "-E", "-dM", "-include", "sys/syscall.h", "-x", "c", "/dev/null"],
        check=True, capture_output=True, text=True,
    ).stdout
    return {name: int(number) for name, number in re.findall(r"#define __NR_(\w+) (\d+)\n", header)}


NUMBER = numbers()
NAME = {number: name for name, number in NUMBER.items()}
