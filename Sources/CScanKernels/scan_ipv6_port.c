// "[ADDRESS]:port" in memory, with every text form of RFC 4291. The anchor is the closing bracket.

#include "scan_text.h"

enum {
  GROUPS = 8,
  GROUP_LONGEST = 4,
  ZONE_LONGEST = 15,
  ADDRESS_LONGEST = sizeof "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255" - 1,
};

_Static_assert(ADDRESS_LONGEST + ZONE_LONGEST + 2 <= (int)CSCAN_IPV6_PORT_REACH, "an address is too long");

// The byte behind the address, 0 if there is none.
static size_t address_end(const struct text *text, size_t begin) {
  bool is_compressed = byte_at(text, begin) == ':' && byte_at(text, begin + 1) == ':';
  size_t position = is_compressed ? begin + 2 : begin;
  for (int groups = 1;; groups++) {
    size_t end = position;
    while (end - position < GROUP_LONGEST && is_hexadecimal(byte_at(text, end))) end++;
    // Nothing need follow "::", but a group must follow a single colon.
    if (end == position) return is_compressed && text->bytes[position - 2] == ':' ? position : 0;
    if (byte_at(text, end) == '.') {
      bool fits = is_compressed ? groups + 1 < GROUPS : groups + 1 == GROUPS;
      return fits ? dotted_quad_end(text, position) : 0;
    }
    if (byte_at(text, end) != ':') return is_compressed == (groups < GROUPS) ? end : 0;
    if (groups == GROUPS) return 0;
    position = end + 1;
    if (byte_at(text, position) != ':') continue;
    if (is_compressed) return 0;
    is_compressed = true;
    position++;
  }
}

static struct extent decide(const struct text *text, size_t bracket, unsigned options) {
  struct extent none = { 0 };
  size_t end = port_end(text, bracket + 2, options);
  if (end == 0) return none;

  size_t begin = bracket;
  do {
    if (begin == 0 || bracket - begin > ADDRESS_LONGEST + 1 + ZONE_LONGEST) return none;
    begin--;
    uint8_t byte = text->bytes[begin];
    if (byte != '[' && byte != ':' && byte != '%' && !is_name_byte(byte)) return none;
  } while (text->bytes[begin] != '[');

  size_t position = address_end(text, begin + 1);
  if (position == 0) return none;
  if (text->bytes[position] == '%') {
    size_t zone = position + 1;
    for (position = zone; is_name_byte(text->bytes[position]); position++) continue;
    if (position == zone || position - zone > ZONE_LONGEST) return none;
  }
  return position == bracket ? (struct extent){ .begin = begin, .end = end } : none;
}

size_t cscan_ipv6_port(const uint8_t *bytes, size_t count, size_t *from, size_t to, unsigned options,
                       struct cscan_match *matches, size_t capacity) {
  static const struct anchor_filter filter = {
    .first = { .offset = 0, .value = ']', .mask = 0xFF },
    .second = { .offset = 1, .value = ':', .mask = 0xFF },
  };
  struct text text = { .bytes = bytes, .count = count };
  return scan_text(&text, from, to, options, matches, capacity, &filter, decide);
}
