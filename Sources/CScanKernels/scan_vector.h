// Vectors of bytes for the scan kernels, one set of functions per instruction set, all with the same names behind a
// prefix: a kernel is written once (scan_ipv4_port_kernel.h) and compiled per set, because SwiftPM cannot give a file
// compiler flags of its own. Private to this target.
//
//   SET_WIDTH         bytes in a vector
//   SET_STEP          bytes a search should look at per branch, a multiple of 64
//   set_load          a vector from memory, no alignment needed
//   set_store         a vector to memory, no alignment needed
//   set_narrow        two vectors of little-endian units of two bytes as one of bytes: 0x80 for all that is above 0x7F
//   set_equal         the lanes that equal a byte
//   set_within        the lanes in low...high
//   set_above         the lanes above a byte of ASCII; those above 0x7F are in or not
//   set_pair_within   the lanes in low...high in both of two vectors (cheaper than two times set_within)
//   set_equal_masked  the lanes that equal a byte in the bits of a mask
//   set_both          the lanes in both of two sets of lanes
//   set_either        the lanes in one at least of two, set_any: is there one
//   set_mask          64 bytes' worth of lanes as bits, the first byte in bit 0
//   set_table         16 bytes, for set_lookup
//   set_lookup        for each lane, what is in both of two tables, at the lower and at the upper half of the byte
//   set_common        the bits in both of two vectors
//   set_occupied      the lanes that are not zero
//   set_groups_within the groups of four bytes, counted from the vector's first, that are in low...high as a whole
//   set_groups_tagged the groups that begin with a little-endian number of two bytes in low...high, then not two zeros
//   set_both_groups   the groups in both of two
//   set_either_group  the groups in one at least of two, set_any_group: is there one
//
// Not every set has tables: ssse3 stands for sse2 where they are needed.
//
// Groups make the cheapest search there is: one load and three operations a vector, for any text of which four such
// bytes in a row must be part wherever it starts.

#ifndef SCAN_VECTOR_H
#define SCAN_VECTOR_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define SCAN_INLINE static inline __attribute__((always_inline, unused))

#if defined(__x86_64__)

#include <immintrin.h>

// SSE2: part of every x86-64.

#define SSE2_TARGET
enum { SSE2_WIDTH = 16, SSE2_STEP = 64 };
typedef __m128i sse2_vector;
typedef __m128i sse2_lanes;

SCAN_INLINE sse2_vector sse2_load(const uint8_t *bytes) { return _mm_loadu_si128((const __m128i *)bytes); }

SCAN_INLINE void sse2_store(uint8_t *bytes, sse2_vector vector) { _mm_storeu_si128((__m128i *)bytes, vector); }

// There is no minimum of unsigned halves: what is above 0x80 is taken off.
SCAN_INLINE sse2_vector sse2_narrow(sse2_vector low, sse2_vector high) {
  __m128i limit = _mm_set1_epi16(0x80);
  low = _mm_sub_epi16(low, _mm_subs_epu16(low, limit));
  high = _mm_sub_epi16(high, _mm_subs_epu16(high, limit));
  return _mm_packus_epi16(low, high);
}

SCAN_INLINE sse2_lanes sse2_equal(sse2_vector vector, uint8_t byte) {
  return _mm_cmpeq_epi8(vector, _mm_set1_epi8((char)byte));
}

// There is only a signed comparison, so low...high is moved to the top of the signed range: one comparison does.
SCAN_INLINE sse2_vector sse2_raise(sse2_vector vector, uint8_t high) {
  return _mm_add_epi8(vector, _mm_set1_epi8((char)(0x7F - high)));
}

SCAN_INLINE sse2_lanes sse2_within(sse2_vector vector, uint8_t low, uint8_t high) {
  return _mm_cmpgt_epi8(sse2_raise(vector, high), _mm_set1_epi8((char)(0x7E - high + low)));
}

SCAN_INLINE sse2_lanes sse2_above(sse2_vector vector, uint8_t byte) {
  return _mm_cmpgt_epi8(vector, _mm_set1_epi8((char)byte));
}

SCAN_INLINE sse2_lanes sse2_pair_within(sse2_vector one, sse2_vector other, uint8_t low, uint8_t high) {
  __m128i base = _mm_set1_epi8((char)low);
  __m128i distance = _mm_max_epu8(_mm_sub_epi8(one, base), _mm_sub_epi8(other, base));
  return _mm_cmpeq_epi8(_mm_min_epu8(distance, _mm_set1_epi8((char)(high - low))), distance);
}

