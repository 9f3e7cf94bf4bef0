// By which bytes each literal of a set is looked for.

#include <stdlib.h>

#include "scan_literals.h"

enum {
  FEW = 16,            // so many literals cost the nibbles little
  MANY = 64,           // more literals are never looked for by nibbles, if they can be by windows
  CHOICE = 128,        // windows are chosen among so many first bytes
  SHARE_BITS = 16,
  CANDIDATES = 48,     // the nibbles are worth it while fewer than one place in so many is a candidate
};
static const uint8_t CASE_BIT = 0x20;

// Whether a byte of a literal is the same wherever it stands, but for the case that is set before the look.
static bool is_whole(uint8_t mask, uint8_t fold) { return (mask | fold) == EVERY_BYTE; }

static uint32_t longest_run(const struct needle *needle, uint8_t fold) {
  uint32_t longest = 0, run = 0;
  for (size_t index = 0; index < needle->length; index++) {
    run = is_whole(needle->mask[index], fold) ? run + 1 : 0;
    if (run > longest) longest = run;
  }
  return longest;
}

// How likely a byte is to fit, in parts of one.
static float likelihood(uint8_t byte, uint8_t mask) {
  unsigned sum = 0;
  uint8_t free = (uint8_t)~mask, other = free;
  for (;; other = (other - 1) & free) {
    sum += byte_frequency((uint8_t)((byte & mask) | other));
    if (other == 0) return (float)sum / 4096;
  }
}

static size_t choice_end(const struct needle *needle, size_t width) {
  size_t length = needle->length < CHOICE ? needle->length : CHOICE;
  return length < width ? 0 : length - width + 1;
}

static uint32_t share_slot(const struct needle *needle, size_t offset, size_t width, uint8_t fold) {
  uint32_t window = 0;
  for (size_t index = 0; index < width; index++) window = window << 8 | needle->bytes[offset + index] | fold;
  return window * UINT32_C(0x9E3779B1) >> (32 - SHARE_BITS);
}

// Where the bytes of a literal are both rare in memory and few literals have them in common.
static uint16_t best_region(const struct needle *needle, size_t width, size_t stride, uint8_t fold, const uint32_t *shared) {
  size_t region = width + stride - 1, run = 0, best = SIZE_MAX, end = needle->length;
  float lowest = 0;
  for (size_t index = 0; index < end; index++) {
    run = is_whole(needle->mask[index], fold) ? run + 1 : 0;
    if (run < region) continue;
    size_t offset = index + 1 - region;
    if (best != SIZE_MAX && offset >= CHOICE) break;
    float cost = 0;
    for (size_t step = 0; step < stride; step++) {
      float share = (float)shared[share_slot(needle, offset + step, width, fold)] + 1, likely = share * share;
      for (size_t at = 0; at < width; at++) likely *= likelihood(needle->bytes[offset + step + at], 0xFF);
      cost += likely;
    }
    if (best != SIZE_MAX && cost >= lowest) continue;
    best = offset;
    lowest = cost;
  }
  return (uint16_t)best;
}

// Where the nibbles look at a literal of any bytes.
static uint16_t best_nibbles(const struct needle *needle, size_t width) {
  size_t best = 0;
  float lowest = 2;
  for (size_t offset = 0; offset < choice_end(needle, width); offset++) {
    float likely = 1;
    for (size_t at = 0; at < width; at++) likely *= likelihood(needle->bytes[offset + at], needle->mask[offset + at]);
    if (likely >= lowest) continue;
    best = offset;
    lowest = likely;
  }
  return (uint16_t)best;
}

static size_t nibble_width(const struct cscan_literals *set, const struct set_plan *plan) {
  size_t width = NIBBLE_WIDTH;
  for (size_t index = 0; index < set->count; index++) {
    size_t length = set->literals[index].needle.length;
    if (plan->literals[index].filter == IN_NIBBLES && length < width) width = length;
  }
  return width;
}

