// "host.name:port" in memory. The anchor is the colon.

#include "scan_text.h"

enum { SINGLE_LABEL_SHORTEST = 3 };

_Static_assert(2 * (NAME_LONGEST + 3) <= (int)CSCAN_HOST_PORT_REACH, "two names are longer than promised");

static bool is_localhost(const uint8_t *name, size_t length) {
  static const char localhost[] = "localhost";
  return length == sizeof localhost - 1 && memcmp(name, localhost, length) == 0;
}

// "…T12:30:45": what follows the first colon of a time of day is no port.
static bool is_time_of_day(const struct text *text, size_t colon, size_t end) {
  if (end - colon != 3 || byte_at(text, end) != ':') return false;
  if (!is_digit(byte_at(text, end + 1)) || !is_digit(byte_at(text, end + 2))) return false;
  if (is_digit(byte_at(text, colon - 3))) return false;
  return is_digit(byte_at(text, colon - 1)) && is_digit(byte_at(text, colon - 2));
}

static struct extent name_and_port(const struct text *text, size_t colon, unsigned options) {
  struct extent none = { 0 };
  size_t end = port_end(text, colon + 1, options);
  if (end == 0 || is_time_of_day(text, colon, end)) return none;

  // An absolute name ends with a dot; RFC 1034.
  size_t name_end = byte_at(text, colon - 1) == '.' ? colon - 1 : colon, begin = name_end;
  while (name_end - begin <= NAME_LONGEST && is_name_byte(byte_at(text, begin - 1))) begin--;
  struct host_name name = host_name_at(text, begin);
  if (name.end != name_end || !name.has_letter) return none;
  size_t length = name_end - begin;
  if (!name.has_dot && !is_localhost(text->bytes + begin, length)) {
    bool is_asked_for = (options & CSCAN_SINGLE_LABEL) != 0;
    if (!is_asked_for || length < SINGLE_LABEL_SHORTEST || byte_at(text, begin - 1) == ':') return none;
  }
  return (struct extent){ .begin = begin, .end = end };
}

// In "one.name:80.other:90" the 80 is the port of the first. Whether the first is itself forbidden by one before it
// does not count: it would make a decision depend on bytes ever farther away.
static struct extent decide(const struct text *text, size_t colon, unsigned options) {
  struct extent extent = name_and_port(text, colon, options);
  if (extent.end == 0 || byte_at(text, extent.begin - 1) != ':') return extent;
  return name_and_port(text, extent.begin - 1, options).end == 0 ? extent : (struct extent){ 0 };
}

size_t cscan_host_port(const uint8_t *bytes, size_t count, size_t *from, size_t to, unsigned options,
                       struct cscan_match *matches, size_t capacity) {
  // '.'...'z' has every byte that can end a name and every digit.
  static const struct anchor_filter filter = { .first = { .value = ':', .mask = 0xFF }, .low = '.', .high = 'z' };
  struct text text = { .bytes = bytes, .count = count };
  return scan_text(&text, from, to, options, matches, capacity, &filter, decide);
}
