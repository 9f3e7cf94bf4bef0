// A set of literals, made ready for the search. Private to this target.
//
// Each literal is in one of three filters, which tell where it may stand by a few bytes of it, its window:
//   nibbles  few literals, and those that have no whole byte: "Teddy", of Hyperscan (Wang et al., "Hyperscan: A Fast
//            Multi-pattern Regex Matcher for Modern CPUs", NSDI 2019). Literals share eight buckets; each byte of a place
//            has the buckets that it may belong to, by a look into a table for either half of it.
//   windows  many literals: four bytes at every place, or every second or fourth where all literals are long enough to
//            have such a place in them, are looked for in a Bloom filter, and then in a table.
//   shorts   many literals of two or three bytes: the same, for two bytes.

#ifndef SCAN_LITERALS_H
#define SCAN_LITERALS_H

#include "CScanKernels.h"
#include "scan_needle.h"

enum {
  NIBBLE_BUCKETS = 8,
  NIBBLE_WIDTH = 4,    // the largest number of bytes that the filter looks at
  WINDOW_WIDTH = 4,
  SHORT_WIDTH = 2,
  PROBE_WIDTH = 8,     // bytes of a literal that are compared at once
  LONG_LITERAL = 64,   // from so many bytes on, the search keeps in mind what a comparison told
  LITERAL_STEP = 64,   // the places that the nibbles are asked for at once
  WINDOW_GROUP = 16,   // the windows that are looked for at once
};

// A literal under one of its windows.
struct window_entry {
  uint64_t value; // eight bytes of the literal, or all if it is shorter
  uint64_t mask;
  uint32_t literal;
  uint16_t back;          // from where the literal begins to the window
  uint16_t probe : 15;    // from where the literal begins to the eight bytes
  uint16_t is_whole : 1;  // whether these are all there is of it
};

// Entries by bucket: those of bucket b are entries[heads[b] ..< heads[b + 1]].
struct entry_table {
  struct window_entry *entries;
  uint32_t *heads;
  size_t count;
  size_t most;       // the largest number of entries in what a place can have
  size_t least_back; // over all entries
  size_t most_back;
};

struct nibble_filter {
  struct entry_table table;
  size_t width;
  uint8_t low[NIBBLE_WIDTH][16]; // the buckets of a byte with this lower half
  uint8_t high[NIBBLE_WIDTH][16];
  uint8_t exact[NIBBLE_WIDTH][256];
};

struct window_filter {
  struct entry_table table;
  size_t width;
  size_t stride;
  uint32_t mask;  // the bits of a word that belong to the window
  uint32_t fold;  // bits that are set before the look: that of the case of letters, or none
  uint64_t multiplier;
  unsigned map_shift;
  unsigned head_shift;
  uint64_t *map;
};

struct literal {
  struct needle needle;
  uint32_t state; // its number among the long ones
};

struct cscan_literals {
  struct literal *literals;
  size_t count;
  size_t long_count;
  size_t most;
  uint8_t *bytes; // of all literals, and then their masks
  struct nibble_filter nibbles;
  struct window_filter windows;
  struct window_filter shorts;
};

SCAN_INLINE uint32_t window_at(const uint8_t *bytes) {
  uint32_t word;
  memcpy(&word, bytes, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = __builtin_bswap32(word);
#endif
  return word;
}

SCAN_INLINE uint64_t probe_at(const uint8_t *bytes) {
  uint64_t word;
  memcpy(&word, bytes, sizeof word);
  return word;
}

// The window as it is hashed.
SCAN_INLINE uint32_t folded_window(const struct window_filter *filter, uint32_t window) {
  return (window & filter->mask) | filter->fold;
}

// A multiplicative hash (Knuth, TAOCP 3, 6.4), of which the upper bits count.
SCAN_INLINE uint64_t window_hash(const struct window_filter *filter, uint32_t window) {
  return window * filter->multiplier;
}

// The map is a Bloom filter that costs one look: two bits of a hash are in one word of it.
enum { MAP_WORD_BITS = 64, FIRST_BIT = 44, SECOND_BIT = 38 };

SCAN_INLINE bool may_have(const struct window_filter *filter, uint32_t window) {
  uint64_t hash = window_hash(filter, window), word = filter->map[hash >> filter->map_shift];
  return (word >> (hash >> FIRST_BIT & 63) & word >> (hash >> SECOND_BIT & 63) & 1) != 0;
}

// Each goes on from *position to the next places where a window may be, of LITERAL_STEP places or of WINDOW_GROUP windows
// that end at `end` or before, and returns these as bits; 0 if there are none, and then less than that is left. The nibbles
// also give the buckets of each place. WINDOW_WIDTH bytes may be read at each window.
__attribute__((visibility("hidden"))) uint64_t cscan_seek_nibbles(const struct nibble_filter *filter, const uint8_t *bytes,
                                                                  size_t *position, size_t end, uint8_t *buckets);
__attribute__((visibility("hidden"))) uint64_t cscan_seek_windows(const struct window_filter *filter, const uint8_t *bytes,
                                                                  size_t *position, size_t end);

// Puts a literal into a set of windows: which of its bytes are looked for (scan_literals_choice.c).
struct literal_plan {
  uint32_t run;    // the longest run of whole bytes
  uint8_t filter;  // one of enum literal_filter
  uint16_t window; // where in it the bytes of its filter begin
};
enum literal_filter { IN_NIBBLES, IN_WINDOWS, IN_SHORTS };

// What is decided for all literals together.
struct set_plan {
  struct literal_plan *literals;
  size_t stride; // of the windows
  uint8_t fold;
  size_t width;  // of the nibbles
};

__attribute__((visibility("hidden"))) bool cscan_plan_literals(const struct cscan_literals *set, struct set_plan *plan);

#endif
