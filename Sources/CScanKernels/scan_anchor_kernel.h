// The search for anchors over one set of vectors. Included once per set, by way of scan_sets.h, in scan_anchor.c.

enum { V(vectors_per_window) = ANCHOR_WINDOW / CONSTANT(WIDTH) };

typedef V(lanes) (*V(candidates_function))(const struct anchor_filter *filter, const uint8_t *bytes);

KERNEL_INLINE V(lanes) V(pair)(const struct anchor_filter *filter, const uint8_t *bytes) {
  V(vector) first = V(load)(bytes + filter->first.offset), second = V(load)(bytes + filter->second.offset);
  return V(both)(V(equal_masked)(first, filter->first.value, filter->first.mask),
                 V(equal_masked)(second, filter->second.value, filter->second.mask));
}

KERNEL_INLINE V(lanes) V(between)(const struct anchor_filter *filter, const uint8_t *bytes) {
  V(lanes) neighbours = V(pair_within)(V(load)(bytes - 1), V(load)(bytes + 1), filter->low, filter->high);
  return V(both)(V(equal)(V(load)(bytes), filter->first.value), neighbours);
}

KERNEL_INLINE uint64_t V(seek)(struct anchor_search *search, V(candidates_function) candidates_in) {
  struct anchor_filter filter = *search->filter;
  for (; search->end - search->position >= CONSTANT(STEP); search->position += CONSTANT(STEP)) {
    const uint8_t *place = search->bytes + search->position;
    V(lanes) step = candidates_in(&filter, place);
    for (int offset = CONSTANT(WIDTH); offset < (int)CONSTANT(STEP); offset += CONSTANT(WIDTH)) {
      step = V(either)(step, candidates_in(&filter, place + offset));
    }
    if (__builtin_expect(!V(any)(step), 1)) continue;

    for (size_t offset = 0; offset < CONSTANT(STEP); offset += ANCHOR_WINDOW) {
      V(lanes) lanes[V(vectors_per_window)];
      for (int index = 0; index < V(vectors_per_window); index++) {
        lanes[index] = candidates_in(&filter, place + offset + index * CONSTANT(WIDTH));
      }
      uint64_t candidates = V(mask)(lanes);
      if (candidates == 0) continue;
      search->position += offset;
      return candidates;
    }
  }
  return 0;
}

KERNEL_FUNCTION uint64_t V(seek_pair)(struct anchor_search *search) { return V(seek)(search, V(pair)); }
KERNEL_FUNCTION uint64_t V(seek_between)(struct anchor_search *search) { return V(seek)(search, V(between)); }
