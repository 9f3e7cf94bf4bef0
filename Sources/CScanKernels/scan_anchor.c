#include "scan_anchor.h"

#include "scan_vector.h"

struct anchor_search {
  const struct anchor_filter *filter;
  const uint8_t *bytes;
  size_t position;
  size_t end; // a step may be looked at with vectors if it ends here or before
};

static bool is_byte(const struct anchor_byte *byte, const uint8_t *bytes, size_t count, size_t position) {
  return byte->offset < count - position && (bytes[position + byte->offset] & byte->mask) == byte->value;
}

static bool is_candidate(const struct anchor_filter *filter, const uint8_t *bytes, size_t count, size_t position) {
  if (!is_byte(&filter->first, bytes, count, position)) return false;
  if (filter->high == 0) return is_byte(&filter->second, bytes, count, position);
  if (position == 0 || position + 1 == count) return false;
  uint8_t before = bytes[position - 1], after = bytes[position + 1];
  return before >= filter->low && before <= filter->high && after >= filter->low && after <= filter->high;
}

// A window of which part lies outside the array.
static uint64_t edge_candidates(const struct anchor_filter *filter, const uint8_t *bytes, size_t count,
                                size_t position) {
  uint64_t candidates = 0;
  for (size_t bit = 0; bit < ANCHOR_WINDOW && position + bit < count; bit++) {
    candidates |= (uint64_t)is_candidate(filter, bytes, count, position + bit) << bit;
  }
  return candidates;
}

#define KERNEL "scan_anchor_kernel.h"
#include "scan_sets.h"

uint64_t cscan_seek_anchors(const struct anchor_filter *filter, const uint8_t *bytes, size_t count,
                            size_t *position, size_t limit) {
  bool between = filter->high != 0;
  uint64_t (*seek)(struct anchor_search *) = between ? BEST_OF_SETS(seek_between) : BEST_OF_SETS(seek_pair);
  uint32_t pair_after = filter->first.offset > filter->second.offset ? filter->first.offset : filter->second.offset;
  size_t before = between ? 1 : 0, after = between ? 1 : pair_after;
  size_t end = count - after < limit ? count - after : limit;
  if (count < after) end = 0;

  while (*position < limit) {
    if (*position >= before && *position < end) {
      struct anchor_search search = { .filter = filter, .bytes = bytes, .position = *position, .end = end };
      uint64_t candidates = seek(&search);
      *position = search.position;
      if (candidates != 0) return candidates;
      if (*position >= limit) break;
    }
    uint64_t candidates = edge_candidates(filter, bytes, count, *position);
    size_t remaining = limit - *position;
    if (remaining < ANCHOR_WINDOW) candidates &= (UINT64_C(1) << remaining) - 1;
    if (candidates != 0) return candidates;
    *position += ANCHOR_WINDOW;
  }
  return 0;
}
