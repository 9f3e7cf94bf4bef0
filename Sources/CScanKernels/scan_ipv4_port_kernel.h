// The scan for "a.b.c.d:port" over one set of vectors. Included once per set, by way of scan_sets.h, in
// scan_ipv4_port.c.

enum {
  V(vectors_per_step) = CONSTANT(STEP) / CONSTANT(WIDTH),
  V(vectors_per_window) = WINDOW / CONSTANT(WIDTH),
};

struct V(window) {
  V(vector) vectors[V(vectors_per_window)];
};

KERNEL_INLINE struct V(window) V(load_window)(const uint8_t *bytes) {
  struct V(window) window;
  for (int index = 0; index < V(vectors_per_window); index++) {
    window.vectors[index] = V(load)(bytes + index * CONSTANT(WIDTH));
  }
  return window;
}

KERNEL_INLINE uint64_t V(mask_within)(const struct V(window) *window, uint8_t low, uint8_t high) {
  V(lanes) lanes[V(vectors_per_window)];
  for (int index = 0; index < V(vectors_per_window); index++) {
    lanes[index] = V(within)(window->vectors[index], low, high);
  }
  return V(mask)(lanes);
}

KERNEL_INLINE uint64_t V(mask_equal)(const struct V(window) *window, uint8_t byte) {
  V(lanes) lanes[V(vectors_per_window)];
  for (int index = 0; index < V(vectors_per_window); index++) {
    lanes[index] = V(equal)(window->vectors[index], byte);
  }
  return V(mask)(lanes);
}

KERNEL_INLINE uint64_t V(mask_above)(const struct V(window) *window, uint8_t byte) {
  V(lanes) lanes[V(vectors_per_window)];
  for (int index = 0; index < V(vectors_per_window); index++) {
    lanes[index] = V(above)(window->vectors[index], byte);
  }
  return V(mask)(lanes);
}

KERNEL_INLINE uint64_t V(letters)(const struct V(window) *window) {
  return V(mask_within)(window, 'A', 'Z') | V(mask_within)(window, 'a', 'z') | V(mask_equal)(window, '_');
}

// Whether a match can have its colon in this step. Around its colon a match has at least seven digits and dots before
// and a digit after. So of the groups of four that are counted from four bytes before the step on, the one that begins
// four to seven bytes before the colon holds nothing but digits, dots and colons ('/' lies between them and comes along).
// This passes over most of all memory with one load a vector.
KERNEL_INLINE bool V(step_is_worth_a_look)(const uint8_t *step) {
  V(groups) groups = V(groups_within)(V(load)(step - 4), '.', ':');
  for (int index = 1; index < V(vectors_per_step); index++) {
    V(vector) vector = V(load)(step - 4 + index * CONSTANT(WIDTH));
    groups = V(either_group)(groups, V(groups_within)(vector, '.', ':'));
  }
  return V(any_group)(groups);
}

// So do the two bytes behind that group. That rules out most dates and shorter numbers.
KERNEL_INLINE bool V(step_is_worth_a_closer_look)(const uint8_t *step) {
  bool any = false;
  for (int index = 0; index < V(vectors_per_step); index++) {
    const uint8_t *place = step - 4 + index * CONSTANT(WIDTH);
    V(groups) groups = V(groups_within)(V(load)(place), '.', ':');
    any |= V(any_group)(V(both_groups)(groups, V(groups_within)(V(load)(place + 2), '.', ':')));
  }
  return any;
}

// The steps that are worth a look as bits. A branch for each would be mispredicted in text all the time.
KERNEL_INLINE uint64_t V(steps_worth_a_look)(const uint8_t *bytes, unsigned steps) {
  uint64_t found = 0;
  for (unsigned step = 0; step < steps; step++) {
    found |= (uint64_t)V(step_is_worth_a_look)(bytes + (size_t)step * CONSTANT(STEP)) << step;
  }
  return found;
}

// The colons in 64 bytes that stand between two digits, with a dot two to four bytes before: memory is full of times of
// day, which have none. For the last two bytes it takes the dot for granted.
KERNEL_INLINE uint64_t V(candidates)(const uint8_t *bytes) {
  V(lanes) colons[V(vectors_per_window)], dots[V(vectors_per_window)];
  for (int index = 0; index < V(vectors_per_window); index++) {
    const uint8_t *place = bytes + index * CONSTANT(WIDTH);
    V(lanes) between_digits = V(pair_within)(V(load)(place - 1), V(load)(place + 1), '0', '9');
    colons[index] = V(both)(V(equal)(V(load)(place), ':'), between_digits);
    dots[index] = V(equal)(V(load)(place - 4), '.');
  }
  uint64_t dot = V(mask)(dots);
  return V(mask)(colons) & (dot | dot >> 1 | dot >> 2 | UINT64_C(3) << 62);
}