SCAN_INLINE sse2_lanes sse2_equal_masked(sse2_vector vector, uint8_t byte, uint8_t mask) {
  return sse2_equal(_mm_and_si128(vector, _mm_set1_epi8((char)mask)), byte);
}

SCAN_INLINE sse2_lanes sse2_both(sse2_lanes one, sse2_lanes other) { return _mm_and_si128(one, other); }
SCAN_INLINE sse2_lanes sse2_either(sse2_lanes one, sse2_lanes other) { return _mm_or_si128(one, other); }
SCAN_INLINE bool sse2_any(sse2_lanes lanes) { return _mm_movemask_epi8(lanes) != 0; }

SCAN_INLINE uint64_t sse2_mask(const sse2_lanes lanes[4]) {
  uint32_t low = (uint32_t)_mm_movemask_epi8(lanes[0]) | (uint32_t)_mm_movemask_epi8(lanes[1]) << 16;
  uint32_t high = (uint32_t)_mm_movemask_epi8(lanes[2]) | (uint32_t)_mm_movemask_epi8(lanes[3]) << 16;
  return low | (uint64_t)high << 32;
}

typedef __m128i sse2_groups;

SCAN_INLINE sse2_groups sse2_groups_within(sse2_vector vector, uint8_t low, uint8_t high) {
  __m128i distance = _mm_sub_epi8(vector, _mm_set1_epi8((char)low));
  __m128i excess = _mm_subs_epu8(distance, _mm_set1_epi8((char)(high - low)));
  return _mm_cmpeq_epi32(excess, _mm_setzero_si128());
}

// Less by one the other half is 0xFFFF only where it was 0, the one value too many.
SCAN_INLINE sse2_groups sse2_groups_tagged(sse2_vector vector, uint16_t low, uint16_t high) {
  __m128i distance = _mm_sub_epi16(vector, _mm_set1_epi32((int)(UINT32_C(0x10000) | low)));
  __m128i excess = _mm_subs_epu16(distance, _mm_set1_epi32((int)(UINT32_C(0xFFFE0000) | (uint16_t)(high - low))));
  return _mm_cmpeq_epi32(excess, _mm_setzero_si128());
}

SCAN_INLINE sse2_groups sse2_both_groups(sse2_groups one, sse2_groups other) { return _mm_and_si128(one, other); }
SCAN_INLINE sse2_groups sse2_either_group(sse2_groups one, sse2_groups other) { return _mm_or_si128(one, other); }
SCAN_INLINE bool sse2_any_group(sse2_groups groups) { return _mm_movemask_epi8(groups) != 0; }

// SSSE3: what SSE2 has, and tables.

#define SSSE3_TARGET __attribute__((target("ssse3")))
enum { SSSE3_WIDTH = 16 };
typedef __m128i ssse3_vector;
typedef __m128i ssse3_lanes;

SCAN_INLINE ssse3_vector ssse3_load(const uint8_t *bytes) { return sse2_load(bytes); }
SCAN_INLINE void ssse3_store(uint8_t *bytes, ssse3_vector vector) { sse2_store(bytes, vector); }
SCAN_INLINE ssse3_lanes ssse3_either(ssse3_lanes one, ssse3_lanes other) { return sse2_either(one, other); }
SCAN_INLINE bool ssse3_any(ssse3_lanes lanes) { return sse2_any(lanes); }
SCAN_INLINE uint64_t ssse3_mask(const ssse3_lanes lanes[4]) { return sse2_mask(lanes); }
SCAN_INLINE ssse3_vector ssse3_table(const uint8_t *table) { return sse2_load(table); }

SCAN_INLINE SSSE3_TARGET ssse3_vector ssse3_lookup(ssse3_vector low, ssse3_vector high, ssse3_vector bytes) {
  __m128i half = _mm_set1_epi8(0xF);
  return _mm_and_si128(_mm_shuffle_epi8(low, _mm_and_si128(bytes, half)),
                       _mm_shuffle_epi8(high, _mm_and_si128(_mm_srli_epi16(bytes, 4), half)));
}

SCAN_INLINE ssse3_vector ssse3_common(ssse3_vector one, ssse3_vector other) { return _mm_and_si128(one, other); }

