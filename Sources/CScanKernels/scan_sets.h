// Compiles a kernel once per set of vectors (scan_vector.h), and chooses among them while running. Included with KERNEL
// being the name of its header. Private to this target.
//
// A kernel names what it takes of a set, and what it makes for one, with these:
//
//   V(name)         set_name
//   CONSTANT(NAME)  SET_NAME
//   KERNEL_FUNCTION in front of a function that the rest of the file calls
//   KERNEL_INLINE   in front of a function that is to become part of its callers in the kernel
//
// A kernel that looks into tables defines SETS_THAT_SHUFFLE, and has a function portable_name for what has none.

#define JOINED(one, other) one##_##other
#define JOIN(one, other) JOINED(one, other)
#define V(name) JOIN(SET, name)
#define CONSTANT(name) JOIN(SET_CAPITAL, name)
// Where the lines of the instruction cache begin in a loop decides up to a seventh of its speed, and is not to depend on what
// the linker puts before it.
#define KERNEL_FUNCTION static CONSTANT(TARGET) __attribute__((aligned(128)))
#define KERNEL_INLINE SCAN_INLINE CONSTANT(TARGET)

// How wide vectors shall be, in bytes: what the processor has, or what cscan_limit_vectors said.
__attribute__((visibility("hidden"))) int cscan_vector_width(void);

// Whether vectors of 16 bytes are there that may look into tables (SSSE3).
__attribute__((visibility("hidden"))) bool cscan_has_ssse3(void);

#if defined(__x86_64__)

#define SET avx512
#define SET_CAPITAL AVX512
#include KERNEL
#undef SET
#undef SET_CAPITAL

#define SET avx2
#define SET_CAPITAL AVX2
#include KERNEL
#undef SET
#undef SET_CAPITAL

#ifdef SETS_THAT_SHUFFLE

#define SET ssse3
#define SET_CAPITAL SSSE3
#include KERNEL
#undef SET
#undef SET_CAPITAL

#else

#define SET sse2
#define SET_CAPITAL SSE2
#include KERNEL
#undef SET
#undef SET_CAPITAL

#endif

#define BEST_THAT_SHUFFLES(name) \
  (cscan_vector_width() == AVX512_WIDTH ? avx512_##name \
   : cscan_vector_width() == AVX2_WIDTH ? avx2_##name   \
   : cscan_has_ssse3()                  ? ssse3_##name  \
                                        : portable_##name)

// The function of a kernel that suits this processor.
#define BEST_OF_SETS(name) \
  (cscan_vector_width() == AVX512_WIDTH ? avx512_##name \
   : cscan_vector_width() == AVX2_WIDTH ? avx2_##name   \
                                        : sse2_##name)

#elif defined(__aarch64__)

#define SET neon
#define SET_CAPITAL NEON
#include KERNEL
#undef SET
#undef SET_CAPITAL

#define BEST_OF_SETS(name) neon_##name
#define BEST_THAT_SHUFFLES(name) (cscan_vector_width() == 0 ? portable_##name : neon_##name)

#else

#ifndef SETS_THAT_SHUFFLE

#define SET word
#define SET_CAPITAL WORD
#include KERNEL
#undef SET
#undef SET_CAPITAL

#endif

#define BEST_THAT_SHUFFLES(name) portable_##name
#define BEST_OF_SETS(name) word_##name

#endif
