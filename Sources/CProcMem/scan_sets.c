// Which set of vectors the scan kernels use.

#include "include/cprocmem_scan.h"

#include "scan_vector.h"

// Also said here, since scan_sets.h comes with a kernel.
__attribute__((visibility("hidden"))) int cprocmem_vector_width(void);

static int limit = CPROCMEM_VECTORS_ANY;

void cprocmem_limit_vectors(int bytes) { __atomic_store_n(&limit, bytes, __ATOMIC_RELAXED); }

int cprocmem_vector_width(void) {
#if defined(__x86_64__)
  int allowed = __atomic_load_n(&limit, __ATOMIC_RELAXED);
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("bmi") || !__builtin_cpu_supports("bmi2")) return SSE2_WIDTH;
  // VBMI2 came with the processors that do not slow down when they see a vector of 64 bytes.
  bool has_avx512 = __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
    && __builtin_cpu_supports("avx512vbmi2");
  if (has_avx512 && allowed >= AVX512_WIDTH) return AVX512_WIDTH;
  return __builtin_cpu_supports("avx2") && allowed >= AVX2_WIDTH ? AVX2_WIDTH : SSE2_WIDTH;
#else
  return 0;
#endif
}
