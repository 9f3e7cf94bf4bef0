// The search for places where a match may have its anchor: what the scans for text and for bytes begin with.
// Private to this target.

#ifndef SCAN_ANCHOR_H
#define SCAN_ANCHOR_H

#include <stddef.h>
#include <stdint.h>

enum { ANCHOR_WINDOW = 64 };

// A byte at a distance from the anchor, of which the bits of a mask count. The others are 0 in value.
struct anchor_byte {
  uint32_t offset;
  uint8_t value;
  uint8_t mask;
};

// What must be around an anchor: two bytes, or (where high is not 0) the first at offset 0 and two neighbours of it in
// low...high, which is ASCII.
struct anchor_filter {
  struct anchor_byte first;
  struct anchor_byte second;
  uint8_t low;
  uint8_t high;
};

// Goes on from *position to a window with candidates below limit, and returns these as bits; 0 if there is none, and
// then *position is not below limit. What is outside of bytes[0 ..< count] is never part of a candidate. limit <=
// count.
__attribute__((visibility("hidden"))) uint64_t cscan_seek_anchors(const struct anchor_filter *filter,
                                                                  const uint8_t *bytes, size_t count,
                                                                  size_t *position, size_t limit);

#endif
