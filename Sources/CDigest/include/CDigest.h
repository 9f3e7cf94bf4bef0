// CDigest: SHA-256 (FIPS 180-4), by the processor's own instructions where it has them.
//
// It is C because such instructions must be chosen while running, which Swift cannot do without unsafe compiler flags.

#ifndef CDIGEST_H
#define CDIGEST_H

#include <stddef.h>
#include <stdint.h>

// A digest in the making. A copy goes on by itself.
struct cdigest_sha256 {
  uint32_t state[8];
  uint64_t length;   // of all bytes added
  uint8_t block[64]; // those that do not fill a block yet
};

void cdigest_sha256_start(struct cdigest_sha256 *digest);
void cdigest_sha256_add(struct cdigest_sha256 *digest, const void *bytes, size_t count);
// Nothing may be added after this.
void cdigest_sha256_end(struct cdigest_sha256 *digest, uint8_t result[32]);

// Has every digest do without the processor's instructions, or not, for tests. Results are the same.
void cdigest_limit_to_portable(int is_limited);

#endif