SCAN_INLINE ssse3_lanes ssse3_occupied(ssse3_vector vector) {
  return _mm_xor_si128(_mm_cmpeq_epi8(vector, _mm_setzero_si128()), _mm_set1_epi8(-1));
}

// AVX2, and BMI and BMI2 for the work on masks. Not LZCNT: a processor without it silently runs something else.

#define AVX2_TARGET __attribute__((target("avx2,bmi,bmi2")))
enum { AVX2_WIDTH = 32, AVX2_STEP = 128 };
typedef __m256i avx2_vector;
typedef __m256i avx2_lanes;

SCAN_INLINE AVX2_TARGET avx2_vector avx2_load(const uint8_t *bytes) {
  return _mm256_loadu_si256((const __m256i *)bytes);
}

SCAN_INLINE AVX2_TARGET void avx2_store(uint8_t *bytes, avx2_vector vector) {
  _mm256_storeu_si256((__m256i *)bytes, vector);
}

// The pack works on each half of a vector by itself, so its quarters are put in order.
SCAN_INLINE AVX2_TARGET avx2_vector avx2_narrow(avx2_vector low, avx2_vector high) {
  __m256i limit = _mm256_set1_epi16(0x80);
  __m256i packed = _mm256_packus_epi16(_mm256_min_epu16(low, limit), _mm256_min_epu16(high, limit));
  return _mm256_permute4x64_epi64(packed, 0xD8);
}

SCAN_INLINE AVX2_TARGET avx2_lanes avx2_equal(avx2_vector vector, uint8_t byte) {
  return _mm256_cmpeq_epi8(vector, _mm256_set1_epi8((char)byte));
}

SCAN_INLINE AVX2_TARGET avx2_vector avx2_raise(avx2_vector vector, uint8_t high) {
  return _mm256_add_epi8(vector, _mm256_set1_epi8((char)(0x7F - high)));
}

SCAN_INLINE AVX2_TARGET avx2_lanes avx2_within(avx2_vector vector, uint8_t low, uint8_t high) {
  return _mm256_cmpgt_epi8(avx2_raise(vector, high), _mm256_set1_epi8((char)(0x7E - high + low)));
}

SCAN_INLINE AVX2_TARGET avx2_lanes avx2_above(avx2_vector vector, uint8_t byte) {
  return _mm256_cmpgt_epi8(vector, _mm256_set1_epi8((char)byte));
}

SCAN_INLINE AVX2_TARGET avx2_lanes avx2_pair_within(avx2_vector one, avx2_vector other, uint8_t low, uint8_t high) {
  __m256i lower = _mm256_min_epi8(avx2_raise(one, high), avx2_raise(other, high));
  return _mm256_cmpgt_epi8(lower, _mm256_set1_epi8((char)(0x7E - high + low)));
}

SCAN_INLINE AVX2_TARGET avx2_lanes avx2_equal_masked(avx2_vector vector, uint8_t byte, uint8_t mask) {
  return avx2_equal(_mm256_and_si256(vector, _mm256_set1_epi8((char)mask)), byte);
}

SCAN_INLINE AVX2_TARGET avx2_lanes avx2_both(avx2_lanes one, avx2_lanes other) { return _mm256_and_si256(one, other); }
SCAN_INLINE AVX2_TARGET avx2_lanes avx2_either(avx2_lanes one, avx2_lanes other) { return _mm256_or_si256(one, other); }
SCAN_INLINE AVX2_TARGET bool avx2_any(avx2_lanes lanes) { return _mm256_movemask_epi8(lanes) != 0; }

SCAN_INLINE AVX2_TARGET uint64_t avx2_mask(const avx2_lanes lanes[2]) {
  return (uint32_t)_mm256_movemask_epi8(lanes[0]) | (uint64_t)(uint32_t)_mm256_movemask_epi8(lanes[1]) << 32;
}

SCAN_INLINE AVX2_TARGET avx2_vector avx2_table(const uint8_t *table) {
  return _mm256_broadcastsi128_si256(sse2_load(table));
}

SCAN_INLINE AVX2_TARGET avx2_vector avx2_lookup(avx2_vector low, avx2_vector high, avx2_vector bytes) {
  __m256i half = _mm256_set1_epi8(0xF);
  return _mm256_and_si256(_mm256_shuffle_epi8(low, _mm256_and_si256(bytes, half)),
                          _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16(bytes, 4), half)));
}

