// Makes a set of literals.

#include <stdlib.h>

#include "scan_literals.h"

enum { MAP_SPARSE = 64 }; // bits of the map for each entry, if it does not become too large for a cache

static uint64_t probe_of(const uint8_t *bytes, size_t length) {
  uint8_t padded[PROBE_WIDTH] = { 0 };
  memcpy(padded, bytes, length < PROBE_WIDTH ? length : PROBE_WIDTH);
  return probe_at(padded);
}

static struct window_entry make_entry(const struct cscan_literals *set, size_t number, size_t back) {
  const struct needle *needle = &set->literals[number].needle;
  // The window and what is around it.
  size_t last = needle->length > PROBE_WIDTH ? needle->length - PROBE_WIDTH : 0, probe = back < 2 ? 0 : back - 2;
  if (probe > last) probe = last;
  uint64_t mask = probe_of(needle->mask + probe, needle->length - probe);
  return (struct window_entry){
    .value = probe_of(needle->bytes + probe, needle->length - probe) & mask,
    .mask = mask,
    .literal = (uint32_t)number,
    .back = (uint16_t)back,
    .probe = (uint16_t)probe & 0x7FFF,
    .is_whole = needle->length <= PROBE_WIDTH,
  };
}

struct keyed_entry {
  uint32_t bucket; // at first the window
  struct window_entry entry;
};

// By bucket; within one, those of a literal in the order in which they are met.
static int compare_entries(const void *left, const void *right) {
  const struct keyed_entry *one = left, *other = right;
  if (one->bucket != other->bucket) return one->bucket < other->bucket ? -1 : 1;
  if (one->entry.literal != other->entry.literal) return one->entry.literal < other->entry.literal ? -1 : 1;
  return other->entry.back - one->entry.back;
}

static bool make_table(struct entry_table *table, struct keyed_entry *keyed, size_t count, size_t bucket_count) {
  table->entries = malloc(count * sizeof *table->entries);
  table->heads = calloc(bucket_count + 1, sizeof *table->heads);
  if (table->entries == NULL || table->heads == NULL) return false;
  qsort(keyed, count, sizeof *keyed, compare_entries);
  table->count = count;
  table->least_back = SIZE_MAX;
  for (size_t index = 0; index < count; index++) {
    size_t back = keyed[index].entry.back;
    table->entries[index] = keyed[index].entry;
    table->heads[keyed[index].bucket + 1]++;
    if (back < table->least_back) table->least_back = back;
    if (back > table->most_back) table->most_back = back;
  }
  for (size_t bucket = 0; bucket < bucket_count; bucket++) {
    size_t bucket_size = table->heads[bucket + 1];
    if (bucket_size > table->most) table->most = bucket_size;
    table->heads[bucket + 1] += table->heads[bucket];
  }
  return true;
}

static unsigned bits_for(size_t count, unsigned least, unsigned most) {
  unsigned bits = least;
  while (bits < most && (size_t)1 << bits < count) bits++;
  return bits;
}

// Marks the windows in the map, so that what memory is full of is not taken for one of them by a collision.
static void fill_map(struct window_filter *filter, const struct keyed_entry *keyed, size_t count, size_t map_size) {
  static const uint64_t multipliers[] = { 0x9E3779B97F4A7C15, 0xD1B54A32D192ED03, 0xAEF17502108EF2D9, 0xF1357AEA2E62A9C5 };
  enum { TRIES = sizeof multipliers / sizeof *multipliers };
  for (int try = 0; try < TRIES; try++) {
    filter->multiplier = multipliers[try];
    memset(filter->map, 0, map_size * sizeof *filter->map);
    for (size_t index = 0; index < count; index++) {
      uint64_t hash = window_hash(filter, keyed[index].bucket);
      uint64_t bits = UINT64_C(1) << (hash >> FIRST_BIT & 63) | UINT64_C(1) << (hash >> SECOND_BIT & 63);
      filter->map[hash >> filter->map_shift] |= bits;
    }
    if (!may_have(filter, folded_window(filter, 0)) && !may_have(filter, folded_window(filter, UINT32_MAX))) return;
  }
}

static bool make_windows(struct cscan_literals *set, const struct set_plan *plan, uint8_t which, size_t width,
                         size_t stride, struct window_filter *filter) {
  size_t count = 0, added = 0;
  for (size_t index = 0; index < set->count; index++) count += plan->literals[index].filter == which ? stride : 0;
  if (count == 0) return true;
  filter->width = width;
  filter->stride = stride;
  filter->mask = width == WINDOW_WIDTH ? UINT32_MAX : (UINT32_C(1) << 8 * width) - 1;
  filter->fold = plan->fold * UINT32_C(0x01010101) & filter->mask;
  unsigned map_bits = bits_for(MAP_SPARSE * count / MAP_WORD_BITS, 6, 14), head_bits = bits_for(count, 6, 20);
  filter->map_shift = 64 - map_bits;
  filter->head_shift = 64 - head_bits;
  filter->map = calloc((size_t)1 << map_bits, sizeof *filter->map);
  struct keyed_entry *keyed = malloc(count * sizeof *keyed);
  if (filter->map == NULL || keyed == NULL) {
    free(keyed);
    return false;
  }
  for (size_t index = 0; index < set->count; index++) {
    if (plan->literals[index].filter != which) continue;
    for (size_t step = 0; step < stride; step++) {
      size_t back = plan->literals[index].window + step;
      uint8_t bytes[WINDOW_WIDTH] = { 0 };
      memcpy(bytes, set->literals[index].needle.bytes + back, width);
      keyed[added].bucket = folded_window(filter, window_at(bytes));
      keyed[added++].entry = make_entry(set, index, back);
    }
  }
  fill_map(filter, keyed, count, (size_t)1 << map_bits);
  for (size_t index = 0; index < count; index++) {
    keyed[index].bucket = (uint32_t)(window_hash(filter, keyed[index].bucket) >> filter->head_shift);
  }
  bool is_made = make_table(&filter->table, keyed, count, (size_t)1 << head_bits);
  free(keyed);
  return is_made;
}

