// "scheme://rest" in memory, or "scheme:\/\/rest" as JSON has it. The anchor is the colon.

#include "scan_text.h"
#include "scan_utf8.h"

enum {
  SCHEME_SHORTEST = 2,
  SCHEME_LONGEST = 16,
  SEPARATOR_LONGEST = 5, // ":\/\/"
  CHARACTER_LONGEST = 4,
  URL_LONGEST = 2048,
};

_Static_assert(URL_LONGEST + SCHEME_LONGEST + SEPARATOR_LONGEST + CHARACTER_LONGEST <= (int)CSCAN_URL_REACH,
               "a URL is longer than promised");

static bool is_scheme_byte(uint8_t byte) {
  return is_alphanumeric(byte) || byte == '+' || byte == '-' || byte == '.';
}

static bool is_url_byte(uint8_t byte) {
  switch (byte) {
  case '"': case '<': case '>': case '\\': case '^': case '`': case '{': case '|': case '}': return false;
  default: return byte > ' ' && byte < 0x7F;
  }
}

// What of Unicode people write in a URL, and not around one: no blanks, no general punctuation, no private characters.
static bool is_url_scalar(uint32_t scalar) {
  static const struct { uint32_t first, last; } ranges[] = {
    { 0xC0, 0x1FFF }, { 0x2070, 0x2FFF }, { 0x3040, 0xD7FF }, { 0xF900, 0xFDFF },
    { 0xFE70, 0xFEFE }, { 0xFF66, 0xFFDC }, { 0x10000, 0xDFFFF },
  };
  for (size_t index = 0; index < sizeof ranges / sizeof *ranges; index++) {
    if (scalar <= ranges[index].last) return scalar >= ranges[index].first;
  }
  return false;
}

// How many bytes the character of a URL has that begins here; 0 if there is none.
static size_t character_length(const struct text *text, size_t position, bool is_escaped) {
  uint8_t byte = byte_at(text, position);
  if (is_url_byte(byte)) return 1;
  if (byte == '\\') return is_escaped && byte_at(text, position + 1) == '/' ? 2 : 0;
  if (byte < 0x80) return 0;
  uint8_t bytes[CHARACTER_LONGEST];
  for (size_t index = 0; index < sizeof bytes; index++) bytes[index] = byte_at(text, position + index);
  struct utf8_character character = utf8_character(bytes);
  return is_url_scalar(character.scalar) ? character.length : 0;
}

// The length of the "://" that begins here, or that of JSON; 0 if there is none.
static size_t separator_length(const struct text *text, size_t colon) {
  if (byte_at(text, colon) != ':') return 0;
  bool is_escaped = byte_at(text, colon + 1) == '\\';
  size_t slash = is_escaped ? 2 : 1;
  if (byte_at(text, colon + slash) != '/') return 0;
  if (is_escaped && byte_at(text, colon + 3) != '\\') return 0;
  return byte_at(text, colon + 2 * slash) == '/' ? 2 * slash + 1 : 0;
}

// Whether http or https is what stands before the colon, with something glued to it. A scheme such as git+https is one.
static size_t without_glue(const struct text *text, size_t begin, size_t colon) {
  static const char https[] = "https";
  for (size_t length = sizeof https - 2; length < sizeof https; length++) {
    if (colon - begin <= length || byte_at(text, colon - length - 1) == '+') continue;
    size_t same = 0;
    while (same < length && (text->bytes[colon - length + same] | 0x20) == https[same]) same++;
    if (same == length) return colon - length;
  }
  return begin;
}

// Where the longest scheme before the colon begins; the colon itself if there is none.
static size_t scheme_begin(const struct text *text, size_t colon) {
  size_t begin = colon;
  for (size_t position = colon; colon - position < SCHEME_LONGEST; position--) {
    uint8_t byte = byte_at(text, position - 1);
    if (!is_scheme_byte(byte)) break;
    if (is_letter(byte)) begin = position - 1;
  }
  return colon - begin >= SCHEME_SHORTEST ? without_glue(text, begin, colon) : colon;
}

// URLs that abut, and those inside of others, are each one of their own: so no byte is looked at for more than one.
static size_t rest_end(const struct text *text, size_t rest, size_t cut, bool is_escaped) {
  size_t end = rest;
  for (size_t position = rest; position < cut + SCHEME_LONGEST;) {
    size_t length = character_length(text, position, is_escaped);
    if (length == 0) return end;
    if (byte_at(text, position) == ':' && separator_length(text, position) != 0) {
      size_t next = scheme_begin(text, position);
      if (next != position) return next < end ? next : end;
    }
    position += length;
    if (position <= cut) end = position;
  }
  return end;
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
    if (byte == '/' || byte == '\\' || byte == '?' || byte == '#') return false;
    if (is_alphanumeric(byte) || byte >= 0x80) return true;
  }
  return false;
}

static struct extent decide(const struct text *text, size_t colon, unsigned options) {
  struct extent none = { 0 };
  size_t separator = separator_length(text, colon);
  if (separator == 0) return none;
  size_t begin = scheme_begin(text, colon);
  if (begin == colon) return none;

  size_t rest = colon + separator;
  bool is_escaped = separator == SEPARATOR_LONGEST;
  size_t end = without_punctuation(text, rest, rest_end(text, rest, begin + URL_LONGEST, is_escaped));
  bool is_path = (options & CSCAN_EMPTY_HOST) != 0 && end > rest + 1 && text->bytes[rest] == '/';
  return is_path || has_host(text, rest, end) ? (struct extent){ .begin = begin, .end = end } : none;
}

size_t cscan_url(const uint8_t *bytes, size_t count, size_t *from, size_t to, unsigned options,
                 struct cscan_match *matches, size_t capacity) {
  // The bits that '/' and '\\' have in common.
  static const struct anchor_filter filter = {
    .first = { .offset = 0, .value = ':', .mask = 0xFF },
    .second = { .offset = 1, .value = '/' & '\\', .mask = (uint8_t)~('/' ^ '\\') },
  };
  struct text text = { .bytes = bytes, .count = count };
  return scan_text(&text, from, to, options, matches, capacity, &filter, decide);
}
