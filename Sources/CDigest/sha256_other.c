#if !defined(__x86_64__) && !defined(__aarch64__)

#include "sha256_blocks.h"

sha256_blocks *sha256_blocks_of_processor(void) { return NULL; }

#endif
