// Characters of UTF-8 that have several bytes. Private to this target.

#ifndef SCAN_UTF8_H
#define SCAN_UTF8_H

#include <stddef.h>
#include <stdint.h>

#include "scan_vector.h"

struct utf8_character {
  uint32_t scalar;
  unsigned length; // in bytes; 0: none that is well-formed and has several
};

// The character that begins here. Reads up to four bytes. Table 3-7 of the Unicode Standard.
SCAN_INLINE struct utf8_character utf8_character(const uint8_t *bytes) {
  struct utf8_character none = { 0 };
  uint8_t first = bytes[0];
  if (first < 0xC2 || first > 0xF4 || (bytes[1] & 0xC0) != 0x80) return none;
  if (first < 0xE0) return (struct utf8_character){ .scalar = (first & 0x1Fu) << 6 | (bytes[1] & 0x3Fu), .length = 2 };
  if ((bytes[2] & 0xC0) != 0x80) return none;
  uint32_t scalar = (first & 0x0Fu) << 12 | (bytes[1] & 0x3Fu) << 6 | (bytes[2] & 0x3Fu);
  if (first < 0xF0) {
    bool is_character = scalar >= 0x800 && (scalar & 0xF800) != 0xD800;
    return is_character ? (struct utf8_character){ .scalar = scalar, .length = 3 } : none;
  }
  if ((bytes[3] & 0xC0) != 0x80) return none;
  scalar = (first & 0x07u) << 18 | (bytes[1] & 0x3Fu) << 12 | (bytes[2] & 0x3Fu) << 6 | (bytes[3] & 0x3Fu);
  bool is_character = scalar >= 0x10000 && scalar <= 0x10FFFF;
  return is_character ? (struct utf8_character){ .scalar = scalar, .length = 4 } : none;
}

#endif
