// Bytes with masks in memory. The two of them that should be the rarest there make the filter.

#include "CScanKernels.h"

#include "scan_anchor.h"
#include "scan_vector.h"

enum { BLOCK = 32, EVERY_BYTE = 0xFF };

struct needle {
  const uint8_t *bytes;
  const uint8_t *mask;
  size_t length;
};

// How often a byte is met in the memory of processes, as a guess in parts of about 4096.
static unsigned byte_frequency(uint8_t byte) {
  if (byte == 0) return 1800;
  if (byte == 0xFF) return 120;
  if (byte <= 8 || byte == ' ' || byte == 0x48 || byte == 0x7F || byte == 0x55 || byte == 0x56) return 40;
  if (byte % 16 == 0) return 24;
  if (byte >= 'a' && byte <= 'z') return byte == 'j' || byte == 'q' || byte == 'x' || byte == 'z' ? 8 : 28;
  if (byte == '_' || byte == '.' || byte == '/' || (byte >= '0' && byte <= '9')) return 18;
  if (byte >= 'A' && byte <= 'Z') return 12;
  if (byte < 0x20 || byte % 8 == 0) return 10;
  return byte < 0x80 ? 6 : 4;
}

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

SCAN_INLINE bool differs_at(const struct needle *needle, const uint8_t *place, size_t index) {
  return ((place[index] ^ needle->bytes[index]) & needle->mask[index]) != 0;
}

SCAN_INLINE size_t end_of_block(const struct needle *needle, size_t index) {
  return needle->length - index < BLOCK ? needle->length : index + BLOCK;
}

// The first byte from index on that does not fit; the needle's length if all do.
static size_t first_difference(const struct needle *needle, const uint8_t *place, size_t index) {
  for (; index < needle->length; index += BLOCK) {
    size_t end = end_of_block(needle, index);
    uint8_t difference = 0;
    for (size_t at = index; at < end; at++) difference |= (place[at] ^ needle->bytes[at]) & needle->mask[at];
    if (difference == 0) continue;
    while (!differs_at(needle, place, index)) index++;
    return index;
  }
  return needle->length;
}

// Whether the needle fits over itself at this distance.
static bool is_period(const struct needle *needle, size_t distance) {
  size_t length = needle->length - distance;
  return memcmp(needle->bytes, needle->bytes + distance, length) == 0
    && memcmp(needle->mask, needle->mask + distance, length) == 0;
}

static void fill_mask(uint8_t *filled, const uint8_t *needle, const uint8_t *mask, size_t length, unsigned options) {
  for (size_t index = 0; index < length; index++) {
    uint8_t lower = needle[index] | 0x20;
    bool is_letter = lower >= 'a' && lower <= 'z';
    filled[index] = mask == NULL ? EVERY_BYTE : mask[index];
    if ((options & CSCAN_IGNORE_CASE) && is_letter && filled[index] == EVERY_BYTE) filled[index] = 0xDF;
  }
}

// What earlier candidates tell about the next, so that needles and memory that repeat themselves are no trap.
struct search {
  struct needle needle;
  const uint8_t *bytes;
  size_t differing;  // the byte that ruled out the last one, and which of the needle's it was: either does so again
  size_t difference;
  bool has_last;
  size_t last;   // the last match
  size_t period; // the shortest distance between two matches at which the needle repeats itself; its length if none
};

static bool is_match(struct search *search, size_t begin) {
  const struct needle *needle = &search->needle;
  const uint8_t *place = search->bytes + begin;
  size_t differing = search->differing - begin;
  if (differing < needle->length && differs_at(needle, place, differing)) return false;
  if (search->difference < needle->length && differs_at(needle, place, search->difference)) return false;

  // Of what repeats the last match only the end is new.
  size_t distance = search->has_last ? begin - search->last : needle->length;
  size_t known = distance == search->period ? needle->length - distance : 0;
  search->difference = first_difference(needle, place, known);
  if (search->difference != needle->length) {
    search->differing = begin + search->difference;
    return false;
  }
  if (distance < search->period && is_period(needle, distance)) search->period = distance;
  search->has_last = true;
  search->last = begin;
  return true;
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
  for (size_t position = *from; position < limit; position += ANCHOR_WINDOW) {
    uint64_t candidates = cscan_seek_anchors(&filter, bytes, count, &position, limit);
    for (; candidates != 0; candidates &= candidates - 1) {
      size_t begin = position + (size_t)__builtin_ctzll(candidates);
      if (!is_match(&search, begin)) continue;
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
