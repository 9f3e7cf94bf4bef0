#if defined(__x86_64__)

#define _GNU_SOURCE
#include "interrupted_call.h"

#include <errno.h>

#include "registers.h"

// By number: the headers of older systems lack some. All of them have done nothing yet when they return EINTR; the calls on
// sockets do so with a timeout (SO_RCVTIMEO, SO_SNDTIMEO), and are restarted by the kernel itself without one.
static bool returns_eintr(long call) {
  switch (call) {
  case 42: // connect
  case 43: // accept
  case 44: // sendto
  case 45: // recvfrom
  case 46: // sendmsg
  case 47: // recvmsg
  case 65: // semop
  case 128: // rt_sigtimedwait
  case 208: // io_getevents
  case 220: // semtimedop
  case 232: // epoll_wait
  case 281: // epoll_pwait
  case 288: // accept4
  case 333: // io_pgetevents
  case 441: // epoll_pwait2
    return true;
  default: return false;
  }
}

void cprocmem_restart_interrupted_call(pid_t tid) {
  struct user_regs_struct registers;
  if (!cprocmem_get_registers(tid, &registers)) return;
  if ((long)registers.rax != -EINTR || !returns_eintr((long)registers.orig_rax)) return;
  // What the kernel's own calls of this sort return. It decides between EINTR and a restart when the thread leaves its
  // stop, with the signals that are pending then; to turn back the program counter here could miss one.
  registers.rax = (unsigned long)-ERESTARTNOHAND;
  cprocmem_set_registers(tid, &registers);
}

#endif
