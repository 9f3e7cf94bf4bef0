// struct sockaddr_in, sockaddr_in6 and sockaddr_un in memory.
//
// A search with vectors finds the words that may be a family and a port or the begin of a path: few in data, one in ten
// steps in code. Windows of 64 bytes are then narrowed down as bits in 64-bit registers, and what is left is decided
// byte by byte.

#include "CScanKernels.h"

#include "scan_vector.h"

enum {
  FAMILY_LOCAL = 1,
  FAMILY_INTERNET = 2,
  FAMILY_INTERNET6 = 10,
  LENGTH_INTERNET = 16,
  LENGTH_INTERNET6 = 28,
  NAME_OFFSET = 2,
  NAME_SIZE = 108,
  WINDOW = 64,
  STEPS_AT_ONCE = 64,
};

_Static_assert(NAME_OFFSET + NAME_SIZE <= (int)CSCAN_SOCKADDR_REACH, "a path is longer than promised");

SCAN_INLINE bool is_printable(uint8_t byte) { return byte >= ' ' && byte <= '~'; }

SCAN_INLINE bool is_zero(const uint8_t *bytes, size_t count) {
  uint8_t any = 0;
  for (size_t index = 0; index < count; index++) any |= bytes[index];
  return any == 0;
}

// An address that ends with three zeros is that of no host, but what small numbers in a row look like.
static size_t internet_length(const uint8_t *bytes, size_t count) {
  if (count < LENGTH_INTERNET || is_zero(bytes + 2, 2)) return 0;
  if (is_zero(bytes + 5, 3) || !is_zero(bytes + 8, 8)) return 0;
  return LENGTH_INTERNET;
}

static bool is_plausible_internet6(const uint8_t address[16]) {
  if (is_zero(address, 10)) {
    if (address[10] == 0xFF && address[11] == 0xFF) return !is_zero(address + 12, 4);
    return is_zero(address, 15) && address[15] == 1;
  }
  static const uint8_t translated[4] = { 0x00, 0x64, 0xFF, 0x9B };
  return address[0] >> 5 == 1 || address[0] >> 1 == 0xFC >> 1 || address[0] == 0xFF
    || (address[0] == 0xFE && address[1] >> 6 == 2) || memcmp(address, translated, sizeof translated) == 0;
}

static size_t internet6_length(const uint8_t *bytes, size_t count) {
  if (count < LENGTH_INTERNET6 || is_zero(bytes + 2, 2) || !is_zero(bytes + 4, 4)) return 0;
  const uint8_t *address = bytes + 8, *scope = bytes + 24;
  bool is_link_local = address[0] == 0xFE && address[1] >> 6 == 2;
  if (!is_plausible_internet6(address) || !is_zero(is_link_local ? scope + 2 : scope, is_link_local ? 2 : 4)) return 0;
  return LENGTH_INTERNET6;
}

static size_t local_length(const uint8_t *bytes, size_t count) {
  bool is_abstract = bytes[NAME_OFFSET] == 0;
  if (!is_abstract && bytes[NAME_OFFSET] != '/') return 0;
  size_t end = count < NAME_OFFSET + NAME_SIZE ? count : NAME_OFFSET + NAME_SIZE;
  size_t length = NAME_OFFSET + 1;
  while (length < end && is_printable(bytes[length])) length++;
  size_t shortest = is_abstract ? NAME_OFFSET + 4 : NAME_OFFSET + 2;
  return length >= shortest && length < end && bytes[length] == 0 ? length : 0;
}

// 0 if the bytes do not begin with a socket address.
static size_t length_of_address(const uint8_t *bytes, size_t count) {
  if (count < 4 || bytes[1] != 0) return 0;
  switch (bytes[0]) {
  case FAMILY_LOCAL: return local_length(bytes, count);
  case FAMILY_INTERNET: return internet_length(bytes, count);
  case FAMILY_INTERNET6: return internet6_length(bytes, count);
  default: return 0;
  }
}

// A path has no byte that could be a family, so only the other two can hold the begin of another. Whether that earlier
// one is itself inside of a third does not count: it would make a decision depend on bytes ever farther away.
static bool is_inside_earlier(const uint8_t *bytes, size_t count, size_t position, size_t alignment) {
  for (size_t distance = alignment; distance < LENGTH_INTERNET6 && distance <= position; distance += alignment) {
    if (length_of_address(bytes + position - distance, count - position + distance) > distance) return true;
  }
  return false;
}

static size_t accepted_length(const uint8_t *bytes, size_t count, size_t position, size_t alignment) {
  size_t length = length_of_address(bytes + position, count - position);
  return length != 0 && !is_inside_earlier(bytes, count, position, alignment) ? length : 0;
}

// A window as bits: which bytes are what.
struct window_bytes {
  uint64_t zeros;
  uint64_t local;
  uint64_t internet;
  uint64_t internet6;
  uint64_t slashes;
  uint64_t printable;
};

// The bytes at which a socket address may begin. What lies behind the window passes for what it should be.
SCAN_INLINE uint64_t possible_begins(struct window_bytes is) {
  uint64_t set = ~is.zeros;
  uint64_t set_in_2 = set | set >> 1;
  uint64_t set_in_4 = set_in_2 | set_in_2 >> 2;
  uint64_t set_in_8 = set_in_4 | set_in_4 >> 4;
  uint64_t internet = (is.internet & ~(set_in_8 >> 8)) | (is.internet6 & ~(set_in_4 >> 4));
  uint64_t odd = ~is.printable;
  uint64_t abstract = ~(set >> 2 | odd >> 4 | odd >> 5);
  uint64_t local = is.local & (is.slashes >> 2 | abstract) & ~(odd >> 3);
  return ((internet & set_in_2 >> 2) | local) & ~(set >> 1);
}

struct scan {
  const uint8_t *bytes;
  size_t count;
  size_t position;
  size_t limit;
  size_t alignment;
  struct cscan_match *matches;
  size_t capacity;
  size_t found;
};

// Takes the socket addresses among the candidates of a window. Returns whether there was room; if not, position is
// where to go on.
static __attribute__((noinline)) bool take_window(struct scan *scan, size_t window, uint64_t candidates) {
  for (; candidates != 0; candidates &= candidates - 1) {
    size_t begin = window + (size_t)__builtin_ctzll(candidates);
    if (begin >= scan->limit) break;
    size_t length = accepted_length(scan->bytes, scan->count, begin, scan->alignment);
    if (length == 0) continue;
    if (scan->found == scan->capacity) {
      scan->position = begin;
      return false;
    }
    scan->matches[scan->found++] = (struct cscan_match){ .offset = (uint32_t)begin, .length = (uint32_t)length };
  }
  return true;
}

#define KERNEL "scan_sockaddr_kernel.h"
#include "scan_sets.h"

size_t cscan_sockaddr(const uint8_t *bytes, size_t count, uint64_t address, size_t *from, size_t to,
                      unsigned options, struct cscan_match *matches, size_t capacity) {
  size_t alignment = options & CSCAN_ALIGN8 ? 8 : 4;
  struct scan state = {
    .bytes = bytes,
    .count = count,
    .position = *from + (size_t)(-(address + *from) & (alignment - 1)),
    .limit = to < count ? to : count,
    .alignment = alignment,
    .matches = matches,
    .capacity = capacity,
  };
  if (!BEST_OF_SETS(scan)(&state)) *from = state.position;
  else if (*from < to) *from = to;
  return state.found;
}
