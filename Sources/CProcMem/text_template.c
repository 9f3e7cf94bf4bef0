#include "cprocmem_scan.h"

#include <stdbool.h>

enum { DECIMAL = 1, LETTER = 2, UUID_LENGTH = 36, SHORTEST_HEX = 8 };

static const uint8_t kinds[256] = {
  ['0'] = DECIMAL, ['1'] = DECIMAL, ['2'] = DECIMAL, ['3'] = DECIMAL, ['4'] = DECIMAL,
  ['5'] = DECIMAL, ['6'] = DECIMAL, ['7'] = DECIMAL, ['8'] = DECIMAL, ['9'] = DECIMAL,
  ['a'] = LETTER,  ['b'] = LETTER,  ['c'] = LETTER,  ['d'] = LETTER,  ['e'] = LETTER,  ['f'] = LETTER,
  ['A'] = LETTER,  ['B'] = LETTER,  ['C'] = LETTER,  ['D'] = LETTER,  ['E'] = LETTER,  ['F'] = LETTER,
};

static bool is_uuid(const uint8_t *text, size_t count) {
  if (count < UUID_LENGTH || (count > UUID_LENGTH && kinds[text[UUID_LENGTH]] != 0)) return false;
  for (int index = 0; index < UUID_LENGTH; index++) {
    bool is_dash = index == 8 || index == 13 || index == 18 || index == 23;
    if (is_dash ? text[index] != '-' : kinds[text[index]] == 0) return false;
  }
  return true;
}

size_t cprocmem_text_template(const uint8_t *text, size_t count, uint8_t *output) {
  uint8_t *next = output;
  size_t place = 0;
  while (place < count) {
    if (kinds[text[place]] == 0) {
      *next++ = text[place++];
      continue;
    }
    // A run of hexadecimal digits, which no such digit comes before.
    size_t end = place;
    unsigned seen = 0;
    for (; end < count && kinds[text[end]] != 0; end++) seen |= kinds[text[end]];
    size_t length = end - place;
    if (length == SHORTEST_HEX && is_uuid(text + place, count - place)) {
      *next++ = 'H';
      place += UUID_LENGTH;
    } else if (length >= SHORTEST_HEX && seen == (DECIMAL | LETTER)) {
      *next++ = 'H';
      place = end;
    } else {
      while (place < end) {
        bool is_number = kinds[text[place]] == DECIMAL;
        *next++ = is_number ? '#' : text[place];
        place++;
        while (is_number && place < end && kinds[text[place]] == DECIMAL) place++;
      }
    }
  }
  return (size_t)(next - output);
}
