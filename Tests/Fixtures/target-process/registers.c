// One round of a computation whose whole state is in registers, across a sleep in the kernel. A stop that gives back a
// wrong register, or makes the sleep return early, changes the result. Assembly, because a debug build keeps C
// variables in memory.
#define _GNU_SOURCE
#include <string.h>
#include <time.h>

#include "target-process.h"

enum { turns = 20000, sleep_nanoseconds = 100000 };

static void write_start_values(struct registers *values) {
  memset(values, 0, sizeof *values);
  for (unsigned i = 0; i < 8; i++) values->integers[i] = UINT64_C(0x9e3779b97f4a7c15) * (i + 1);
  for (unsigned i = 0; i < 28; i++) values->floats[i] = i + 1;
  for (unsigned i = 28; i < 30; i++) values->floats[i] = 0.5;
  for (unsigned i = 30; i < 32; i++) values->floats[i] = 1.0000001;
}

#if defined(__x86_64__)

#define FOR_EACH_INTEGER(DO) \
  DO(0, "rdx") DO(8, "r8") DO(16, "r9") DO(24, "r10") DO(32, "r12") DO(40, "r13") DO(48, "r14") DO(56, "r15")
#define FOR_EACH_FLOAT(DO) \
  DO(64, "xmm0") DO(80, "xmm1") DO(96, "xmm2") DO(112, "xmm3") DO(128, "xmm4") DO(144, "xmm5") DO(160, "xmm6") \
  DO(176, "xmm7") DO(192, "xmm8") DO(208, "xmm9") DO(224, "xmm10") DO(240, "xmm11") DO(256, "xmm12") DO(272, "xmm13")

#define LOAD_INTEGER(OFFSET, REGISTER) "movq " #OFFSET "(%%rbx), %%" REGISTER "\n"
#define STORE_INTEGER(OFFSET, REGISTER) "movq %%" REGISTER ", " #OFFSET "(%%rbx)\n"
#define TURN_INTEGER(OFFSET, REGISTER) \
  "imulq $0x5851f42d, %%" REGISTER ", %%" REGISTER "\naddq $0x14057b7f, %%" REGISTER "\n"
#define LOAD_FLOAT(OFFSET, REGISTER) "movupd " #OFFSET "(%%rbx), %%" REGISTER "\n"
#define STORE_FLOAT(OFFSET, REGISTER) "movupd %%" REGISTER ", " #OFFSET "(%%rbx)\n"
#define TURN_FLOAT(OFFSET, REGISTER) "mulpd %%xmm15, %%" REGISTER "\naddpd %%xmm14, %%" REGISTER "\n"

void compute_in_registers(struct registers *result) {
  write_start_values(result);
  const struct timespec pause = {.tv_nsec = sleep_nanoseconds};
  const struct timespec *pause_argument = &pause;
  uint64_t turns_left = turns, unslept = 0;
  int64_t status = 35;  // nanosleep
  __asm__ volatile(
    FOR_EACH_INTEGER(LOAD_INTEGER)
    FOR_EACH_FLOAT(LOAD_FLOAT) LOAD_FLOAT(288, "xmm14") LOAD_FLOAT(304, "xmm15")
    "1:\n"
    FOR_EACH_INTEGER(TURN_INTEGER)
    FOR_EACH_FLOAT(TURN_FLOAT)
    "decq %%rcx\n"
    "jnz 1b\n"
    "syscall\n"
    FOR_EACH_INTEGER(STORE_INTEGER)
    FOR_EACH_FLOAT(STORE_FLOAT) STORE_FLOAT(288, "xmm14") STORE_FLOAT(304, "xmm15")
    : "+c"(turns_left), "+a"(status), "+D"(pause_argument), "+S"(unslept)
    : "b"(result)
    : "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5",
      "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "cc", "memory");
  result->sleep_result = status;
}

_Static_assert(offsetof(struct registers, floats) == 64, "the offsets in the assembly follow the structure");

#else

// Elsewhere the compiler decides what is in a register: a weaker check of the same computation.
void compute_in_registers(struct registers *result) {
  write_start_values(result);
  for (unsigned turn = 0; turn < turns; turn++) {
    for (unsigned i = 0; i < 8; i++) result->integers[i] = result->integers[i] * 0x5851f42d + 0x14057b7f;
    for (unsigned i = 0; i < 28; i++) result->floats[i] = result->floats[i] * result->floats[30] + result->floats[28];
  }
  result->sleep_result = nanosleep(&(struct timespec){.tv_nsec = sleep_nanoseconds}, NULL);
}

#endif
