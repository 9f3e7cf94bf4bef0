// The search for a set of literals.

#include "scan_literals.h"

struct literal_search {
  const struct cscan_literals *set;
  const uint8_t *bytes;
  size_t count;
  size_t from;
  size_t to;
  struct search *states;
  uint64_t *found;
  size_t found_count;
  size_t capacity;
};

static bool is_long_match(struct literal_search *search, const struct literal *literal, size_t start) {
  struct search *state = &search->states[literal->state];
  if (state->bytes == NULL) {
    *state = (struct search){ .needle = literal->needle, .bytes = search->bytes, .differing = SIZE_MAX,
                              .difference = SIZE_MAX, .period = literal->needle.length };
  }
  return is_match(state, start);
}

// Whether the literal of an entry stands where the entry's window is; adds it.
SCAN_INLINE void try_entry(struct literal_search *search, const struct window_entry *entry, size_t position) {
  size_t start = position - entry->back, probe = start + entry->probe;
  bool is_probed = position >= entry->back && search->count >= PROBE_WIDTH && probe <= search->count - PROBE_WIDTH;
  if (is_probed && ((probe_at(search->bytes + probe) ^ entry->value) & entry->mask) != 0) return;
  if (position < entry->back || start < search->from || start >= search->to) return;
  if (!(is_probed && entry->is_whole)) {
    const struct literal *literal = &search->set->literals[entry->literal];
    size_t length = literal->needle.length;
    if (search->count - start < length) return;
    bool fits = length >= LONG_LITERAL ? is_long_match(search, literal, start)
                                       : first_difference(&literal->needle, search->bytes + start, 0) == length;
    if (!fits) return;
  }
  search->found[search->found_count++] = (uint64_t)start << 32 | entry->literal;
}

SCAN_INLINE void try_bucket(struct literal_search *search, const struct entry_table *table, size_t bucket,
                            size_t position) {
  for (uint32_t index = table->heads[bucket]; index < table->heads[bucket + 1]; index++) {
    try_entry(search, &table->entries[index], position);
  }
}

static bool has_room(const struct literal_search *search, const struct entry_table *table) {
  return search->capacity - search->found_count >= table->most;
}

// The last place that a window may have, and one more.
static size_t end_of_windows(const struct literal_search *search, const struct entry_table *table, size_t width) {
  if (search->count < width) return 0;
  size_t last = search->count - width + 1, end = search->to + table->most_back;
  return end < last ? end : last;
}

// Each search goes on from *position, and returns whether it came to its end; otherwise there is no room left.

static bool search_nibbles(struct literal_search *search, const struct nibble_filter *filter, size_t *position) {
  const struct entry_table *table = &filter->table;
  if (table->count == 0) return true;
  uint8_t buckets[LITERAL_STEP] __attribute__((aligned(64)));
  size_t end = end_of_windows(search, table, filter->width);
  while (*position < end) {
    uint64_t candidates = cscan_seek_nibbles(filter, search->bytes, position, end, buckets);
    size_t step = end - *position < LITERAL_STEP ? end - *position : LITERAL_STEP;
    if (candidates == 0) {
      // What is left is less than a step.
      for (size_t index = 0; index < step; index++) {
        buckets[index] = filter->exact[0][search->bytes[*position + index]];
        for (size_t at = 1; at < filter->width; at++) {
          buckets[index] &= filter->exact[at][search->bytes[*position + index + at]];
        }
        candidates |= (uint64_t)(buckets[index] != 0) << index;
      }
    }
    for (; candidates != 0; candidates &= candidates - 1) {
      size_t index = (size_t)__builtin_ctzll(candidates);
      if (!has_room(search, table)) {
        *position += index;
        return false;
      }
      for (unsigned which = buckets[index]; which != 0; which &= which - 1) {
        try_bucket(search, table, (size_t)__builtin_ctz(which), *position + index);
      }
    }
    *position += step;
  }
  return true;
}

static bool search_windows(struct literal_search *search, const struct window_filter *filter, size_t *position) {
  const struct entry_table *table = &filter->table;
  if (table->count == 0) return true;
  size_t end = end_of_windows(search, table, filter->width);
  // All of the words that a step loads lie in the array.
  size_t step_end = end < WINDOW_WIDTH - filter->width ? 0 : end - (WINDOW_WIDTH - filter->width);
  while (*position < end) {
    uint64_t candidates = 0;
    size_t step = WINDOW_GROUP * filter->stride;
    if (*position < step_end) candidates = cscan_seek_windows(filter, search->bytes, position, step_end);
    if (candidates == 0) {
      // What is left is less than a step.
      uint8_t padded[WINDOW_WIDTH] = { 0 };
      if (*position >= end) break;
      memcpy(padded, search->bytes + *position, filter->width);
      candidates = may_have(filter, folded_window(filter, window_at(padded)));
      step = filter->stride;
    }
    for (; candidates != 0; candidates &= candidates - 1) {
      size_t place = *position + (size_t)__builtin_ctzll(candidates) * filter->stride;
      if (!has_room(search, table)) {
        *position = place;
        return false;
      }
      uint8_t padded[WINDOW_WIDTH] = { 0 };
      memcpy(padded, search->bytes + place, filter->width);
      try_bucket(search, table, window_hash(filter, folded_window(filter, window_at(padded))) >> filter->head_shift, place);
    }
    *position += step;
  }
  return true;
}

size_t cscan_find_literals(const struct cscan_literals *set, const uint8_t *bytes, size_t count, size_t from, size_t to,
                           struct cscan_literal_cursor *cursor, void *scratch, uint64_t *found, size_t capacity) {
  enum { NIBBLES, WINDOWS, SHORTS, DONE };
  const struct entry_table *tables[] = { &set->nibbles.table, &set->windows.table, &set->shorts.table };
  struct literal_search search = { .set = set, .bytes = bytes, .count = count, .from = from, .to = to,
                                   .states = scratch, .found = found, .capacity = capacity };
  while (cursor->stage < DONE) {
    if (!cursor->has_begun) {
      cursor->position = from + (tables[cursor->stage]->count ? tables[cursor->stage]->least_back : 0);
      if (cursor->stage == NIBBLES && set->long_count > 0) memset(scratch, 0, cscan_literals_scratch(set));
      cursor->has_begun = true;
    }
    bool is_done = cursor->stage == NIBBLES ? search_nibbles(&search, &set->nibbles, &cursor->position)
      : search_windows(&search, cursor->stage == WINDOWS ? &set->windows : &set->shorts, &cursor->position);
    if (!is_done) return search.found_count;
    cursor->stage++;
    cursor->has_begun = false;
  }
  cursor->is_done = true;
  return search.found_count;
}
