// Runs every scan kernel over bytes that look like what it looks for, in arrays of exactly their length, for SECONDS: under
// AddressSanitizer a byte read beside the array ends it, under UBSan an undefined step. Checks the contract, too: matches lie
// in the array, in order, their anchors are walked over once, and all sets of vectors give the same.
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "CScanKernels.h"

enum { MOST_BYTES = 700, MOST_MATCHES = 64, KERNELS = 15, VECTOR_SETS = 3 };

static uint64_t state = 2026;

static uint32_t random_below(uint32_t limit) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)((state >> 33) % limit);
}

static _Noreturn void fail(const char *what, int kernel, size_t count) {
  fprintf(stderr, "kernel %d, %zu bytes: %s\n", kernel, count, what);
  exit(1);
}

// Pieces of what is looked for, so that kernels get as far as they can.
static const char *const pieces[] = {
    "10.0.0.1:80", "1.2.3.4", "255.255.255.255:65535", ".", ":", "[::1]:443", "[2001:db8::1%eth0]:1", "]:", "http://a.b/c",
    "://", "a.example.org:5432", "local@example.org", "@", "123e4567-e89b-12d3-a456-426614174000", "-", "\x02\0\x1f\x90\x0a\0\0\1",
    "\x0a\0\x1f\x90", "\1\0/run/socket", "\0\0\0\0\0\0\0\0", "\xe4\xb8\x8a\xe6\xb8\xb8", "\xff", "\\/\\/", "aaaaaaaa", "A", "needle"};

static size_t fill(uint8_t *bytes, size_t count) {
  size_t filled = 0;
  while (filled < count) {
    if (random_below(4) == 0) {
      bytes[filled++] = (uint8_t)random_below(256);
      continue;
    }
    const char *piece = pieces[random_below(sizeof pieces / sizeof *pieces)];
    size_t length = strlen(piece) + (piece[0] == 0 ? 8 : 0);
    for (size_t i = 0; i < length && filled < count; i++) bytes[filled++] = (uint8_t)piece[i];
  }
  return filled;
}

static int compare_places(const void *left, const void *right) {
  uint64_t one = *(const uint64_t *)left, other = *(const uint64_t *)right;
  return one < other ? -1 : one > other;
}

// Holds what was found against every place tried by itself.
static void check_literals(const struct cscan_literal *literals, size_t number, const uint8_t *bytes, size_t count,
                           size_t from, size_t to, const uint64_t *places, size_t total) {
  size_t next = 0;
  for (size_t at = from; at < to; at++) {
    for (size_t i = 0; i < number; i++) {
      const struct cscan_literal *literal = &literals[i];
      if (literal->bytes[0] != bytes[at] || count - at < literal->length) continue;
      if (memcmp(literal->bytes, bytes + at, literal->length) != 0) continue;
      if (next == total || places[next++] != ((uint64_t)at << 32 | i)) fail("a literal is missing", 13, count);
    }
  }
  if (next != total) fail("there is no such literal", 13, count);
}

// A set of pieces, few or with all their parts of three bytes and more, as if it was a kernel that gives them in order.
static size_t find_literals(bool are_few, const uint8_t *bytes, size_t count, size_t *from, size_t to,
                            struct cscan_match *matches, size_t capacity) {
  enum { MOST_LITERALS = 1200 };
  static struct cscan_literals *sets[2];
  static struct cscan_literal literals[MOST_LITERALS];
  static uint64_t places[MOST_LITERALS * MOST_BYTES];
  struct cscan_literals *set = sets[are_few];
  size_t number = 0;
  for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
    size_t length = strlen(pieces[i]);
    for (size_t begin = 0; begin + 3 <= length && !are_few; begin++) {
      for (size_t end = begin + 3; end <= length && number < MOST_LITERALS; end++) {
        literals[number++] = (struct cscan_literal){ (const uint8_t *)pieces[i] + begin, NULL, end - begin };
      }
    }
    if (are_few && length > 0) literals[number++] = (struct cscan_literal){ (const uint8_t *)pieces[i], NULL, length };
  }
  if (set == NULL) sets[are_few] = set = cscan_literals_create(literals, number);
  size_t room = cscan_literals_capacity(set) + random_below(9), total = 0, found = 0;
  uint64_t *list = malloc(room * sizeof *list);
  void *scratch = malloc(cscan_literals_scratch(set));
  struct cscan_literal_cursor cursor = { 0 };
  while (!cursor.is_done) {
    size_t added = cscan_find_literals(set, bytes, count, *from, to, &cursor, scratch, list, room);
    if (added > room) fail("the contract of the list is broken", 13, count);
    memcpy(places + total, list, added * sizeof *list);
    total += added;
  }
  free(list), free(scratch);
  qsort(places, total, sizeof *places, compare_places);
  check_literals(literals, number, bytes, count, *from, to, places, total);
  // Those at one place are one match here, the longest.
  size_t next = to;
  for (size_t i = 0; i < total; i++) {
    uint32_t offset = (uint32_t)(places[i] >> 32);
    uint32_t length = (uint32_t)literals[(uint32_t)places[i]].length;
    if (found > 0 && matches[found - 1].offset == offset) {
      if (length > matches[found - 1].length) matches[found - 1].length = length;
      continue;
    }
    if (found == capacity) {
      next = offset;
      break;
    }
    matches[found++] = (struct cscan_match){ offset, length };
  }
  *from = next;
  return found;
}

