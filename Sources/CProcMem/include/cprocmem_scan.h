// Scan kernels: the inner loops of the patterns, with vectors where the processor has them.
//
// They are C because the width of a vector must be chosen while running (AVX2 where there is, else SSE2 or NEON),
// which Swift cannot do without unsafe compiler flags.

#ifndef CPROCMEM_SCAN_H
#define CPROCMEM_SCAN_H

#include <stddef.h>
#include <stdint.h>

// A match inside the scanned bytes.
struct cprocmem_match {
  uint32_t offset;
  uint32_t length;
};

enum {
  CPROCMEM_SCAN_PORT_ZERO = 1 << 0, // a port of 0 matches too
  CPROCMEM_SCAN_WORD = 1 << 1,      // a letter or '_' next to a match forbids it
};

// How many bytes around its anchor (the colon) a decision of cprocmem_scan_ipv4_port may look at, on either side.
enum { CPROCMEM_IPV4_PORT_REACH = 24 };

// Finds "a.b.c.d:port" whose colon lies in [*from, to) of bytes[0 ..< count]. Outside the array is a boundary: the caller
// gives CPROCMEM_IPV4_PORT_REACH bytes on both sides of [*from, to) wherever the memory goes on there.
// Writes at most `capacity` matches in ascending order and returns how many; *from is then where to go on (== to when done).
// count is below 4 GiB.
size_t cprocmem_scan_ipv4_port(const uint8_t *bytes, size_t count, size_t *from, size_t to, unsigned options,
                               struct cprocmem_match *matches, size_t capacity);

#endif