static size_t count_below(const struct cscan_literals *set, const struct set_plan *plan, uint32_t run) {
  size_t count = 0;
  for (size_t index = 0; index < set->count; index++) count += plan->literals[index].run < run;
  return count;
}

// Whether the nibbles let little through: what is likely at each place of the windows they would have, summed.
static bool suits_nibbles(const struct cscan_literals *set) {
  if (set->count <= 3) return true;
  if (set->count > MANY) return false;
  size_t width = NIBBLE_WIDTH;
  for (size_t index = 0; index < set->count; index++) {
    if (set->literals[index].needle.length < width) width = set->literals[index].needle.length;
  }
  // Literals of one bucket let mixtures of them through, as if each byte was as likely as those of all together.
  float sum = 0;
  size_t each = (set->count + NIBBLE_BUCKETS - 1) / NIBBLE_BUCKETS;
  for (size_t index = 0; index < set->count; index++) {
    const struct needle *needle = &set->literals[index].needle;
    size_t offset = best_nibbles(needle, width);
    float likely = 1;
    for (size_t at = 0; at < width; at++) {
      float byte = 3 * likelihood(needle->bytes[offset + at], needle->mask[offset + at]) * (float)each;
      likely *= byte < 1 ? byte : 1;
    }
    sum += likely / (float)each;
  }
  return sum * CANDIDATES < 1;
}

static void choose_filters(const struct cscan_literals *set, struct set_plan *plan) {
  bool all_nibbles = suits_nibbles(set);
  plan->stride = 1;
  size_t least = WINDOW_WIDTH;
  for (size_t stride = 4; stride > 1; stride /= 2) {
    if (count_below(set, plan, (uint32_t)(WINDOW_WIDTH + stride - 1)) > FEW) continue;
    plan->stride = stride;
    least = WINDOW_WIDTH + stride - 1;
    break;
  }
  bool few_are_short = count_below(set, plan, (uint32_t)least) <= FEW;
  for (size_t index = 0; index < set->count; index++) {
    struct literal_plan *literal = &plan->literals[index];
    if (!all_nibbles && literal->run >= least) literal->filter = IN_WINDOWS;
    else if (!all_nibbles && !few_are_short && literal->run >= SHORT_WIDTH) literal->filter = IN_SHORTS;
    else literal->filter = IN_NIBBLES;
  }
}

bool cscan_plan_literals(const struct cscan_literals *set, struct set_plan *plan) {
  uint32_t *shared = calloc((size_t)1 << SHARE_BITS, sizeof *shared);
  if (shared == NULL) return false;
  plan->fold = 0;
  for (size_t index = 0; index < set->count; index++) {
    const struct needle *needle = &set->literals[index].needle;
    for (size_t at = 0; at < needle->length; at++) {
      if (needle->mask[at] == (uint8_t)~CASE_BIT) plan->fold = CASE_BIT;
    }
  }
  for (size_t index = 0; index < set->count; index++) {
    const struct needle *needle = &set->literals[index].needle;
    plan->literals[index].run = longest_run(needle, plan->fold);
    for (size_t at = 0; at < choice_end(needle, WINDOW_WIDTH); at++) {
      shared[share_slot(needle, at, WINDOW_WIDTH, plan->fold)]++;
    }
  }
  choose_filters(set, plan);
  plan->width = nibble_width(set, plan);
  for (size_t index = 0; index < set->count; index++) {
    const struct needle *needle = &set->literals[index].needle;
    struct literal_plan *literal = &plan->literals[index];
    switch (literal->filter) {
    case IN_NIBBLES: literal->window = best_nibbles(needle, plan->width); break;
    case IN_WINDOWS: literal->window = best_region(needle, WINDOW_WIDTH, plan->stride, plan->fold, shared); break;
    default: literal->window = best_region(needle, SHORT_WIDTH, 1, plan->fold, shared); break;
    }
  }
  free(shared);
  return true;
}
