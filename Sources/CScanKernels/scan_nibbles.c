// Where few literals may be, or such as have no whole byte.

#include "scan_literals.h"

#define SETS_THAT_SHUFFLE
#define KERNEL "scan_nibbles_kernel.h"
#include "scan_sets.h"

// The nibbles, a byte at a time, for a processor that cannot look into tables with vectors.
static uint64_t portable_seek_nibbles(const struct nibble_filter *filter, const uint8_t *bytes, size_t *position,
                                      size_t end, uint8_t *buckets) {
  for (; end - *position >= LITERAL_STEP; *position += LITERAL_STEP) {
    uint64_t candidates = 0;
    for (size_t index = 0; index < LITERAL_STEP; index++) {
      const uint8_t *place = bytes + *position + index;
      uint8_t found = filter->exact[0][place[0]];
      for (size_t at = 1; at < filter->width; at++) found &= filter->exact[at][place[at]];
      buckets[index] = found;
      candidates |= (uint64_t)(found != 0) << index;
    }
    if (candidates != 0) return candidates;
  }
  return 0;
}

uint64_t cscan_seek_nibbles(const struct nibble_filter *filter, const uint8_t *bytes, size_t *position, size_t end,
                            uint8_t *buckets) {
  return BEST_THAT_SHUFFLES(seek_nibbles)(filter, bytes, position, end, buckets);
}