static void add_to_nibbles(struct nibble_filter *filter, const struct needle *needle, size_t back, unsigned bucket) {
  uint8_t bit = (uint8_t)(1u << bucket);
  for (size_t at = 0; at < filter->width; at++) {
    uint8_t value = needle->bytes[back + at], mask = needle->mask[back + at];
    for (unsigned half = 0; half < 16; half++) {
      if (((half ^ value) & mask & 0xF) == 0) filter->low[at][half] |= bit;
      if (((half << 4 ^ value) & mask & 0xF0) == 0) filter->high[at][half] |= bit;
    }
    for (unsigned byte = 0; byte < 256; byte++) {
      if (((byte ^ value) & mask) == 0) filter->exact[at][byte] |= bit;
    }
  }
}

// The literals go into buckets by their windows, so that those of a bucket have most in common.
static bool make_nibbles(struct cscan_literals *set, const struct set_plan *plan) {
  struct nibble_filter *filter = &set->nibbles;
  size_t count = 0, added = 0;
  for (size_t index = 0; index < set->count; index++) count += plan->literals[index].filter == IN_NIBBLES;
  if (count == 0) return true;
  struct keyed_entry *keyed = malloc(count * sizeof *keyed);
  if (keyed == NULL) return false;
  filter->width = plan->width;
  for (size_t index = 0; index < set->count; index++) {
    if (plan->literals[index].filter != IN_NIBBLES) continue;
    uint8_t window[WINDOW_WIDTH] = { 0 };
    size_t back = plan->literals[index].window;
    // The higher halves first: those of letters are alike.
    for (size_t at = 0; at < plan->width; at++) window[3 - at] = set->literals[index].needle.bytes[back + at];
    keyed[added].bucket = window_at(window);
    keyed[added++].entry = make_entry(set, index, back);
  }
  qsort(keyed, count, sizeof *keyed, compare_entries);
  for (size_t index = 0; index < count; index++) {
    keyed[index].bucket = (uint32_t)(index * NIBBLE_BUCKETS / count);
    const struct window_entry *entry = &keyed[index].entry;
    add_to_nibbles(filter, &set->literals[entry->literal].needle, entry->back, keyed[index].bucket);
  }
  bool is_made = make_table(&filter->table, keyed, count, NIBBLE_BUCKETS);
  filter->table.most = count;
  free(keyed);
  return is_made;
}

static bool copy_literals(struct cscan_literals *set, const struct cscan_literal *literals, size_t count) {
  size_t total = 0, done = 0;
  for (size_t index = 0; index < count; index++) {
    if (literals[index].length < 1 || literals[index].length > CSCAN_NEEDLE_LONGEST) return false;
    total += literals[index].length;
  }
  set->literals = calloc(count ? count : 1, sizeof *set->literals);
  set->bytes = malloc(2 * total + 1);
  if (set->literals == NULL || set->bytes == NULL) return false;
  set->count = count;
  for (size_t index = 0; index < count; index++) {
    size_t length = literals[index].length;
    uint8_t *bytes = set->bytes + 2 * done, *mask = bytes + length;
    if (literals[index].mask == NULL) memset(mask, EVERY_BYTE, length);
    else memcpy(mask, literals[index].mask, length);
    for (size_t at = 0; at < length; at++) bytes[at] = literals[index].bytes[at] & mask[at];
    set->literals[index].needle = (struct needle){ .bytes = bytes, .mask = mask, .length = length };
    if (length >= LONG_LITERAL) set->literals[index].state = (uint32_t)set->long_count++;
    done += length;
  }
  return true;
}

struct cscan_literals *cscan_literals_create(const struct cscan_literal *literals, size_t count) {
  struct cscan_literals *set = calloc(1, sizeof *set);
  struct set_plan plan = { .literals = calloc(count ? count : 1, sizeof *plan.literals) };
  bool is_made = set != NULL && plan.literals != NULL && count <= UINT32_MAX && copy_literals(set, literals, count)
    && cscan_plan_literals(set, &plan) && make_nibbles(set, &plan)
    && make_windows(set, &plan, IN_WINDOWS, WINDOW_WIDTH, plan.stride, &set->windows)
    && make_windows(set, &plan, IN_SHORTS, SHORT_WIDTH, 1, &set->shorts);
  free(plan.literals);
  if (!is_made) {
    cscan_literals_free(set);
    return NULL;
  }
  size_t most = set->nibbles.table.most;
  if (set->windows.table.most > most) most = set->windows.table.most;
  if (set->shorts.table.most > most) most = set->shorts.table.most;
  set->most = most;
  return set;
}

static void free_table(struct entry_table *table) {
  free(table->entries);
  free(table->heads);
}

void cscan_literals_free(struct cscan_literals *set) {
  if (set == NULL) return;
  free_table(&set->nibbles.table);
  free_table(&set->windows.table);
  free_table(&set->shorts.table);
  free(set->windows.map);
  free(set->shorts.map);
  free(set->literals);
  free(set->bytes);
  free(set);
}

size_t cscan_literals_capacity(const struct cscan_literals *set) { return set->most; }

size_t cscan_literals_scratch(const struct cscan_literals *set) { return set->long_count * sizeof(struct search); }
