// "scheme://rest" in memory. The anchor is the colon.

#include "scan_text.h"

enum {
  SCHEME_SHORTEST = 2,
  SCHEME_LONGEST = 16,
  SEPARATOR = 3, // "://"
  URL_LONGEST = 2048,
};

_Static_assert(URL_LONGEST + SCHEME_LONGEST + SEPARATOR <= (int)CSCAN_URL_REACH, "a URL is longer than promised");

static bool is_scheme_byte(uint8_t byte) {
  return is_alphanumeric(byte) || byte == '+' || byte == '-' || byte == '.';
}

static bool is_url_byte(uint8_t byte) {
  switch (byte) {
  case '"': case '<': case '>': case '\\': case '^': case '`': case '{': case '|': case '}': return false;
  default: return byte > ' ' && byte < 0x7F;
  }
}

static bool is_separator(const struct text *text, size_t colon) {
  return byte_at(text, colon) == ':' && byte_at(text, colon + 1) == '/' && byte_at(text, colon + 2) == '/';
}

// Where the longest scheme before the colon begins; the colon itself if there is none.
static size_t scheme_begin(const struct text *text, size_t colon) {
  size_t begin = colon;
  for (size_t position = colon; colon - position < SCHEME_LONGEST; position--) {
    uint8_t byte = byte_at(text, position - 1);
    if (!is_scheme_byte(byte)) break;
    if (is_letter(byte)) begin = position - 1;
  }
  return colon - begin >= SCHEME_SHORTEST ? begin : colon;
}

// URLs that abut, and those inside of others, are each one of their own: so no byte is looked at for more than one.
static size_t rest_end(const struct text *text, size_t rest, size_t cut) {
  for (size_t position = rest; position < cut + SCHEME_LONGEST; position++) {
    uint8_t byte = byte_at(text, position);
    if (!is_url_byte(byte)) return position < cut ? position : cut;
    if (byte != ':' || !is_separator(text, position)) continue;
    size_t next = scheme_begin(text, position);
    if (next != position) return next < cut ? next : cut;
  }
  return cut;
}

// Leaves out the punctuation of a sentence around the URL, and brackets that were opened before it: the end is behind the
// last byte that is neither.
static size_t without_punctuation(const struct text *text, size_t rest, size_t end) {
  size_t parentheses = 0, brackets = 0, last = rest;
  for (size_t position = rest; position < end; position++) {
    switch (text->bytes[position]) {
    case '.': case ',': case ';': case ':': case '!': case '?': case '\'': continue;
    case '(': parentheses++; break;
    case '[': brackets++; break;
    case ')':
      if (parentheses == 0) continue;
      parentheses--;
      break;
    case ']':
      if (brackets == 0) continue;
      brackets--;
      break;
    default: break;
    }
    last = position + 1;
  }
  return last;
}

static bool has_host(const struct text *text, size_t rest, size_t end) {
  for (size_t position = rest; position < end; position++) {
    uint8_t byte = text->bytes[position];
    if (byte == '/' || byte == '?' || byte == '#') return false;
    if (is_alphanumeric(byte)) return true;
  }
  return false;
}

static struct extent decide(const struct text *text, size_t colon, unsigned options) {
  struct extent none = { 0 };
  if (!is_separator(text, colon)) return none;
  size_t begin = scheme_begin(text, colon);
  if (begin == colon) return none;

  size_t rest = colon + SEPARATOR;
  size_t end = without_punctuation(text, rest, rest_end(text, rest, begin + URL_LONGEST));
  bool is_path = (options & CSCAN_EMPTY_HOST) != 0 && end > rest + 1 && text->bytes[rest] == '/';
  return is_path || has_host(text, rest, end) ? (struct extent){ .begin = begin, .end = end } : none;
}

size_t cscan_url(const uint8_t *bytes, size_t count, size_t *from, size_t to, unsigned options,
                 struct cscan_match *matches, size_t capacity) {
  static const struct anchor_filter filter = {
    .first = { .offset = 0, .value = ':', .mask = 0xFF },
    .second = { .offset = 1, .value = '/', .mask = 0xFF },
  };
  struct text text = { .bytes = bytes, .count = count };
  return scan_text(&text, from, to, options, matches, capacity, &filter, decide);
}
