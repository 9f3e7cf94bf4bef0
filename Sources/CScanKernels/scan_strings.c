#include "CScanKernels.h"

#include "scan_utf8.h"
#include "scan_vector.h"

// How far a decision about a byte may look on either side.
enum { EDGE = 4 };

struct search {
  const uint8_t *bytes;
  size_t count;
  size_t to;
  size_t shortest;  // in characters
  size_t safe_from; // 64 bytes between these two may be looked at with vectors, with what is around them
  size_t safe_to;
};

// The last bytes of `length` set bits in a row, over a row of masks: bits are joined in pairs, fours and so on, each
// with what is left over from the mask before.
struct erosion {
  unsigned length;
  unsigned stages;
  unsigned shifts[7];
  uint64_t before[7];
};

static struct erosion erosion_by(size_t length) {
  struct erosion erosion = { .length = length < 64 ? (unsigned)length : 64 };
  for (unsigned width = 1; width < erosion.length;) {
    unsigned shift = erosion.length - width < width ? erosion.length - width : width;
    erosion.before[erosion.stages] = ~UINT64_C(0);
    erosion.shifts[erosion.stages++] = shift;
    width += shift;
  }
  return erosion;
}

SCAN_INLINE uint64_t eroded_once(struct erosion *erosion, unsigned stage, uint64_t mask, unsigned shift) {
  uint64_t result = mask & (mask << shift | erosion->before[stage] >> (64 - shift));
  erosion->before[stage] = mask;
  return result;
}

SCAN_INLINE uint64_t eroded(struct erosion *erosion, uint64_t mask) {
  for (unsigned stage = 0; stage < erosion->stages; stage++) {
    mask = eroded_once(erosion, stage, mask, erosion->shifts[stage]);
  }
  return mask;
}

SCAN_INLINE uint64_t eroded_by_4(struct erosion *erosion, uint64_t mask) {
  return eroded_once(erosion, 1, eroded_once(erosion, 0, mask, 1), 2);
}

static bool is_printable(uint8_t byte) { return (byte >= ' ' && byte <= '~') || byte == '\t'; }

static bool is_visible(uint32_t scalar) {
  if (scalar < 0xA0 || scalar == 0xAD || scalar == 0x61C || scalar == 0xFEFF) return false;
  if (scalar >= 0x200B && scalar <= 0x200F) return false;
  if (scalar >= 0x2028 && scalar <= 0x202E) return false;
  if (scalar >= 0x2060 && scalar <= 0x206F) return false;
  return scalar < 0xE0000 || scalar >= 0xE0080;
}

// How many bytes the visible character has that begins here, if it has several; else 0. Reads up to four bytes.
static size_t utf8_length(const uint8_t *bytes) {
  struct utf8_character character = utf8_character(bytes);
  return character.length != 0 && is_visible(character.scalar) ? character.length : 0;
}

static size_t utf8_count(const uint8_t *bytes, size_t count) {
  size_t characters = 0;
  for (size_t index = 0; index < count; index++) characters += (bytes[index] & 0xC0) != 0x80;
  return characters;
}

static bool is_too_short(const struct search *search, size_t start, size_t end, enum cscan_encoding encoding) {
  size_t count = end - start;
  if (encoding == CSCAN_UTF16) return (count + 1) / 2 < search->shortest;
  if (encoding == CSCAN_ASCII || count < search->shortest || count / 4 >= search->shortest) {
    return count < search->shortest;
  }
  return utf8_count(search->bytes + start, count) < search->shortest;
}

// 64 bytes of which part, or what is around them, lies outside the array; what is not there is in no text.
static const uint8_t *edge_window(const struct search *search, size_t position, uint8_t copy[EDGE + 64 + EDGE]) {
  memset(copy, 0xFF, EDGE + 64 + EDGE);
  size_t before = position < EDGE ? position : EDGE;
  size_t behind = search->count - position < 64 + EDGE ? search->count - position : 64 + EDGE;
  memcpy(copy + EDGE - before, search->bytes + position - before, before + behind);
  return copy + EDGE;
}

#define KERNEL "scan_strings_kernel.h"
#include "scan_sets.h"

size_t cscan_strings(const uint8_t *bytes, size_t count, size_t *from, size_t to,
                     enum cscan_encoding encoding, size_t shortest, struct cscan_match *matches,
                     size_t capacity) {
  size_t limit = to < count ? to : count;
  if (capacity == 0 || *from >= limit) return 0;
  struct search search = {
    .bytes = bytes,
    .count = count,
    .to = limit,
    .shortest = shortest > 0 ? shortest : 1,
    .safe_from = EDGE,
    .safe_to = count < EDGE ? 0 : limit < count - EDGE ? limit : count - EDGE,
  };
  return BEST_OF_SETS(strings)(&search, from, matches, capacity, encoding);
}
