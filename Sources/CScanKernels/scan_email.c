// "local@host.name" in memory. The anchor is the '@'.

#include "scan_text.h"

enum { LOCAL_LONGEST = 64, LAST_LABEL_SHORTEST = 2, LAST_LABEL_LONGEST = 24 };

_Static_assert(NAME_LONGEST + 2 <= (int)CSCAN_EMAIL_REACH, "a domain is longer than promised");
_Static_assert(2 * (LOCAL_LONGEST + 2) <= (int)CSCAN_EMAIL_REACH, "two local parts are longer than promised");

static bool is_local_byte(uint8_t byte) { return is_name_byte(byte) || byte == '%' || byte == '+'; }

static size_t local_begin(const struct text *text, size_t at) {
  size_t begin = at;
  uint8_t after = '.';
  for (; is_local_byte(byte_at(text, begin - 1)); begin--) {
    uint8_t byte = text->bytes[begin - 1];
    if (at - begin == LOCAL_LONGEST || (byte == '.' && after == '.')) return at;
    after = byte;
  }
  return after == '.' ? at : begin;
}

static size_t domain_end(const struct text *text, size_t begin) {
  struct host_name name = host_name_at(text, begin);
  size_t length = name.end - name.last_label;
  if (name.end == 0 || !name.has_dot || length < LAST_LABEL_SHORTEST || length > LAST_LABEL_LONGEST) return 0;
  for (size_t position = name.last_label; position < name.end; position++) {
    if (!is_letter(text->bytes[position])) return 0;
  }
  return name.end;
}

static struct extent local_and_domain(const struct text *text, size_t at) {
  size_t begin = local_begin(text, at);
  size_t end = begin == at ? 0 : domain_end(text, at + 1);
  return end == 0 ? (struct extent){ 0 } : (struct extent){ .begin = begin, .end = end };
}

// In "one@two.org@three.org" two.org is the domain of the first. Whether the first is itself forbidden by one before it
// does not count: it would make a decision depend on bytes ever farther away.
static struct extent decide(const struct text *text, size_t at, unsigned options) {
  (void)options;
  struct extent extent = local_and_domain(text, at);
  if (extent.end == 0 || byte_at(text, extent.begin - 1) != '@') return extent;
  return local_and_domain(text, extent.begin - 1).end == 0 ? extent : (struct extent){ 0 };
}

size_t cscan_email(const uint8_t *bytes, size_t count, size_t *from, size_t to, unsigned options,
                   struct cscan_match *matches, size_t capacity) {
  // '%'...'z' has every byte that can be next to the anchor.
  static const struct anchor_filter filter = { .first = { .value = '@', .mask = 0xFF }, .low = '%', .high = 'z' };
  struct text text = { .bytes = bytes, .count = count };
  return scan_text(&text, from, to, options, matches, capacity, &filter, decide);
}
