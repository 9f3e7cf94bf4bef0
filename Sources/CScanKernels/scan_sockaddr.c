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
  PADDING_OFFSET = 8,
  NAME_OFFSET = 2,
  NAME_SIZE = 108,
  RELATIVE_NAME_SHORTEST = 6,
  WINDOW = 64,
  STEPS_AT_ONCE = 64,
};

_Static_assert(LENGTH_INTERNET + NAME_OFFSET + NAME_SIZE <= (int)CSCAN_SOCKADDR_REACH, "more is looked at than promised");

SCAN_INLINE bool is_printable(uint8_t byte) { return byte >= ' ' && byte <= '~'; }

SCAN_INLINE bool is_zero(const uint8_t *bytes, size_t count) {
  uint8_t any = 0;
  for (size_t index = 0; index < count; index++) any |= bytes[index];
  return any == 0;
}

// A pointer to a place whose address ends with 0x0002, before a word of zeros, has the bytes of a sockaddr_in. Programs,
// heaps, libraries and stacks lie where Linux begins: 0x5555… and 0x7fff… on x86-64, 0xaaaa… and 0xffff… on AArch64.
static bool is_pointer(const uint8_t address[4]) {
  if (!is_zero(address + 2, 2)) return false;
  switch (address[1]) {
  case 0x55: case 0x56: case 0x7E: case 0x7F: case 0xAA: case 0xAB: case 0xFE: case 0xFF: return true;
  default: return false;
  }
}

// An address that ends with three zeros is that of no host, but what small numbers in a row look like.
static size_t internet_length(const uint8_t *bytes, size_t count) {
  if (count < LENGTH_INTERNET || is_zero(bytes + 2, 2) || is_pointer(bytes + 4)) return 0;
  if (is_zero(bytes + 5, 3) || !is_zero(bytes + PADDING_OFFSET, LENGTH_INTERNET - PADDING_OFFSET)) return 0;
  return LENGTH_INTERNET;
}

static bool is_own_network(const uint8_t address[4]) {
  switch (address[0]) {
  // A newline before three printable characters is a text, such as a list of addresses.
  case 10: return !(is_printable(address[1]) && is_printable(address[2]) && is_printable(address[3]));
  case 127: return is_zero(address + 1, 2);
  case 172: return address[1] >> 4 == 1;
  case 192: return address[1] == 168;
  default: return false;
  }
}

// Programs that fill a sockaddr_in field by field leave in sin_zero what was there. Without those zeros a match needs
// other signs: an address that people use in their own networks, and a place that allocators and compilers choose.
static bool is_internet_unpadded(const uint8_t *bytes, size_t count, uint64_t address) {
  if (count < LENGTH_INTERNET || address % 8 != 0 || bytes[0] != FAMILY_INTERNET || bytes[1] != 0) return false;
  return is_own_network(bytes + 4) && bytes[7] != 0 && !is_zero(bytes + 2, 2)
    && !is_zero(bytes + PADDING_OFFSET, LENGTH_INTERNET - PADDING_OFFSET);
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
  // sin6_flowinfo: a traffic class and a flow label, which leave the first four bits.
  if (count < LENGTH_INTERNET6 || is_zero(bytes + 2, 2) || bytes[4] >> 4 != 0) return 0;
  const uint8_t *address = bytes + 8, *scope = bytes + 24;
  bool is_link_local = address[0] == 0xFE && address[1] >> 6 == 2;
  if (!is_plausible_internet6(address) || !is_zero(is_link_local ? scope + 2 : scope, is_link_local ? 2 : 4)) return 0;
  return LENGTH_INTERNET6;
}