SCAN_INLINE AVX2_TARGET avx2_vector avx2_common(avx2_vector one, avx2_vector other) {
  return _mm256_and_si256(one, other);
}

SCAN_INLINE AVX2_TARGET avx2_lanes avx2_occupied(avx2_vector vector) {
  return _mm256_xor_si256(_mm256_cmpeq_epi8(vector, _mm256_setzero_si256()), _mm256_set1_epi8(-1));
}

// A group is 0 where it is within: a minimum joins two vectors of groups, and one comparison at the end is enough.
typedef __m256i avx2_groups;

SCAN_INLINE AVX2_TARGET avx2_groups avx2_groups_within(avx2_vector vector, uint8_t low, uint8_t high) {
  __m256i distance = _mm256_sub_epi8(vector, _mm256_set1_epi8((char)low));
  return _mm256_subs_epu8(distance, _mm256_set1_epi8((char)(high - low)));
}

SCAN_INLINE AVX2_TARGET avx2_groups avx2_groups_tagged(avx2_vector vector, uint16_t low, uint16_t high) {
  __m256i distance = _mm256_sub_epi16(vector, _mm256_set1_epi32((int)(UINT32_C(0x10000) | low)));
  return _mm256_subs_epu16(distance, _mm256_set1_epi32((int)(UINT32_C(0xFFFE0000) | (uint16_t)(high - low))));
}

SCAN_INLINE AVX2_TARGET avx2_groups avx2_both_groups(avx2_groups one, avx2_groups other) {
  return _mm256_or_si256(one, other);
}

SCAN_INLINE AVX2_TARGET avx2_groups avx2_either_group(avx2_groups one, avx2_groups other) {
  return _mm256_min_epu32(one, other);
}

SCAN_INLINE AVX2_TARGET bool avx2_any_group(avx2_groups groups) {
  return _mm256_movemask_epi8(_mm256_cmpeq_epi32(groups, _mm256_setzero_si256())) != 0;
}

// AVX-512 with bytes, and BMI and BMI2. Lanes are bits from the start.

#define AVX512_TARGET __attribute__((target("avx512f,avx512bw,avx512vl,bmi,bmi2")))
enum { AVX512_WIDTH = 64, AVX512_STEP = 128 };
typedef __m512i avx512_vector;
typedef __mmask64 avx512_lanes;

SCAN_INLINE AVX512_TARGET avx512_vector avx512_load(const uint8_t *bytes) { return _mm512_loadu_si512(bytes); }

SCAN_INLINE AVX512_TARGET void avx512_store(uint8_t *bytes, avx512_vector vector) {
  _mm512_storeu_si512(bytes, vector);
}

// As with AVX2, eighths are put in order.
SCAN_INLINE AVX512_TARGET avx512_vector avx512_narrow(avx512_vector low, avx512_vector high) {
  __m512i limit = _mm512_set1_epi16(0x80);
  __m512i packed = _mm512_packus_epi16(_mm512_min_epu16(low, limit), _mm512_min_epu16(high, limit));
  return _mm512_permutexvar_epi64(_mm512_set_epi64(7, 5, 3, 1, 6, 4, 2, 0), packed);
}

SCAN_INLINE AVX512_TARGET avx512_lanes avx512_equal(avx512_vector vector, uint8_t byte) {
  return _mm512_cmpeq_epi8_mask(vector, _mm512_set1_epi8((char)byte));
}

SCAN_INLINE AVX512_TARGET avx512_vector avx512_distance(avx512_vector vector, uint8_t low) {
  return _mm512_sub_epi8(vector, _mm512_set1_epi8((char)low));
}

SCAN_INLINE AVX512_TARGET avx512_lanes avx512_within(avx512_vector vector, uint8_t low, uint8_t high) {
  return _mm512_cmple_epu8_mask(avx512_distance(vector, low), _mm512_set1_epi8((char)(high - low)));
}

SCAN_INLINE AVX512_TARGET avx512_lanes avx512_above(avx512_vector vector, uint8_t byte) {
  return _mm512_cmpgt_epi8_mask(vector, _mm512_set1_epi8((char)byte));
}

