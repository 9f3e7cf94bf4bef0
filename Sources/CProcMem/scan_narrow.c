// UTF-16LE made bytes, for the scans for text.

#include "include/cprocmem_scan.h"

#include "scan_vector.h"

SCAN_INLINE uint8_t narrow_unit(const uint8_t *unit) { return unit[1] != 0 || unit[0] > 0x7F ? 0x80 : unit[0]; }

typedef void (*narrow_function)(const uint8_t *units, size_t count, uint8_t *narrow);

#if defined(__x86_64__)

#define SET avx2
#define SET_CAPITAL AVX2
#include "scan_narrow_kernel.h"

#define SET sse2
#define SET_CAPITAL SSE2
#include "scan_narrow_kernel.h"

static narrow_function best_narrow(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") ? avx2_narrow_all : sse2_narrow_all;
}

#elif defined(__aarch64__)

#define SET neon
#define SET_CAPITAL NEON
#include "scan_narrow_kernel.h"

static narrow_function best_narrow(void) { return neon_narrow_all; }

#else

#define SET word
#define SET_CAPITAL WORD
#include "scan_narrow_kernel.h"

static narrow_function best_narrow(void) { return word_narrow_all; }

#endif

void cprocmem_narrow(const uint8_t *units, size_t count, uint8_t *narrow) {
  static narrow_function chosen;
  narrow_function function = __atomic_load_n(&chosen, __ATOMIC_RELAXED);
  if (function == NULL) {
    function = best_narrow();
    __atomic_store_n(&chosen, function, __ATOMIC_RELAXED);
  }
  function(units, count, narrow);
}