static bool is_path_byte(uint8_t byte) {
  return (byte >= '-' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || byte == '_';
}

// A relative path is one only if it looks the part: of its bytes, and with a slash or "sock" among them.
static bool is_relative_name(const uint8_t *name, size_t count) {
  static const uint8_t word[] = { 's', 'o', 'c', 'k' };
  bool has_sign = false;
  for (size_t index = 0; index < count; index++) {
    if (!is_path_byte(name[index])) return false;
    has_sign |= name[index] == '/';
    has_sign |= count - index >= sizeof word && memcmp(name + index, word, sizeof word) == 0;
  }
  return has_sign && count >= RELATIVE_NAME_SHORTEST;
}

static size_t local_length(const uint8_t *bytes, size_t count) {
  bool is_abstract = bytes[NAME_OFFSET] == 0;
  size_t end = count < NAME_OFFSET + NAME_SIZE ? count : NAME_OFFSET + NAME_SIZE;
  size_t length = is_abstract ? NAME_OFFSET + 1 : NAME_OFFSET;
  while (length < end && is_printable(bytes[length])) length++;
  if (length == end || bytes[length] != 0) return 0;
  if (is_abstract) return length >= NAME_OFFSET + 4 ? length : 0;
  if (bytes[NAME_OFFSET] == '/') return length >= NAME_OFFSET + 2 ? length : 0;
  return is_relative_name(bytes + NAME_OFFSET, length - NAME_OFFSET) ? length : 0;
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

// An address without zeros behind it gives way to every other that it has a byte in common with.
static bool is_in_the_way(const uint8_t *bytes, size_t count, size_t position, uint64_t address) {
  if (is_inside_earlier(bytes, count, position, 4)) return true;
  if (position >= 8 && is_internet_unpadded(bytes + position - 8, count - position + 8, address - 8)) return true;
  for (size_t distance = 4; distance < LENGTH_INTERNET; distance += 4) {
    if (length_of_address(bytes + position + distance, count - position - distance) != 0) return true;
  }
  return false;
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
  uint64_t internet = is.internet & ~(set_in_8 >> 8);
  uint64_t odd = ~is.printable;
  uint64_t odd_in_2 = odd | odd >> 1;
  uint64_t abstract = ~(set >> 2 | odd_in_2 >> 4);
  uint64_t relative = ~(odd >> 2 | odd_in_2 >> 4 | odd_in_2 >> 6);
  uint64_t local = is.local & (is.slashes >> 2 | abstract | relative) & ~(odd >> 3);
  return (((internet | is.internet6) & set_in_2 >> 2) | local) & ~(set >> 1);
}

// The bytes at which a sockaddr_in may begin, whatever its padding and its address.
SCAN_INLINE uint64_t possible_unpadded(struct window_bytes is) {
  uint64_t set = ~is.zeros;
  return is.internet & (set >> 2 | set >> 3) & ~(set >> 1);
}

struct scan {
  const uint8_t *bytes;
  size_t count;
  size_t position;
  size_t limit;
  size_t alignment;
  uint64_t address;
  struct cscan_match *matches;
  size_t capacity;
  size_t found;
};

static size_t accepted_length(const struct scan *scan, size_t position) {
  const uint8_t *bytes = scan->bytes + position;
  size_t count = scan->count - position, length = length_of_address(bytes, count);
  if (length != 0) return is_inside_earlier(scan->bytes, scan->count, position, scan->alignment) ? 0 : length;
  uint64_t address = scan->address + position;
  if (!is_internet_unpadded(bytes, count, address)) return 0;
  return is_in_the_way(scan->bytes, scan->count, position, address) ? 0 : LENGTH_INTERNET;
}

// Takes the socket addresses among the candidates of a window. Returns whether there was room; if not, position is
// where to go on.
static __attribute__((noinline)) bool take_window(struct scan *scan, size_t window, uint64_t candidates) {
  for (; candidates != 0; candidates &= candidates - 1) {
    size_t begin = window + (size_t)__builtin_ctzll(candidates);
    if (begin >= scan->limit) break;
    size_t length = accepted_length(scan, begin);
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
    .address = address,
    .matches = matches,
    .capacity = capacity,
  };
  if (!BEST_OF_SETS(scan)(&state)) *from = state.position;
  else if (*from < to) *from = to;
  return state.found;
}