SCAN_INLINE AVX512_TARGET avx512_lanes avx512_pair_within(avx512_vector one, avx512_vector other, uint8_t low,
                                                          uint8_t high) {
  __m512i distance = _mm512_max_epu8(avx512_distance(one, low), avx512_distance(other, low));
  return _mm512_cmple_epu8_mask(distance, _mm512_set1_epi8((char)(high - low)));
}

SCAN_INLINE AVX512_TARGET avx512_lanes avx512_equal_masked(avx512_vector vector, uint8_t byte, uint8_t mask) {
  return avx512_equal(_mm512_and_si512(vector, _mm512_set1_epi8((char)mask)), byte);
}

SCAN_INLINE AVX512_TARGET avx512_lanes avx512_both(avx512_lanes one, avx512_lanes other) { return one & other; }
SCAN_INLINE AVX512_TARGET avx512_lanes avx512_either(avx512_lanes one, avx512_lanes other) { return one | other; }
SCAN_INLINE AVX512_TARGET bool avx512_any(avx512_lanes lanes) { return lanes != 0; }
SCAN_INLINE AVX512_TARGET uint64_t avx512_mask(const avx512_lanes lanes[1]) { return lanes[0]; }

SCAN_INLINE AVX512_TARGET avx512_vector avx512_table(const uint8_t *table) {
  return _mm512_broadcast_i32x4(sse2_load(table));
}

SCAN_INLINE AVX512_TARGET avx512_vector avx512_lookup(avx512_vector low, avx512_vector high, avx512_vector bytes) {
  __m512i half = _mm512_set1_epi8(0xF);
  return _mm512_and_si512(_mm512_shuffle_epi8(low, _mm512_and_si512(bytes, half)),
                          _mm512_shuffle_epi8(high, _mm512_and_si512(_mm512_srli_epi16(bytes, 4), half)));
}

SCAN_INLINE AVX512_TARGET avx512_vector avx512_common(avx512_vector one, avx512_vector other) {
  return _mm512_and_si512(one, other);
}

SCAN_INLINE AVX512_TARGET avx512_lanes avx512_occupied(avx512_vector vector) {
  return _mm512_test_epi8_mask(vector, vector);
}

// A group is 0 where it is within.
typedef __m512i avx512_groups;

SCAN_INLINE AVX512_TARGET avx512_groups avx512_groups_within(avx512_vector vector, uint8_t low, uint8_t high) {
  return _mm512_subs_epu8(avx512_distance(vector, low), _mm512_set1_epi8((char)(high - low)));
}

SCAN_INLINE AVX512_TARGET avx512_groups avx512_groups_tagged(avx512_vector vector, uint16_t low, uint16_t high) {
  __m512i distance = _mm512_sub_epi16(vector, _mm512_set1_epi32((int)(UINT32_C(0x10000) | low)));
  return _mm512_subs_epu16(distance, _mm512_set1_epi32((int)(UINT32_C(0xFFFE0000) | (uint16_t)(high - low))));
}

SCAN_INLINE AVX512_TARGET avx512_groups avx512_both_groups(avx512_groups one, avx512_groups other) {
  return _mm512_or_si512(one, other);
}

SCAN_INLINE AVX512_TARGET avx512_groups avx512_either_group(avx512_groups one, avx512_groups other) {
  return _mm512_min_epu32(one, other);
}

SCAN_INLINE AVX512_TARGET bool avx512_any_group(avx512_groups groups) {
  return _mm512_testn_epi32_mask(groups, groups) != 0;
}

#elif defined(__aarch64__)

#include <arm_neon.h>

#define NEON_TARGET
enum { NEON_WIDTH = 16, NEON_STEP = 64 };
typedef uint8x16_t neon_vector;
typedef uint8x16_t neon_lanes;

SCAN_INLINE neon_vector neon_load(const uint8_t *bytes) { return vld1q_u8(bytes); }

SCAN_INLINE void neon_store(uint8_t *bytes, neon_vector vector) { vst1q_u8(bytes, vector); }

SCAN_INLINE neon_vector neon_narrow(neon_vector low, neon_vector high) {
  uint16x8_t limit = vdupq_n_u16(0x80);
  return vcombine_u8(vmovn_u16(vminq_u16(vreinterpretq_u16_u8(low), limit)),
                     vmovn_u16(vminq_u16(vreinterpretq_u16_u8(high), limit)));
}

