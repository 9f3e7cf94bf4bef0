#include "CScanKernels.h"

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

// How many bytes become one H, of a run of hexadecimal digits that ends; 0 if it does not.
static size_t length_of_h(const uint8_t *text, size_t count, size_t run, size_t end, unsigned seen) {
  if (end - run == SHORTEST_HEX && is_uuid(text + run, count - run)) return UUID_LENGTH;
  return seen == (DECIMAL | LETTER) ? end - run : 0;
}

// One pass without a branch that depends on where numbers begin and end: there is no telling. A long run of hexadecimal
// digits is taken for numbers and letters first; where it ends what was written for it is taken back.
size_t cscan_text_template(const uint8_t *text, size_t count, uint8_t *output) {
  uint8_t *next = output, *run_output = output;
  size_t run = 0;
  unsigned seen = 0, after_decimal = 0;
  for (size_t place = 0; place < count; place++) {
    if (__builtin_expect((kinds[text[place]] == 0) & (place - run >= SHORTEST_HEX), 0)) {
      size_t length = length_of_h(text, count, run, place, seen);
      if (length != 0) {
        next = run_output;
        *next++ = 'H';
        after_decimal = 0;
        place = run + length;
        if (place == count) return (size_t)(next - output);
      }
    }
    unsigned kind = kinds[text[place]], decimal = kind & DECIMAL;
    // A table, since a choice becomes a branch.
    const uint8_t written[2] = { text[place], '#' };
    *next = written[decimal];
    next += 1 - (decimal & after_decimal);
    after_decimal = decimal;
    run = kind != 0 ? run : place + 1;
    run_output = kind != 0 ? run_output : next;
    seen = kind != 0 ? seen | kind : 0;
  }
  if (count - run >= SHORTEST_HEX && length_of_h(text, count, run, count, seen) != 0) {
    next = run_output;
    *next++ = 'H';
  }
  return (size_t)(next - output);
}
