// The nibbles over one set of vectors. Included once per set, by way of scan_sets.h, in scan_nibbles.c.

enum { V(nibble_vectors) = LITERAL_STEP / CONSTANT(WIDTH) };

// Goes on from *position to a step with candidates that ends at `end` or before. Returns these as bits, and the buckets of
// each of its places; 0 if there is none.
KERNEL_INLINE uint64_t V(seek_buckets)(const struct nibble_filter *filter, const uint8_t *bytes, size_t *position,
                                       size_t end, uint8_t *buckets, size_t width) {
  V(vector) low[NIBBLE_WIDTH], high[NIBBLE_WIDTH];
  for (size_t at = 0; at < width; at++) {
    low[at] = V(table)(filter->low[at]);
    high[at] = V(table)(filter->high[at]);
  }
  for (; end - *position >= LITERAL_STEP; *position += LITERAL_STEP) {
    V(lanes) lanes[V(nibble_vectors)];
    V(vector) found[V(nibble_vectors)];
    for (int index = 0; index < V(nibble_vectors); index++) {
      const uint8_t *place = bytes + *position + index * CONSTANT(WIDTH);
      V(vector) step = V(lookup)(low[0], high[0], V(load)(place));
      for (size_t at = 1; at < width; at++) step = V(common)(step, V(lookup)(low[at], high[at], V(load)(place + at)));
      found[index] = step;
      lanes[index] = V(occupied)(step);
    }
    V(lanes) any = lanes[0];
    for (int index = 1; index < V(nibble_vectors); index++) any = V(either)(any, lanes[index]);
    if (__builtin_expect(!V(any)(any), 1)) continue;
    for (int index = 0; index < V(nibble_vectors); index++) V(store)(buckets + index * CONSTANT(WIDTH), found[index]);
    return V(mask)(lanes);
  }
  return 0;
}

KERNEL_FUNCTION uint64_t V(seek_nibbles)(const struct nibble_filter *filter, const uint8_t *bytes, size_t *position,
                                         size_t end, uint8_t *buckets) {
  switch (filter->width) {
  case 1: return V(seek_buckets)(filter, bytes, position, end, buckets, 1);
  case 2: return V(seek_buckets)(filter, bytes, position, end, buckets, 2);
  case 3: return V(seek_buckets)(filter, bytes, position, end, buckets, 3);
  default: return V(seek_buckets)(filter, bytes, position, end, buckets, 4);
  }
}