// Goes on from position to the first candidate, or to where a whole step no longer fits.
KERNEL_INLINE size_t V(seek)(struct look_ahead *ahead, const uint8_t *bytes, size_t count, size_t position,
                             size_t limit) {
  for (;;) {
    for (; ahead->steps != 0; ahead->steps &= ahead->steps - 1) {
      size_t step = ahead->begin + (size_t)__builtin_ctzll(ahead->steps) * CONSTANT(STEP);
      if (__builtin_expect(!V(step_is_worth_a_closer_look)(bytes + step), 1)) continue;
      for (size_t window = step; window < step + CONSTANT(STEP); window += 64) {
        if (window + 64 <= position) continue;
        uint64_t candidates = V(candidates)(bytes + window);
        if (position > window) candidates &= ~bits_below(position - window);
        if (__builtin_expect(candidates != 0, 0)) return window + (size_t)__builtin_ctzll(candidates);
      }
    }
    if (position < ahead->end) position = ahead->end;
    // Groups begin between multiples of four, so that no number in memory that is made of such bytes is one.
    size_t begin = position - ((uintptr_t)(bytes + position - 2) & (CONSTANT(STEP) - 1));
    if (begin > position || begin < SHORTEST_ADDRESS) begin = position;
    size_t end = limit < count - 1 ? limit : count - 1; // a look goes one byte further than a step
    if (position >= end || end - begin < CONSTANT(STEP)) return position;
    size_t steps = (end - begin) / CONSTANT(STEP);
    if (steps > STEPS_AT_ONCE) steps = STEPS_AT_ONCE;
    ahead->begin = begin;
    ahead->end = begin + steps * CONSTANT(STEP);
    ahead->steps = V(steps_worth_a_look)(bytes + begin, (unsigned)steps);
  }
}

KERNEL_INLINE struct values V(values)(const struct V(window) *window) {
  return (struct values){
    .above_2 = V(mask_above)(window, '2'),
    .above_3 = V(mask_above)(window, '3'),
    .above_5 = V(mask_above)(window, '5'),
    .above_6 = V(mask_above)(window, '6'),
    .zero = V(mask_equal)(window, '0'),
    .two = V(mask_equal)(window, '2'),
    .five = V(mask_equal)(window, '5'),
  };
}

KERNEL_FUNCTION size_t V(scan)(const uint8_t *bytes, size_t count, size_t *from, size_t to, unsigned options,
                                       struct cscan_match *matches, size_t capacity) {
  size_t found = 0;
  size_t limit = to < count ? to : count;
  size_t position = *from > SHORTEST_ADDRESS ? *from : SHORTEST_ADDRESS;
  struct look_ahead ahead = { 0 };
  while (position < limit) {
    position = V(seek)(&ahead, bytes, count, position, limit);
    struct carry carry = { 0 };
    bool dense = position < limit;
    // In text that is full of almost-matches window follows window, without a search.
    for (size_t lead = WINDOW_BEFORE; dense && position < limit; lead = 0) {
      // Processors lose sight of loads at such distances after a few MiB.
      __builtin_prefetch((const void *)((uintptr_t)bytes + position + PREFETCH_DISTANCE));
      uint8_t copy[WINDOW];
      struct V(window) window = V(load_window)(window_at(bytes, count, position, lead, copy));
      struct text text = {
        .digits = V(mask_within)(&window, '0', '9'),
        .dots = V(mask_equal)(&window, '.'),
        .colons = V(mask_equal)(&window, ':') & window_bits(lead, limit - position + lead),
      };
      if (options & CSCAN_WORD) text.letters = V(letters)(&window);
      dense = (text.colons & text.digits << 1 & text.digits >> 1) != 0;

      uint64_t ends = ends_of_matches(&text, V(values)(&window), options, &carry);
      for (; ends != 0; ends &= ends - 1) {
        struct span span = span_of_match(&text, ends, carry.numbers);
        if (found == capacity) {
          *from = position + (size_t)(span.colon - (int32_t)lead);
          return found;
        }
        matches[found++] = (struct cscan_match){
          .offset = (uint32_t)(position + (size_t)(span.start - (int32_t)lead)),
          .length = (uint32_t)(span.end - span.start),
        };
      }
      carry.numbers = text.digits | text.dots;
      position += WINDOW_STEP - lead;
    }
  }
  if (*from < to) *from = to;
  return found;
}
