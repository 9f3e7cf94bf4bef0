#include "CDigest.h"

#include <string.h>

#include "sha256_blocks.h"

enum { BLOCK = 64, LENGTH_PLACE = 56 };

static int is_portable_only;

void cdigest_limit_to_portable(int is_limited) { __atomic_store_n(&is_portable_only, is_limited, __ATOMIC_RELAXED); }

static void add_blocks(uint32_t state[8], const uint8_t *bytes, size_t block_count) {
  static sha256_blocks *chosen;
  if (__atomic_load_n(&is_portable_only, __ATOMIC_RELAXED)) {
    sha256_blocks_portable(state, bytes, block_count);
    return;
  }
  sha256_blocks *blocks = __atomic_load_n(&chosen, __ATOMIC_RELAXED);
  if (!blocks) {
    blocks = sha256_blocks_of_processor();
    if (!blocks) blocks = sha256_blocks_portable;
    __atomic_store_n(&chosen, blocks, __ATOMIC_RELAXED);
  }
  blocks(state, bytes, block_count);
}

void cdigest_sha256_start(struct cdigest_sha256 *digest) {
  // FIPS 180-4, 5.3.3.
  static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  memset(digest, 0, sizeof *digest);
  memcpy(digest->state, start, sizeof start);
}

void cdigest_sha256_add(struct cdigest_sha256 *digest, const void *bytes, size_t count) {
  if (count == 0) return;
  const uint8_t *next = bytes;
  size_t held = digest->length % BLOCK;
  digest->length += count;
  if (held) {
    size_t part = count < BLOCK - held ? count : BLOCK - held;
    memcpy(digest->block + held, next, part);
    next += part;
    count -= part;
    if (held + part < BLOCK) return;
    add_blocks(digest->state, digest->block, 1);
  }
  if (count >= BLOCK) add_blocks(digest->state, next, count / BLOCK);
  memcpy(digest->block, next + count / BLOCK * BLOCK, count % BLOCK);
}

static void put_big_endian(uint8_t *bytes, uint64_t number, int byte_count) {
  for (int i = 0; i < byte_count; i++) bytes[i] = (uint8_t)(number >> 8 * (byte_count - 1 - i));
}

void cdigest_sha256_end(struct cdigest_sha256 *digest, uint8_t result[32]) {
  size_t held = digest->length % BLOCK;
  digest->block[held++] = 0x80;
  memset(digest->block + held, 0, BLOCK - held);
  if (held > LENGTH_PLACE) {
    add_blocks(digest->state, digest->block, 1);
    memset(digest->block, 0, BLOCK);
  }
  put_big_endian(digest->block + LENGTH_PLACE, digest->length * 8, 8);
  add_blocks(digest->state, digest->block, 1);
  for (int i = 0; i < 8; i++) put_big_endian(result + 4 * i, digest->state[i], 4);
}
