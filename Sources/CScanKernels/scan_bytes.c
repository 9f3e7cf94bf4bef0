// Bytes with masks in memory. The two of them that should be the rarest there make the filter.

#include "CScanKernels.h"

#include "scan_anchor.h"
#include "scan_needle.h"

// The sum over all bytes that fit.
static unsigned frequency(uint8_t byte, uint8_t mask) {
  unsigned sum = 0;
  uint8_t free = (uint8_t)~mask, other = free;
  for (;; other = (other - 1) & free) {
    sum += byte_frequency((uint8_t)((byte & mask) | other));
    if (other == 0) return sum;
  }
}

static struct anchor_byte anchor_byte(const struct needle *needle, size_t offset) {
  uint8_t mask = needle->mask[offset];
  return (struct anchor_byte){ .offset = (uint32_t)offset, .value = needle->bytes[offset] & mask, .mask = mask };
}

// The offset of the rarest byte that is not like the one at `other`; if all are alike, that of the last.
static size_t rarest_byte(const struct needle *needle, const struct anchor_byte *other) {
  size_t rarest = 0, alike = 0;
  unsigned lowest = UINT32_MAX;
  for (size_t offset = 0; offset < needle->length; offset++) {
    struct anchor_byte byte = anchor_byte(needle, offset);
    if (byte.mask == 0) continue;
    if (other != NULL && byte.mask == other->mask && byte.value == other->value) {
      alike = offset;
      continue;
    }
    unsigned met = frequency(byte.value, byte.mask);
    if (met >= lowest) continue;
    rarest = offset;
    lowest = met;
  }
  return lowest == UINT32_MAX ? alike : rarest;
}

static void fill_mask(uint8_t *filled, const uint8_t *needle, const uint8_t *mask, size_t length, unsigned options) {
  for (size_t index = 0; index < length; index++) {
    uint8_t lower = needle[index] | 0x20;
    bool is_letter = lower >= 'a' && lower <= 'z';
    filled[index] = mask == NULL ? EVERY_BYTE : mask[index];
    if ((options & CSCAN_IGNORE_CASE) && is_letter && filled[index] == EVERY_BYTE) filled[index] = 0xDF;
  }
}

size_t cscan_bytes(const uint8_t *bytes, size_t count, size_t *from, size_t to, const uint8_t *needle,
                   const uint8_t *mask, size_t length, unsigned options, struct cscan_match *matches,
                   size_t capacity) {
  size_t found = 0, limit = 0;
  uint8_t filled[CSCAN_NEEDLE_LONGEST];
  struct search search = {
    .needle = { .bytes = needle, .mask = filled, .length = length },
    .bytes = bytes,
    .differing = SIZE_MAX,
    .difference = SIZE_MAX,
    .period = length,
  };
  struct anchor_filter filter = { 0 };
  if (length >= 1 && length <= CSCAN_NEEDLE_LONGEST && length <= count) {
    limit = to < count - length + 1 ? to : count - length + 1;
    fill_mask(filled, needle, mask, length, options);
    filter.first = anchor_byte(&search.needle, rarest_byte(&search.needle, NULL));
    filter.second = anchor_byte(&search.needle, rarest_byte(&search.needle, &filter.first));
  }
  // Of two bytes at most the filter has looked at all.
  bool is_known = length == 1 || (length == 2 && filter.first.offset != filter.second.offset);
  for (size_t position = *from; position < limit; position += ANCHOR_WINDOW) {
    uint64_t candidates = cscan_seek_anchors(&filter, bytes, count, &position, limit);
    for (; candidates != 0; candidates &= candidates - 1) {
      size_t begin = position + (size_t)__builtin_ctzll(candidates);
      if (!is_known && !is_match(&search, begin)) continue;
      if (found == capacity) {
        *from = begin;
        return found;
      }
      matches[found++] = (struct cscan_match){ .offset = (uint32_t)begin, .length = (uint32_t)length };
    }
  }
  if (*from < to) *from = to;
  return found;
}
