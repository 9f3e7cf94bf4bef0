#define _GNU_SOURCE
#include "cprocmem_confinement.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "holder/processor.h"

enum { LANDLOCK_CREATE = 444, LANDLOCK_ADD = 445, LANDLOCK_RESTRICT = 446, LANDLOCK_VERSION = 1, LANDLOCK_BENEATH = 1 };

// To give names is to make a regular file, to take them is to remove one (LANDLOCK_ACCESS_FS_…).
enum { MAKE_REGULAR = 1 << 8, REMOVE_FILE = 1 << 5 };

// struct landlock_ruleset_attr of Linux 6.12: newer than the headers of most distributions.
struct ruleset {
  uint64_t files;
  uint64_t network;
  uint64_t scopes;
};

// struct landlock_path_beneath_attr
struct beneath {
  uint64_t allowed;
  int32_t directory;
} __attribute__((packed));

// Everything but to read files and directories, as far as a version of Landlock knows it.
static uint64_t denied_of_files(int version) {
  uint64_t known = version >= 5 ? 0xffff : version >= 3 ? 0x7fff : version >= 2 ? 0x3fff : 0x1fff;
  return known & ~(uint64_t)(1 << 2 | 1 << 3);
}

static bool confine_files(const int *naming, size_t count) {
  int version = (int)syscall(LANDLOCK_CREATE, NULL, 0, LANDLOCK_VERSION);
  if (version < 1) return false;
  struct ruleset rules = {
      .files = denied_of_files(version), .network = version >= 4 ? 3 : 0, .scopes = version >= 6 ? 3 : 0};
  size_t size = sizeof rules;
  if (version < 6) size = version < 4 ? offsetof(struct ruleset, network) : offsetof(struct ruleset, scopes);
  int file = (int)syscall(LANDLOCK_CREATE, &rules, size, 0);
  if (file < 0) return false;
  bool is_ruled = true;
  for (size_t i = 0; i < count; i++) {
    struct beneath rule = {.allowed = MAKE_REGULAR | REMOVE_FILE, .directory = naming[i]};
    is_ruled = syscall(LANDLOCK_ADD, file, LANDLOCK_BENEATH, &rule, 0) == 0 && is_ruled;
  }
  bool is_confined = is_ruled && syscall(LANDLOCK_RESTRICT, file, 0) == 0;
  close(file);
  return is_confined;
}

struct program {
  struct sock_filter items[512];
  unsigned short count;
};

static void add(struct program *program, struct sock_filter item) {
  if (program->count < sizeof program->items / sizeof *program->items) program->items[program->count++] = item;
}

static void answer(struct program *program, int error) {
  uint32_t result = error != 0 ? SECCOMP_RET_ERRNO | (uint32_t)error : SECCOMP_RET_ALLOW;
  add(program, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, result));
}

static void deny(struct program *program, uint32_t call, int error) {
  add(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1));
  answer(program, error);
}

// Allows a call only where some bits of an argument, of 32 bits, are as they have to be.
static void require(struct program *program, uint32_t call, int argument, uint32_t bits, bool are_set) {
  add(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 4));
  uint32_t place = (uint32_t)offsetof(struct seccomp_data, args) + 8 * (uint32_t)argument; // its lower half
  add(program, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, place));
  add(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, are_set ? 0 : 1, are_set ? 1 : 0));
  answer(program, 0);
  answer(program, EPERM);
}

static const uint16_t denied[] = {
    // Programs and processes.
    SYS_execve, SYS_execveat, SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_setns, SYS_unshare,
    SYS_kcmp,
#ifdef SYS_fork
    SYS_fork, SYS_vfork,
#endif
#ifdef SYS_pidfd_getfd
    SYS_pidfd_getfd,
#endif
    // The network.
    SYS_socket, SYS_socketpair, SYS_connect, SYS_bind, SYS_listen, SYS_accept, SYS_accept4,
    // Attributes of files, which Landlock does not know.
    SYS_fchmod, SYS_fchmodat, SYS_fchown, SYS_fchownat, SYS_setxattr, SYS_lsetxattr, SYS_fsetxattr, SYS_removexattr,
    SYS_lremovexattr, SYS_fremovexattr, SYS_utimensat, SYS_name_to_handle_at, SYS_open_by_handle_at,
    // Names of files, for kernels without Landlock.
    SYS_symlinkat, SYS_mkdirat, SYS_mknodat, SYS_truncate,
#ifdef SYS_rename
    SYS_symlink, SYS_mkdir, SYS_rmdir, SYS_mknod, SYS_creat, SYS_chmod, SYS_chown, SYS_lchown, SYS_utime, SYS_utimes,
    SYS_futimesat,
#endif
    // The system.
    SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_swapon, SYS_swapoff, SYS_reboot, SYS_init_module,
    SYS_finit_module, SYS_delete_module, SYS_kexec_load, SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, SYS_add_key,
    SYS_request_key, SYS_keyctl, SYS_quotactl, SYS_acct, SYS_settimeofday, SYS_clock_settime, SYS_adjtimex,
    SYS_sethostname, SYS_setdomainname, SYS_syslog, SYS_fanotify_init, SYS_vhangup,
#ifdef SYS_io_uring_setup
    SYS_io_uring_setup,
#endif
};

// The calls that give and take names of files.
static const uint16_t naming[] = {
    SYS_linkat, SYS_unlinkat, SYS_renameat, SYS_renameat2,
#ifdef SYS_rename
    SYS_link, SYS_unlink, SYS_rename,
#endif
};

static int confine_calls(bool has_landlock, bool may_name) {
  static struct program program;
  if (cprocmem_processor.audit_architecture == 0) return -ENOSYS;
  program.count = 0;
  add(&program, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)));
  add(&program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, cprocmem_processor.audit_architecture, 1, 0));
  answer(&program, EPERM);
  add(&program, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)));
  if (cprocmem_processor.foreign_calls != 0) {
    add(&program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, cprocmem_processor.foreign_calls, 0, 1));
    answer(&program, EPERM);
  }
  for (size_t i = 0; i < sizeof denied / sizeof *denied; i++) deny(&program, denied[i], EPERM);
  for (size_t i = 0; !may_name && i < sizeof naming / sizeof *naming; i++) deny(&program, naming[i], EPERM);
#ifdef SYS_clone3
  deny(&program, SYS_clone3, ENOSYS); // its flags are in memory; whoever makes a thread goes on with clone
#endif
  if (!has_landlock) {
    deny(&program, 437 /* openat2 */, ENOSYS);
#ifdef SYS_open
    require(&program, SYS_open, 1, O_ACCMODE | O_CREAT | O_TRUNC, false);
#endif
    require(&program, SYS_openat, 2, O_ACCMODE | O_CREAT | O_TRUNC, false);
  }
  require(&program, SYS_clone, 0, CLONE_THREAD, true);
  answer(&program, 0);
  struct sock_fprog filter = {.len = program.count, .filter = program.items};
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter) == 0 ? 0 : -errno;
}

int cprocmem_confine(const int *naming, size_t count) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -errno;
  bool has_landlock = confine_files(naming, count);
  int error = confine_calls(has_landlock, count > 0);
  return error != 0 ? error : has_landlock;
}

int cprocmem_keep_capabilities(uint64_t kept) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];
  if (syscall(SYS_capget, &header, sets) != 0) return -errno;
  for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
    uint32_t mask = (uint32_t)(kept >> 32 * i);
    sets[i] = (struct __user_cap_data_struct){.effective = sets[i].effective & mask, .permitted = sets[i].permitted & mask};
  }
  return syscall(SYS_capset, &header, sets) == 0 ? 0 : -errno;
}
