// "a.b.c.d" in memory, with or without something behind it. The anchor is its first dot.

#include "scan_text.h"

enum { OCTET_LONGEST = 3 };

_Static_assert(sizeof ".255.255.255." <= (int)CSCAN_IPV4_REACH, "a decision looks further ahead than promised");

static struct extent decide(const struct text *text, size_t dot, unsigned options) {
  size_t begin = dot;
  while (dot - begin <= OCTET_LONGEST && is_digit(byte_at(text, begin - 1))) begin--;
  uint8_t before = byte_at(text, begin - 1);
  if (before == '.' || is_forbidden_neighbour(before, options)) return (struct extent){ 0 };
  size_t end = dotted_quad_end(text, begin);
  bool is_address = end != 0 && is_number_boundary(text, end, options);
  return is_address ? (struct extent){ .begin = begin, .end = end } : (struct extent){ 0 };
}

size_t cscan_ipv4(const uint8_t *bytes, size_t count, size_t *from, size_t to, unsigned options,
                  struct cscan_match *matches, size_t capacity) {
  static const struct anchor_filter filter = { .first = { .value = '.', .mask = 0xFF }, .low = '0', .high = '9' };
  struct text text = { .bytes = bytes, .count = count };
  return scan_text(&text, from, to, options, matches, capacity, &filter, decide);
}
