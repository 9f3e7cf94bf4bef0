// Bytes with masks in memory: how often one is met, and whether a needle stands at a place. Private to this target.

#ifndef SCAN_NEEDLE_H
#define SCAN_NEEDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "scan_vector.h"

enum { NEEDLE_BLOCK = 32, EVERY_BYTE = 0xFF };

struct needle {
  const uint8_t *bytes;
  const uint8_t *mask;
  size_t length;
};

// How often a byte is met in the memory of processes, as a guess in parts of about 4096.
static inline unsigned byte_frequency(uint8_t byte) {
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

SCAN_INLINE bool differs_at(const struct needle *needle, const uint8_t *place, size_t index) {
  return ((place[index] ^ needle->bytes[index]) & needle->mask[index]) != 0;
}

SCAN_INLINE size_t end_of_block(const struct needle *needle, size_t index) {
  return needle->length - index < NEEDLE_BLOCK ? needle->length : index + NEEDLE_BLOCK;
}

// The first byte from index on that does not fit; the needle's length if all do.
static inline size_t first_difference(const struct needle *needle, const uint8_t *place, size_t index) {
  for (; index < needle->length; index += NEEDLE_BLOCK) {
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
static inline bool is_period(const struct needle *needle, size_t distance) {
  size_t length = needle->length - distance;
  return memcmp(needle->bytes, needle->bytes + distance, length) == 0
    && memcmp(needle->mask, needle->mask + distance, length) == 0;
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

static inline bool is_match(struct search *search, size_t begin) {
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

#endif
