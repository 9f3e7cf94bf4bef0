// Whole blocks of SHA-256, in each way that they can be done. Private to this target.

#ifndef SHA256_BLOCKS_H
#define SHA256_BLOCKS_H

#include <stddef.h>
#include <stdint.h>

#define HIDDEN __attribute__((visibility("hidden")))

// The constants of the rounds; FIPS 180-4, 4.2.2.
extern HIDDEN const uint32_t sha256_constants[64];

typedef void sha256_blocks(uint32_t state[8], const uint8_t *bytes, size_t block_count);

HIDDEN void sha256_blocks_portable(uint32_t state[8], const uint8_t *bytes, size_t block_count);

// By instructions of the processor; NULL where it has none.
HIDDEN sha256_blocks *sha256_blocks_of_processor(void);

#endif
