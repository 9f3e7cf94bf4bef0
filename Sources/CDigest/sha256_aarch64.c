#if defined(__aarch64__)

#include <arm_neon.h>
#include <sys/auxv.h>

#include "sha256_blocks.h"

#if defined(__clang__)
#define SHA2_TARGET __attribute__((target("sha2")))
#else
#define SHA2_TARGET __attribute__((target("+crypto")))
#endif

SHA2_TARGET static void blocks(uint32_t state[8], const uint8_t *bytes, size_t block_count) {
  uint32x4_t abcd = vld1q_u32(state), efgh = vld1q_u32(state + 4);
  for (; block_count > 0; block_count--, bytes += 64) {
    const uint32x4_t abcd_before = abcd, efgh_before = efgh;
    uint32x4_t w[4]; // 16 words of the schedule, from the oldest needed
    for (int i = 0; i < 4; i++) w[i] = vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(bytes + 16 * i)));
#pragma GCC unroll 16
    for (int i = 0; i < 16; i++) {
      uint32x4_t words = vaddq_u32(w[i % 4], vld1q_u32(sha256_constants + 4 * i)), before = abcd;
      abcd = vsha256hq_u32(abcd, efgh, words);
      efgh = vsha256h2q_u32(efgh, before, words);
      if (i < 12) {
        w[i % 4] = vsha256su1q_u32(vsha256su0q_u32(w[i % 4], w[(i + 1) % 4]), w[(i + 2) % 4], w[(i + 3) % 4]);
      }
    }
    abcd = vaddq_u32(abcd, abcd_before);
    efgh = vaddq_u32(efgh, efgh_before);
  }
  vst1q_u32(state, abcd);
  vst1q_u32(state + 4, efgh);
}

sha256_blocks *sha256_blocks_of_processor(void) {
  enum { SHA2 = 1 << 6 }; // HWCAP_SHA2
  return getauxval(AT_HWCAP) & SHA2 ? blocks : NULL;
}

#endif
