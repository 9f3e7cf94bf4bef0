// "a.b.c.d:port" in memory: exactly what printf("%u.%u.%u.%u:%u") makes, as whole digit runs.
//
// A search with vectors skips what cannot be part of a match and finds a colon between two digits. From there windows
// of 64 bytes are decided as bits in 64-bit registers, all colons of a window at once: almost-matches cost the same
// however many there are. What has matched so far where a window ends goes over to the next one, as long as they follow
// each other.

#include "CScanKernels.h"

#include "scan_vector.h"

enum {
  WINDOW = 64,
  SHORTEST_ADDRESS = 7, // "0.0.0.0"
  WINDOW_BEFORE = 16,   // "255.255.255.255" and the byte before
  WINDOW_AFTER = 7,     // "65535" and two bytes behind
  WINDOW_STEP = WINDOW - WINDOW_AFTER,
  STEPS_AT_ONCE = 64,
  PREFETCH_DISTANCE = 1024,
};

_Static_assert(WINDOW_BEFORE <= (int)CSCAN_IPV4_PORT_REACH, "a window looks further back than promised");
_Static_assert(WINDOW_AFTER <= (int)CSCAN_IPV4_PORT_REACH, "a window looks further ahead than promised");

// A window as bits: which bytes are what.
struct text {
  uint64_t digits;
  uint64_t dots;
  uint64_t colons;  // those that are to be decided
  uint64_t letters; // those that forbid a match next to them
};

// The bytes by value: which are above these digits; and which are these.
struct values {
  uint64_t above_2;
  uint64_t above_3;
  uint64_t above_5;
  uint64_t above_6;
  uint64_t zero;
  uint64_t two;
  uint64_t five;
};

// The digits without the first one of each run that is no octet, or no port: a number added there goes nowhere.
struct runs {
  uint64_t octets;
  uint64_t ports;
};

// What goes over from a window to the next one: where an octet ended with its dot, two, three, four with the colon, as
// bits of the next one; and which bytes were digits and dots, as bits of the window.
struct carry {
  uint64_t octets[4];
  uint64_t numbers;
};

// What the search has looked at ahead: steps from begin up to end, of which those as bits are worth a closer look.
struct look_ahead {
  size_t begin;
  size_t end;
  uint64_t steps;
};

// Places in a window; the start may be before it.
struct span {
  int32_t start;
  int32_t colon;
  int32_t end;
};

// The window that begins so many bytes before the position. Outside the array it reads as NUL, a boundary.
SCAN_INLINE const uint8_t *window_at(const uint8_t *bytes, size_t count, size_t position, size_t lead,
                                     uint8_t copy[WINDOW]) {
  if (__builtin_expect(position >= lead && count - position >= WINDOW - lead, 1)) return bytes + position - lead;
  size_t before = position < lead ? position : lead;
  size_t after = count - position < WINDOW - lead ? count - position : WINDOW - lead;
  memset(copy, 0, WINDOW);
  memcpy(copy + lead - before, bytes + position - before, before + after);
  return copy;
}

SCAN_INLINE uint64_t bits_below(size_t bit) { return (UINT64_C(1) << bit) - 1; }

// The bytes of a window that are to be looked at, of which so many are before the limit.
SCAN_INLINE uint64_t window_bits(size_t lead, size_t remaining) {
  uint64_t bits = ~bits_below(lead);
  return __builtin_expect(remaining >= WINDOW, 1) ? bits : bits & bits_below(remaining);
}

// The digit runs without those above 255 or 65535, and those that begin with a needless zero.
SCAN_INLINE struct runs runs_in_range(const struct text *text, struct values is) {
  uint64_t digits = text->digits;
  uint64_t three_digits = digits & digits >> 1 & digits >> 2;
  uint64_t five_digits = three_digits & three_digits >> 2;
  uint64_t six = is.above_5 & ~is.above_6;
  uint64_t three = is.above_2 & ~is.above_3;
  uint64_t above_55 = is.above_5 | (is.five & is.above_5 >> 1);
  uint64_t above_35 = is.above_3 | (three & is.above_5 >> 1);
  uint64_t above_535 = is.above_5 | (is.five & above_35 >> 1);
  uint64_t above_5535 = is.above_5 | (is.five & above_535 >> 1);
  uint64_t above_255 = is.above_2 | (is.two & above_55 >> 1) | digits >> 3;
  uint64_t above_65535 = is.above_6 | (six & above_5535 >> 1) | digits >> 5;
  uint64_t needless = is.zero & digits >> 1 & ~(digits << 1);
  return (struct runs){
    .octets = digits & ~((three_digits & above_255) | needless),
    .ports = digits & ~((five_digits & above_65535) | needless),
  };
}

// Where the runs that begin after these places end, if one of these is there. A number added at the first digit of a run
// carries through all of it and comes out on the byte behind. Runs that begin at the end of a window are seen whole in it,
// and where they end goes over to the next one.
SCAN_INLINE uint64_t next_ends(uint64_t runs, uint64_t places, uint64_t ends, uint64_t *carry) {
  uint64_t next = ((runs + ((places & bits_below(WINDOW_STEP)) << 1)) & ends) | *carry;
  *carry = next >> WINDOW_STEP;
  return next;
}

// The bytes right after each match: from every boundary through octet, dot, octet, dot, octet, dot, octet, colon, port.
SCAN_INLINE uint64_t ends_of_matches(const struct text *text, struct values is, unsigned options, struct carry *carry) {
  struct runs runs = runs_in_range(text, is);
  uint64_t digits = text->digits;
  uint64_t behind_digits = digits << 1;
  uint64_t dots = text->dots & behind_digits;
  uint64_t colons = text->colons & behind_digits;
  uint64_t at = ~(digits | text->dots | text->letters);
  at = next_ends(runs.octets, at, dots, &carry->octets[0]);
  at = next_ends(runs.octets, at, dots, &carry->octets[1]);
  at = next_ends(runs.octets, at, dots, &carry->octets[2]);
  at = next_ends(runs.octets, at, colons, &carry->octets[3]);
  at &= bits_below(WINDOW_STEP);
  uint64_t goes_on = digits | text->letters | (text->dots & digits >> 1);
  uint64_t ends = (runs.ports + (at << 1)) & behind_digits & ~goes_on;
  if (options & CSCAN_PORT_ZERO) return ends;
  return ends & ~((is.zero & at << 1) << 1);
}

SCAN_INLINE int32_t highest_bit(uint64_t bits) { return 63 - __builtin_clzll(bits); }

SCAN_INLINE struct span span_of_match(const struct text *text, uint64_t ends, uint64_t numbers_before) {
  int32_t end = __builtin_ctzll(ends);
  int32_t colon = highest_bit(~text->digits & bits_below((size_t)end));
  uint64_t before = ~(text->digits | text->dots) & bits_below((size_t)colon);
  int32_t boundary = before != 0 ? highest_bit(before)
                                 : highest_bit(~numbers_before & bits_below(WINDOW_STEP)) - WINDOW_STEP;
  return (struct span){ .start = boundary + 1, .colon = colon, .end = end };
}

#define KERNEL "scan_ipv4_port_kernel.h"
#include "scan_sets.h"

size_t cscan_ipv4_port(const uint8_t *bytes, size_t count, size_t *from, size_t to, unsigned options,
                       struct cscan_match *matches, size_t capacity) {
  return BEST_OF_SETS(scan)(bytes, count, from, to, options, matches, capacity);
}