SCAN_INLINE neon_lanes neon_equal(neon_vector vector, uint8_t byte) { return vceqq_u8(vector, vdupq_n_u8(byte)); }

SCAN_INLINE neon_lanes neon_within(neon_vector vector, uint8_t low, uint8_t high) {
  return vcleq_u8(vsubq_u8(vector, vdupq_n_u8(low)), vdupq_n_u8((uint8_t)(high - low)));
}

SCAN_INLINE neon_lanes neon_above(neon_vector vector, uint8_t byte) { return vcgtq_u8(vector, vdupq_n_u8(byte)); }

SCAN_INLINE neon_lanes neon_pair_within(neon_vector one, neon_vector other, uint8_t low, uint8_t high) {
  uint8x16_t base = vdupq_n_u8(low);
  return vcleq_u8(vmaxq_u8(vsubq_u8(one, base), vsubq_u8(other, base)), vdupq_n_u8((uint8_t)(high - low)));
}

SCAN_INLINE neon_lanes neon_equal_masked(neon_vector vector, uint8_t byte, uint8_t mask) {
  return neon_equal(vandq_u8(vector, vdupq_n_u8(mask)), byte);
}

SCAN_INLINE neon_lanes neon_both(neon_lanes one, neon_lanes other) { return vandq_u8(one, other); }
SCAN_INLINE neon_lanes neon_either(neon_lanes one, neon_lanes other) { return vorrq_u8(one, other); }
SCAN_INLINE bool neon_any(neon_lanes lanes) { return vmaxvq_u8(lanes) != 0; }

// There is no movemask: each lane keeps the bit of its place among eight, and sums of neighbours put them together.
SCAN_INLINE uint64_t neon_mask(const neon_lanes lanes[4]) {
  uint8x16_t place = vreinterpretq_u8_u64(vdupq_n_u64(0x8040201008040201));
  uint8x16_t low = vpaddq_u8(vandq_u8(lanes[0], place), vandq_u8(lanes[1], place));
  uint8x16_t high = vpaddq_u8(vandq_u8(lanes[2], place), vandq_u8(lanes[3], place));
  uint8x16_t sums = vpaddq_u8(low, high);
  return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(sums, sums)), 0);
}

SCAN_INLINE neon_vector neon_table(const uint8_t *table) { return vld1q_u8(table); }

SCAN_INLINE neon_vector neon_lookup(neon_vector low, neon_vector high, neon_vector bytes) {
  return vandq_u8(vqtbl1q_u8(low, vandq_u8(bytes, vdupq_n_u8(0xF))), vqtbl1q_u8(high, vshrq_n_u8(bytes, 4)));
}

SCAN_INLINE neon_vector neon_common(neon_vector one, neon_vector other) { return vandq_u8(one, other); }
SCAN_INLINE neon_lanes neon_occupied(neon_vector vector) { return vtstq_u8(vector, vector); }

// A group is 0 where it is within.
typedef uint32x4_t neon_groups;

SCAN_INLINE neon_groups neon_groups_within(neon_vector vector, uint8_t low, uint8_t high) {
  uint8x16_t distance = vsubq_u8(vector, vdupq_n_u8(low));
  return vreinterpretq_u32_u8(vqsubq_u8(distance, vdupq_n_u8((uint8_t)(high - low))));
}

// Less by one the other half is 0xFFFF only where it was 0, the one value too many.
SCAN_INLINE neon_groups neon_groups_tagged(neon_vector vector, uint16_t low, uint16_t high) {
  uint16x8_t base = vreinterpretq_u16_u32(vdupq_n_u32(UINT32_C(0x10000) | low));
  uint16x8_t width = vreinterpretq_u16_u32(vdupq_n_u32(UINT32_C(0xFFFE0000) | (uint16_t)(high - low)));
  return vreinterpretq_u32_u16(vqsubq_u16(vsubq_u16(vreinterpretq_u16_u8(vector), base), width));
}

SCAN_INLINE neon_groups neon_both_groups(neon_groups one, neon_groups other) { return vorrq_u32(one, other); }
SCAN_INLINE neon_groups neon_either_group(neon_groups one, neon_groups other) { return vminq_u32(one, other); }
SCAN_INLINE bool neon_any_group(neon_groups groups) { return vminvq_u32(groups) == 0; }

#endif

// Eight bytes in a general register, for every other processor. A lane is the top bit of its byte.

