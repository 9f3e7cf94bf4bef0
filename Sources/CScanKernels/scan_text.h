// What the scans for text share: classes of characters, octets, ports, names of hosts, and the way from candidate to
// candidate. Private to this target.
//
// Every function here looks at a bounded number of bytes. Outside the array there is a NUL wherever one looks.

#ifndef SCAN_TEXT_H
#define SCAN_TEXT_H

#include "CScanKernels.h"

#include "scan_anchor.h"
#include "scan_vector.h"

struct text {
  const uint8_t *bytes;
  size_t count;
};

// Positions of the first byte and the byte behind the last; 0 and 0: nothing.
struct extent {
  size_t begin;
  size_t end;
};

enum { NAME_LONGEST = 253, LABEL_LONGEST = 63 };

SCAN_INLINE uint8_t byte_at(const struct text *text, size_t position) {
  return position < text->count ? text->bytes[position] : 0;
}

SCAN_INLINE bool is_digit(uint8_t byte) { return byte >= '0' && byte <= '9'; }
SCAN_INLINE bool is_letter(uint8_t byte) { return (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z'; }
SCAN_INLINE bool is_alphanumeric(uint8_t byte) { return is_digit(byte) || is_letter(byte); }

SCAN_INLINE bool is_hexadecimal(uint8_t byte) {
  return is_digit(byte) || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'f');
}

SCAN_INLINE bool is_label_byte(uint8_t byte) { return is_alphanumeric(byte) || byte == '-' || byte == '_'; }
SCAN_INLINE bool is_name_byte(uint8_t byte) { return is_label_byte(byte) || byte == '.'; }

SCAN_INLINE bool is_forbidden_neighbour(uint8_t byte, unsigned options) {
  return (options & CSCAN_WORD) != 0 && (is_letter(byte) || byte == '_');
}

// Whether an address or a port can end before this position.
SCAN_INLINE bool is_number_boundary(const struct text *text, size_t position, unsigned options) {
  uint8_t byte = byte_at(text, position);
  if (byte == '.') return !is_digit(byte_at(text, position + 1));
  return !is_digit(byte) && !is_forbidden_neighbour(byte, options);
}

// The byte behind the decimal number without leading zeros and at most `largest`, of at most `longest` digits, that
// begins here and is a whole run of digits; 0 if there is none.
SCAN_INLINE size_t number_end(const struct text *text, size_t begin, size_t longest, uint32_t largest) {
  uint32_t value = 0;
  size_t end = begin;
  for (; end - begin <= longest && is_digit(byte_at(text, end)); end++) value = value * 10 + (byte_at(text, end) - '0');
  size_t length = end - begin;
  if (length == 0 || length > longest || value > largest) return 0;
  return length > 1 && text->bytes[begin] == '0' ? 0 : end;
}

SCAN_INLINE size_t octet_end(const struct text *text, size_t begin) { return number_end(text, begin, 3, 255); }

SCAN_INLINE size_t port_end(const struct text *text, size_t begin, unsigned options) {
  size_t end = number_end(text, begin, 5, 65535);
  if (end == 0 || !is_number_boundary(text, end, options)) return 0;
  return text->bytes[begin] == '0' && (options & CSCAN_PORT_ZERO) == 0 ? 0 : end;
}

// The byte behind "a.b.c.d" with whole octets; 0 if there is none. What follows is not looked at, save for a digit.
SCAN_INLINE size_t dotted_quad_end(const struct text *text, size_t begin) {
  size_t end = octet_end(text, begin);
  for (int octet = 1; octet < 4 && end != 0; octet++) end = byte_at(text, end) == '.' ? octet_end(text, end + 1) : 0;
  return end;
}

// A name of a host: labels with dots between them.
struct host_name {
  size_t end; // 0: none
  size_t last_label;
  bool has_dot;
  bool has_letter; // in the last label
};

// The longest name that begins here. A dot that no label follows is not part of it.
SCAN_INLINE struct host_name host_name_at(const struct text *text, size_t begin) {
  struct host_name none = { 0 }, name = { .last_label = begin };
  for (size_t position = begin;; position++) {
    uint8_t byte = byte_at(text, position);
    if (is_label_byte(byte)) {
      if (position - begin >= NAME_LONGEST || position - name.last_label >= LABEL_LONGEST) return none;
      name.has_letter |= is_letter(byte);
      continue;
    }
    if (position == name.last_label) return none;
    if (text->bytes[name.last_label] == '-' || text->bytes[position - 1] == '-') return none;
    if (byte != '.' || !is_label_byte(byte_at(text, position + 1))) {
      name.end = position;
      return name;
    }
    name.last_label = position + 1;
    name.has_dot = true;
    name.has_letter = false;
  }
}

// Decides whether there is a match with this anchor; a length of 0 if not.
typedef struct extent (*decide_function)(const struct text *text, size_t anchor, unsigned options);

SCAN_INLINE size_t scan_text(const struct text *text, size_t *from, size_t to, unsigned options,
                             struct cscan_match *matches, size_t capacity, const struct anchor_filter *filter,
                             decide_function decide) {
  size_t found = 0;
  size_t limit = to < text->count ? to : text->count;
  for (size_t position = *from; position < limit; position += ANCHOR_WINDOW) {
    uint64_t candidates = cscan_seek_anchors(filter, text->bytes, text->count, &position, limit);
    for (; candidates != 0; candidates &= candidates - 1) {
      size_t anchor = position + (size_t)__builtin_ctzll(candidates);
      if (anchor >= limit) break;
      struct extent extent = decide(text, anchor, options);
      if (extent.end == 0) continue;
      if (found == capacity) {
        *from = anchor;
        return found;
      }
      matches[found++] = (struct cscan_match){
        .offset = (uint32_t)extent.begin,
        .length = (uint32_t)(extent.end - extent.begin),
      };
    }
  }
  if (*from < to) *from = to;
  return found;
}

#endif
