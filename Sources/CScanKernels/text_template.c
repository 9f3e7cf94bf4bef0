#include "CScanKernels.h"

#include <stdbool.h>
#include <string.h>

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

// The bytes of a word between two of seven bits, by their highest bits.
static uint64_t between(uint64_t word, uint8_t low, uint8_t high) {
  const uint64_t ones = 0x0101010101010101u, tops = ones << 7;
  uint64_t rest = word & ~tops;
  return (rest + ones * (0x80u - low)) & ~(rest + ones * (0x7fu - high)) & ~word & tops;
}

// Where the first decimal digit or dash is, without which nothing of a text is replaced; `count` for none. Tells, too, whether the
// text has a mark that a replaced part leaves.
static size_t first_number(const uint8_t *text, size_t count, bool *has_mark) {
  size_t first = count;
  uint64_t marks = 0;
  for (size_t place = 0; place < count; place += 8) {
    // The last word is that of the last eight bytes: to see some of them twice does no harm.
    size_t start = count >= 8 && count - place < 8 ? count - 8 : place;
    uint64_t word = 0;
    if (count >= 8) memcpy(&word, text + start, 8);
    else memcpy(&word, text, count);
    marks |= between(word, '#', '#') | between(word, 'H', 'H');
    uint64_t numbers = between(word, '0', '9') | between(word, '-', '-');
    if (numbers != 0 && first == count) first = start + (size_t)__builtin_ctzll(numbers) / 8;
  }
  *has_mark = marks != 0;
  return first;
}

// One pass without a branch that depends on where numbers begin and end: there is no telling. A long run of hexadecimal
// digits is taken for numbers and letters first; where it ends what was written for it is taken back. What stands before the
// first number is copied, up to the letters right before it.
size_t cscan_text_template(const uint8_t *text, size_t count, uint8_t *output, bool *is_only) {
  bool has_mark;
  size_t start = first_number(text, count, &has_mark);
  *is_only = start == count && !has_mark;
  if (start == count) {
    if (count > 0) memcpy(output, text, count);
    return count;
  }
  while (start > 0 && kinds[text[start - 1]] != 0) start--;
  if (start > 0) memcpy(output, text, start);
  uint8_t *next = output + start, *run_output = next;
  size_t run = start;
  unsigned seen = 0, after_decimal = 0;
  for (size_t place = start; place < count; place++) {
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