static size_t run(int kernel, const uint8_t *bytes, size_t count, size_t *from, size_t to, unsigned options,
                  struct cscan_match *matches, size_t capacity) {
  static const uint8_t needle[] = "needle", mask[] = {0xff, 0xff, 0, 0xff, 0xff, 0xff};
  switch (kernel) {
  case 0: return cscan_ipv4_port(bytes, count, from, to, options, matches, capacity);
  case 1: return cscan_sockaddr(bytes, count, 0x1000 + 4 * (options & 3), from, to, options & CSCAN_ALIGN8, matches, capacity);
  case 2: return cscan_ipv4(bytes, count, from, to, options, matches, capacity);
  case 3: return cscan_ipv6_port(bytes, count, from, to, options, matches, capacity);
  case 4: return cscan_host_port(bytes, count, from, to, options, matches, capacity);
  case 5: return cscan_url(bytes, count, from, to, options, matches, capacity);
  case 6: return cscan_email(bytes, count, from, to, options, matches, capacity);
  case 7: return cscan_uuid(bytes, count, from, to, options, matches, capacity);
  case 8: return cscan_bytes(bytes, count, from, to, needle, NULL, 6, options & CSCAN_IGNORE_CASE, matches, capacity);
  case 9: return cscan_bytes(bytes, count, from, to, needle, mask, 6, 0, matches, capacity);
  case 13: case 14: return find_literals(kernel == 13, bytes, count, from, to, matches, capacity);
  default: return cscan_strings(bytes, count, from, to, (enum cscan_encoding)(kernel - 10), 4, matches, capacity);
  }
}

// All matches of a scan, however small a list is; the number of them.
static size_t scan(int kernel, const uint8_t *bytes, size_t count, size_t from, size_t to, unsigned options,
                   struct cscan_match *all, size_t capacity) {
  size_t total = 0;
  while (true) {
    struct cscan_match *matches = malloc(capacity * sizeof *matches);
    size_t before = from, found = run(kernel, bytes, count, &from, to, options, matches, capacity);
    if (found > capacity || from < before || from > to) fail("the contract of the list is broken", kernel, count);
    if (found == 0 && from < to) fail("it does not go on", kernel, count);
    for (size_t i = 0; i < found; i++) {
      if ((size_t)matches[i].offset + matches[i].length > count) fail("a match lies outside", kernel, count);
      if (total < MOST_BYTES) all[total++] = matches[i];
    }
    free(matches);
    if (from == to) return total;
  }
}

static void try_kernel(int kernel) {
  static struct cscan_match expected[MOST_BYTES], found[MOST_BYTES];
  size_t count = random_below(MOST_BYTES);
  uint8_t *bytes = malloc(count ? count : 1);
  fill(bytes, count);
  size_t from = count ? random_below((uint32_t)count) : 0, to = from + (count - from ? random_below((uint32_t)(count - from) + 1) : 0);
  unsigned options = random_below(64);
  static const int sets[VECTOR_SETS] = {CSCAN_VECTORS_ANY, 16, 0};
  size_t wanted = 0;
  for (int set = 0; set < VECTOR_SETS; set++) {
    cscan_limit_vectors(sets[set]);
    size_t total = scan(kernel, bytes, count, from, to, options, set ? found : expected, 1 + random_below(MOST_MATCHES));
    if (set == 0) wanted = total;
    if (total != wanted || (set && memcmp(found, expected, total * sizeof *found) != 0)) fail("vectors differ", kernel, count);
  }
  free(bytes);
}

static void try_others(void) {
  size_t count = random_below(MOST_BYTES);
  uint8_t *text = malloc(count + 1), *output = malloc(count + 1), *units = malloc(2 * count + 1);
  fill(text, count);
  bool is_only;
  if (cscan_text_template(text, count, output, &is_only) > count) fail("a template is too long", -1, count);
  if (is_only && memcmp(text, output, count) != 0) fail("a text is not its own template", -1, count);
  fill(units, 2 * count);
  cscan_narrow(units, count, output);
  free(text), free(output), free(units);
}

int main(int count, char **arguments) {
  time_t end = time(NULL) + (count > 1 ? atoi(arguments[1]) : 5);
  unsigned long rounds = 0;
  for (; time(NULL) < end; rounds++) {
    for (int kernel = 0; kernel < KERNELS; kernel++) try_kernel(kernel);
    try_others();
  }
  printf("%lu rounds of %d kernels\n", rounds, KERNELS);
  return 0;
}
