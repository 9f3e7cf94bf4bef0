#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

#include "sha256_blocks.h"

// The state is kept as the instructions want it, with A, B, E, F in one vector and C, D, G, H in the other: Intel's
// Software Developer's Manual, SHA256RNDS2.
__attribute__((target("sha,ssse3,sse4.1"))) static void blocks(uint32_t state[8], const uint8_t *bytes, size_t block_count) {
  const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  __m128i low = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0xB1);
  __m128i high = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state + 4)), 0x1B);
  __m128i abef = _mm_alignr_epi8(low, high, 8), cdgh = _mm_blend_epi16(high, low, 0xF0);

  for (; block_count > 0; block_count--, bytes += 64) {
    const __m128i abef_before = abef, cdgh_before = cdgh;
    __m128i w[4]; // 16 words of the schedule, from the oldest needed
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(bytes + 16 * i)), big_endian);
#pragma GCC unroll 16
    for (int i = 0; i < 16; i++) {
      __m128i *oldest = &w[i % 4], second = w[(i + 1) % 4], third = w[(i + 2) % 4], newest = w[(i + 3) % 4];
      __m128i words = _mm_add_epi32(*oldest, _mm_loadu_si128((const __m128i *)(sha256_constants + 4 * i)));
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, words);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(words, 0x0E));
      if (i < 12) {
        __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(*oldest, second), _mm_alignr_epi8(newest, third, 4));
        *oldest = _mm_sha256msg2_epu32(sum, newest);
      }
    }
    abef = _mm_add_epi32(abef, abef_before);
    cdgh = _mm_add_epi32(cdgh, cdgh_before);
  }

  low = _mm_shuffle_epi32(abef, 0x1B);
  high = _mm_shuffle_epi32(cdgh, 0xB1);
  _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(low, high, 0xF0));
  _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(high, low, 8));
}

sha256_blocks *sha256_blocks_of_processor(void) {
  enum { SSSE3 = 1 << 9, SSE4_1 = 1 << 19, SHA = 1 << 29 };
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || (c & (SSSE3 | SSE4_1)) != (SSSE3 | SSE4_1)) return NULL;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(b & SHA)) return NULL;
  return blocks;
}

#endif
