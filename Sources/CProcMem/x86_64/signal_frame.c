#if defined(__x86_64__)

#define _GNU_SOURCE
#include "signal_frame.h"

#include <cpuid.h>
#include <string.h>

_Static_assert(sizeof(struct signal_frame) == 8 + 40 + 256 + 8, "the layout is the kernel's");

enum {
  FRAME_HAS_EXTENDED_STATE = 1, FRAME_RESTORES_SS = 2, FRAME_RESTORES_SS_STRICTLY = 4, // UC_… of <asm/ucontext.h>
  STACK_FLAGS_NOT_VALID = 0x7ffffff, // sigaltstack(2) refuses them, and rt_sigreturn goes on
};

// Where the parts of the extended state stand; see "Extended state" in the processor's manual and <asm/sigcontext.h>.
enum {
  LEGACY_SIZE = 512, HEADER_SIZE = 64, SOFTWARE_BYTES = 464, // of struct _fpx_sw_bytes
  FIRST_MAGIC = 0x46505853, SECOND_MAGIC = 0x46505845,
};
static const uint64_t legacy_features = 3;
static const uint64_t matrix_features = UINT64_C(3) << 17; // AMX, whose data is allowed by arch_prctl(2) only

struct software_bytes {
  uint32_t magic, extended_size;
  uint64_t features;
  uint32_t size, padding[7];
};

static size_t standard_size(uint64_t features) {
  size_t size = LEGACY_SIZE + HEADER_SIZE;
  for (unsigned feature = 2; feature < 63; feature++) {
    if ((features >> feature & 1) == 0) continue;
    unsigned length, offset, flags, unused;
    __cpuid_count(0xd, feature, length, offset, flags, unused);
    const unsigned is_supervisor = 1;
    if ((flags & is_supervisor) == 0 && offset + length > size) size = offset + length;
  }
  return size;
}

size_t cprocmem_frame_extended_state(struct extended_state *state) {
  if (state->size < LEGACY_SIZE + HEADER_SIZE) return 0;
  struct software_bytes software = {.magic = FIRST_MAGIC};
  uint64_t enabled, used; // ptrace gives the enabled features where the software bytes are
  memcpy(&enabled, state->bytes + SOFTWARE_BYTES, sizeof enabled);
  memcpy(&used, state->bytes + LEGACY_SIZE, sizeof used);
  software.features = (enabled | legacy_features) & ~matrix_features;
  if (used & ~software.features) return 0;
  size_t size = standard_size(software.features);
  if (size > state->size || size + EXTENDED_STATE_END > sizeof state->bytes) return 0;
  software.size = (uint32_t)size;
  software.extended_size = software.size + EXTENDED_STATE_END;
  memcpy(state->bytes + SOFTWARE_BYTES, &software, sizeof software);
  const uint32_t end = SECOND_MAGIC;
  memcpy(state->bytes + size, &end, sizeof end);
  return software.extended_size;
}

struct signal_frame cprocmem_make_frame(const struct user_regs_struct *from, uint64_t signal_mask, uint64_t restorer,
                                        uint64_t extended_state) {
  return (struct signal_frame){
      .return_address = restorer,
      .flags = FRAME_RESTORES_SS | FRAME_RESTORES_SS_STRICTLY | (extended_state != 0 ? FRAME_HAS_EXTENDED_STATE : 0),
      .stack_flags = STACK_FLAGS_NOT_VALID,
      .r8 = from->r8, .r9 = from->r9, .r10 = from->r10, .r11 = from->r11,
      .r12 = from->r12, .r13 = from->r13, .r14 = from->r14, .r15 = from->r15,
      .rdi = from->rdi, .rsi = from->rsi, .rbp = from->rbp, .rbx = from->rbx,
      .rdx = from->rdx, .rax = from->rax, .rcx = from->rcx, .rsp = from->rsp,
      .rip = from->rip, .rflags = from->eflags, .cs = (uint16_t)from->cs, .ss = (uint16_t)from->ss,
      .extended_state = extended_state, .signal_mask = signal_mask,
  };
}

#endif
