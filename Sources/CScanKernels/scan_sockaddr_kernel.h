// The scan for socket addresses over one set of vectors. Included once per set, by way of scan_sets.h, in
// scan_sockaddr.c.

enum {
  V(vectors_per_step) = CONSTANT(STEP) / CONSTANT(WIDTH),
  V(vectors_per_window) = WINDOW / CONSTANT(WIDTH),
};

// Whether this step has a word that may be a family and what is not 0 behind it: a port, a path, a name's first letter.
KERNEL_INLINE bool V(step_is_worth_a_look)(const uint8_t *step) {
  V(groups) groups = V(groups_tagged)(V(load)(step), FAMILY_LOCAL, FAMILY_INTERNET6);
  for (int index = 1; index < V(vectors_per_step); index++) {
    V(vector) vector = V(load)(step + index * CONSTANT(WIDTH));
    groups = V(either_group)(groups, V(groups_tagged)(vector, FAMILY_LOCAL, FAMILY_INTERNET6));
  }
  return V(any_group)(groups);
}

KERNEL_INLINE uint64_t V(mask_within)(const uint8_t *window, uint8_t low, uint8_t high) {
  V(lanes) lanes[V(vectors_per_window)];
  for (int index = 0; index < V(vectors_per_window); index++) {
    lanes[index] = V(within)(V(load)(window + index * CONSTANT(WIDTH)), low, high);
  }
  return V(mask)(lanes);
}

KERNEL_INLINE uint64_t V(mask_equal)(const uint8_t *window, uint8_t byte) {
  V(lanes) lanes[V(vectors_per_window)];
  for (int index = 0; index < V(vectors_per_window); index++) {
    lanes[index] = V(equal)(V(load)(window + index * CONSTANT(WIDTH)), byte);
  }
  return V(mask)(lanes);
}

// The bytes in front of an address that is_own_network may take.
KERNEL_INLINE uint64_t V(before_own_network)(const uint8_t *window) {
  uint64_t first = V(mask_equal)(window, 10) | V(mask_equal)(window, 127) | V(mask_equal)(window, 172)
    | V(mask_equal)(window, 192);
  return ~(~first >> 4);
}

KERNEL_INLINE uint64_t V(candidates)(const uint8_t *window, uint64_t aligned) {
  struct window_bytes is = {
    .zeros = V(mask_equal)(window, 0),
    .local = V(mask_equal)(window, FAMILY_LOCAL),
    .internet = V(mask_equal)(window, FAMILY_INTERNET),
    .internet6 = V(mask_equal)(window, FAMILY_INTERNET6),
    .slashes = V(mask_equal)(window, '/'),
    .printable = V(mask_within)(window, ' ', '~'),
  };
  uint64_t begins = possible_begins(is), unpadded = possible_unpadded(is) & aligned;
  if (__builtin_expect(unpadded != 0, 0)) begins |= unpadded & V(before_own_network)(window);
  return begins & aligned;
}

// The steps that are worth a look as bits. A branch for each would be mispredicted in code all the time.
KERNEL_INLINE uint64_t V(steps_worth_a_look)(const uint8_t *bytes, unsigned steps) {
  uint64_t found = 0;
  for (unsigned step = 0; step < steps; step++) {
    found |= (uint64_t)V(step_is_worth_a_look)(bytes + (size_t)step * CONSTANT(STEP)) << step;
  }
  return found;
}

// Returns whether it came to the limit.
KERNEL_FUNCTION bool V(scan)(struct scan *scan) {
  uint64_t aligned = UINT64_MAX / ((UINT64_C(1) << scan->alignment) - 1);
  while (scan->position < scan->limit) {
    const uint8_t *place = scan->bytes + scan->position;
    size_t steps = (scan->limit - scan->position) / CONSTANT(STEP);
    if (steps == 0) {
      if (!take_window(scan, scan->position, aligned)) return false;
      scan->position += WINDOW;
      continue;
    }
    if (steps > STEPS_AT_ONCE) steps = STEPS_AT_ONCE;
    uint64_t worth_a_look = V(steps_worth_a_look)(place, (unsigned)steps);
    for (; worth_a_look != 0; worth_a_look &= worth_a_look - 1) {
      size_t step = (size_t)__builtin_ctzll(worth_a_look) * CONSTANT(STEP);
      for (size_t offset = step; offset < step + CONSTANT(STEP); offset += WINDOW) {
        uint64_t candidates = V(candidates)(place + offset, aligned);
        if (__builtin_expect(candidates == 0, 1)) continue;
        if (!take_window(scan, scan->position + offset, candidates)) return false;
      }
    }
    scan->position += steps * CONSTANT(STEP);
  }
  return true;
}
