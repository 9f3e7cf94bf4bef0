// Which set of vectors the scan kernels use.

#include "CScanKernels.h"

#include "scan_vector.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

// Also said here, since scan_sets.h comes with a kernel.
__attribute__((visibility("hidden"))) int cscan_vector_width(void);
__attribute__((visibility("hidden"))) bool cscan_has_ssse3(void);

static int limit = CSCAN_VECTORS_ANY;

void cscan_limit_vectors(int bytes) { __atomic_store_n(&limit, bytes, __ATOMIC_RELAXED); }

#if defined(__x86_64__)

// Not __builtin_cpu_supports: it asks the processor for all it has before main, and a virtual machine stops at every
// question. Leaves and bits: Intel's Software Developer's Manual, CPUID and XGETBV.
static int widest_vectors(void) {
  enum { OSXSAVE = 1 << 27, SSE_AND_AVX_STATE = 0x6, AVX512_STATE = 0xE0 };
  enum { BMI = 1 << 3, AVX2 = 1 << 5, BMI2 = 1 << 8, AVX512F = 1 << 16, AVX512BW = 1 << 30, VBMI2 = 1 << 6 };
  const unsigned avx512vl = 1u << 31;
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & OSXSAVE)) return SSE2_WIDTH;
  uint32_t state, unused;
  __asm__("xgetbv" : "=a"(state), "=d"(unused) : "c"(0));
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return SSE2_WIDTH;
  const unsigned avx2 = AVX2 | BMI | BMI2, avx512 = AVX512F | AVX512BW | avx512vl;
  if ((state & SSE_AND_AVX_STATE) != SSE_AND_AVX_STATE || (b & avx2) != avx2) return SSE2_WIDTH;
  // VBMI2 came with the processors that do not slow down when they see a vector of 64 bytes.
  bool has_avx512 = (state & AVX512_STATE) == AVX512_STATE && (b & avx512) == avx512 && (c & VBMI2);
  return has_avx512 ? AVX512_WIDTH : AVX2_WIDTH;
}

#endif

int cscan_vector_width(void) {
#if defined(__x86_64__)
  static int widest;
  int width = __atomic_load_n(&widest, __ATOMIC_RELAXED);
  if (width == 0) __atomic_store_n(&widest, width = widest_vectors(), __ATOMIC_RELAXED);
  int allowed = __atomic_load_n(&limit, __ATOMIC_RELAXED);
  if (allowed >= width) return width;
  return allowed >= AVX2_WIDTH ? AVX2_WIDTH : SSE2_WIDTH;
#else
  return __atomic_load_n(&limit, __ATOMIC_RELAXED) < 16 ? 0 : 16;
#endif
}

bool cscan_has_ssse3(void) {
#if defined(__x86_64__)
  enum { UNKNOWN, PRESENT, MISSING, SSSE3 = 1 << 9 };
  static int answer;
  int known = __atomic_load_n(&answer, __ATOMIC_RELAXED);
  if (known == UNKNOWN) {
    unsigned a, b, c, d;
    known = __get_cpuid(1, &a, &b, &c, &d) && (c & SSSE3) ? PRESENT : MISSING;
    __atomic_store_n(&answer, known, __ATOMIC_RELAXED);
  }
  return known == PRESENT && __atomic_load_n(&limit, __ATOMIC_RELAXED) >= SSE2_WIDTH;
#else
  return false;
#endif
}
