// "a.b.c.d:port" in memory: exactly what printf("%u.%u.%u.%u:%u") makes, as whole digit runs.
//
// A search with vectors skips what cannot be part of a match and finds a colon between two digits. From there windows
// of 64 bytes are decided as bits in 64-bit registers, all colons of a window at once: almost-matches cost the same
// however many there are, and no byte is in more than two windows.

#include "include/cprocmem_scan.h"

#include "scan_vector.h"

enum {
  WINDOW = 64,
  SHORTEST_ADDRESS = 7, // "0.0.0.0"
  WINDOW_BEFORE = 16,   // "255.255.255.255" and the byte before
  WINDOW_AFTER = 7,     // "65535" and two bytes behind
  WINDOW_COLONS = WINDOW - WINDOW_BEFORE - WINDOW_AFTER,
  STEPS_AT_ONCE = 64,
};

_Static_assert(WINDOW_BEFORE <= (int)CPROCMEM_IPV4_PORT_REACH, "a window looks further back than promised");
_Static_assert(WINDOW_AFTER <= (int)CPROCMEM_IPV4_PORT_REACH, "a window looks further ahead than promised");

// A window as bits: which bytes are what.
struct text {
  uint64_t digits;
  uint64_t dots;
  uint64_t colons;  // those that are to be decided
  uint64_t letters; // those that forbid a match next to them
};

// The digits by value.
struct values {
  uint64_t at_least_3;
  uint64_t at_least_4;
  uint64_t at_least_6;
  uint64_t at_least_7;
  uint64_t two;
  uint64_t five;
};

// The first digits of runs that are above 255 if they have three digits, above 65535 if they have five.
struct too_large {
  uint64_t octet;
  uint64_t port;
};

// The bytes right after a digit run that is fine as an octet, or as a port.
struct run_ends {
  uint64_t octet;
  uint64_t port;
};

// What the search has looked at ahead: steps from begin up to end, of which those as bits are worth a closer look.
struct look_ahead {
  size_t begin;
  size_t end;
  uint64_t steps;
};

// Places in a window.
struct span {
  uint32_t start;
  uint32_t colon;
  uint32_t end;
};

// The window in which the colons from position on can be decided. Outside the array it reads as NUL, a boundary.
SCAN_INLINE const uint8_t *window_around(const uint8_t *bytes, size_t count, size_t position, uint8_t copy[WINDOW]) {
  size_t before = position < WINDOW_BEFORE ? position : WINDOW_BEFORE;
  size_t after = count - position < WINDOW - WINDOW_BEFORE ? count - position : WINDOW - WINDOW_BEFORE;
  if (before + after == WINDOW) return bytes + position - WINDOW_BEFORE;
  memset(copy, 0, WINDOW);
  memcpy(copy + WINDOW_BEFORE - before, bytes + position - before, before + after);
  return copy;
}

SCAN_INLINE uint64_t bits_below(size_t bit) { return (UINT64_C(1) << bit) - 1; }

SCAN_INLINE uint64_t window_colons(size_t remaining) {
  return bits_below(remaining < WINDOW_COLONS ? remaining : WINDOW_COLONS) << WINDOW_BEFORE;
}

SCAN_INLINE struct run_ends run_ends_by_length(const struct text *text) {
  uint64_t digits = text->digits;
  uint64_t after_1 = digits << 1;
  uint64_t after_2 = after_1 & digits << 2;
  uint64_t after_4 = after_2 & after_2 << 2;
  uint64_t after_6 = after_4 & after_2 << 4;
  uint64_t goes_on = digits | text->letters | (text->dots & digits >> 1);
  return (struct run_ends){ .octet = after_1 & ~after_4, .port = after_1 & ~after_6 & ~goes_on };
}

// A number added at the first digit of a run carries through all of it and comes out on the byte behind.
SCAN_INLINE uint64_t behind_runs(uint64_t digits, uint64_t first_digits) { return digits + first_digits; }

SCAN_INLINE struct too_large runs_too_large(struct values is) {
  uint64_t three = is.at_least_3 & ~is.at_least_4;
  uint64_t six = is.at_least_6 & ~is.at_least_7;
  uint64_t above_55 = is.at_least_6 | (is.five & is.at_least_6 >> 1);
  uint64_t above_35 = is.at_least_4 | (three & is.at_least_6 >> 1);
  uint64_t above_535 = is.at_least_6 | (is.five & above_35 >> 1);
  uint64_t above_5535 = is.at_least_6 | (is.five & above_535 >> 1);
  return (struct too_large){
    .octet = is.at_least_3 | (is.two & above_55 >> 1),
    .port = is.at_least_7 | (six & above_5535 >> 1),
  };
}

// Leaves out octets above 255, ports above 65535, leading zeros and, if not asked for, port 0.
SCAN_INLINE struct run_ends run_ends_by_value(const struct text *text, struct run_ends run_ends, uint64_t zeros,
                                              struct too_large too_large, unsigned options) {
  uint64_t three_digits = text->digits >> 1 & text->digits >> 2;
  uint64_t five_digits = three_digits & three_digits >> 2;
  uint64_t leading = zeros & ~(text->digits << 1);
  uint64_t needless = leading & text->digits >> 1;
  uint64_t forbidden = options & CPROCMEM_SCAN_PORT_ZERO ? needless : leading;
  run_ends.octet &= ~(behind_runs(text->digits, needless) | (too_large.octet & three_digits) << 3);
  run_ends.port &= ~(behind_runs(text->digits, forbidden) | (too_large.port & five_digits) << 5);
  return run_ends;
}

// The bytes right after each match: from every boundary through octet, dot, octet, dot, octet, dot, octet, colon, port.
SCAN_INLINE uint64_t ends_of_matches(const struct text *text, struct run_ends run_ends) {
  uint64_t digits = text->digits;
  uint64_t boundaries = ~(digits | text->dots | text->letters);
  uint64_t dots = text->dots & run_ends.octet;
  uint64_t colons = text->colons & run_ends.octet;
  uint64_t at = behind_runs(digits, boundaries << 1) & dots;
  at = behind_runs(digits, at << 1) & dots;
  at = behind_runs(digits, at << 1) & dots;
  at = behind_runs(digits, at << 1) & colons;
  return behind_runs(digits, at << 1) & run_ends.port;
}

SCAN_INLINE uint32_t highest_bit(uint64_t bits) { return 63 - (uint32_t)__builtin_clzll(bits); }

SCAN_INLINE struct span span_of_match(const struct text *text, uint64_t ends) {
  uint32_t end = (uint32_t)__builtin_ctzll(ends);
  uint32_t colon = highest_bit(~text->digits & bits_below(end));
  uint32_t before = highest_bit(~(text->digits | text->dots) & bits_below(colon));
  return (struct span){ .start = before + 1, .colon = colon, .end = end };
}

#define KERNEL "scan_ipv4_port_kernel.h"
#include "scan_sets.h"

size_t cprocmem_scan_ipv4_port(const uint8_t *bytes, size_t count, size_t *from, size_t to, unsigned options,
                               struct cprocmem_match *matches, size_t capacity) {
  return BEST_OF_SETS(scan)(bytes, count, from, to, options, matches, capacity);
}