#define WORD_TARGET
enum { WORD_WIDTH = 8, WORD_STEP = 64 };
typedef uint64_t word_vector;
typedef uint64_t word_lanes;

#define WORD_EACH UINT64_C(0x0101010101010101)
#define WORD_TOP UINT64_C(0x8080808080808080)

SCAN_INLINE word_vector word_load(const uint8_t *bytes) {
  uint64_t vector;
  memcpy(&vector, bytes, sizeof vector);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  vector = __builtin_bswap64(vector);
#endif
  return vector;
}

SCAN_INLINE void word_store(uint8_t *bytes, word_vector vector) {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  vector = __builtin_bswap64(vector);
#endif
  memcpy(bytes, &vector, sizeof vector);
}

SCAN_INLINE word_vector word_narrow(word_vector low, word_vector high) {
  uint64_t narrow = 0;
  for (int index = 0; index < 4; index++) {
    uint64_t one = low >> 16 * index & 0xFFFF, other = high >> 16 * index & 0xFFFF;
    narrow |= (one > 0x7F ? 0x80 : one) << 8 * index | (other > 0x7F ? 0x80 : other) << (8 * index + 32);
  }
  return narrow;
}

// low and high are ASCII; the sums stay inside their bytes since the top bits are taken off first.
SCAN_INLINE word_lanes word_within(word_vector vector, uint8_t low, uint8_t high) {
  uint64_t rest = vector & ~WORD_TOP;
  uint64_t reaches = rest + WORD_EACH * (uint64_t)(0x80 - low);
  uint64_t exceeds = rest + WORD_EACH * (uint64_t)(0x7F - high);
  return reaches & ~exceeds & ~vector & WORD_TOP;
}

SCAN_INLINE word_lanes word_above(word_vector vector, uint8_t byte) {
  return ((vector & ~WORD_TOP) + WORD_EACH * (uint64_t)(0x7F - byte)) & WORD_TOP;
}

SCAN_INLINE word_lanes word_equal(word_vector vector, uint8_t byte) { return word_within(vector, byte, byte); }

// Any byte at all, not ASCII alone.
SCAN_INLINE word_lanes word_equal_masked(word_vector vector, uint8_t byte, uint8_t mask) {
  uint64_t difference = (vector & WORD_EACH * mask) ^ WORD_EACH * byte;
  return ~(((difference & ~WORD_TOP) + ~WORD_TOP) | difference) & WORD_TOP;
}

SCAN_INLINE word_lanes word_both(word_lanes one, word_lanes other) { return one & other; }
SCAN_INLINE word_lanes word_either(word_lanes one, word_lanes other) { return one | other; }
SCAN_INLINE bool word_any(word_lanes lanes) { return lanes != 0; }

SCAN_INLINE word_lanes word_pair_within(word_vector one, word_vector other, uint8_t low, uint8_t high) {
  return word_within(one, low, high) & word_within(other, low, high);
}

typedef uint64_t word_groups;

SCAN_INLINE word_groups word_groups_within(word_vector vector, uint8_t low, uint8_t high) {
  uint64_t lanes = word_within(vector, low, high);
  uint64_t pairs = lanes & lanes >> 8;
  return pairs & pairs >> 16 & UINT64_C(0x0000008000000080);
}

SCAN_INLINE word_groups word_groups_tagged(word_vector vector, uint16_t low, uint16_t high) {
  bool first = (uint16_t)(vector - low) <= high - low && (vector & 0xFFFF0000) != 0;
  bool second = (uint16_t)((vector >> 32) - low) <= high - low && vector >> 48 != 0;
  return (uint64_t)first << 7 | (uint64_t)second << 39;
}

SCAN_INLINE word_groups word_both_groups(word_groups one, word_groups other) { return one & other; }
SCAN_INLINE word_groups word_either_group(word_groups one, word_groups other) { return one | other; }
SCAN_INLINE bool word_any_group(word_groups groups) { return groups != 0; }

// The multiplication moves the eight top bits side by side into the highest byte.
SCAN_INLINE uint64_t word_mask(const word_lanes lanes[8]) {
  uint64_t mask = 0;
  for (int index = 0; index < 8; index++) {
    uint64_t bits = (lanes[index] >> 7) * UINT64_C(0x0102040810204080) >> 56;
    mask |= bits << 8 * index;
  }
  return mask;
}

#endif
