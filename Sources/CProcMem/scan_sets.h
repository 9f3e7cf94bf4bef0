// Compiles a kernel once per set of vectors (scan_vector.h), and chooses among them while running. Included with KERNEL
// being the name of its header. Private to this target.

// How wide vectors shall be, in bytes: what the processor has, or what cprocmem_limit_vectors said.
__attribute__((visibility("hidden"))) int cprocmem_vector_width(void);

#if defined(__x86_64__)

#define SET avx512
#define SET_CAPITAL AVX512
#include KERNEL

#define SET avx2
#define SET_CAPITAL AVX2
#include KERNEL

#define SET sse2
#define SET_CAPITAL SSE2
#include KERNEL

// The function of a kernel that suits this processor.
#define BEST_OF_SETS(name) \
  (cprocmem_vector_width() == AVX512_WIDTH ? avx512_##name \
   : cprocmem_vector_width() == AVX2_WIDTH ? avx2_##name   \
                                           : sse2_##name)

#elif defined(__aarch64__)

#define SET neon
#define SET_CAPITAL NEON
#include KERNEL

#define BEST_OF_SETS(name) neon_##name

#else

#define SET word
#define SET_CAPITAL WORD
#include KERNEL

#define BEST_OF_SETS(name) word_##name

#endif
