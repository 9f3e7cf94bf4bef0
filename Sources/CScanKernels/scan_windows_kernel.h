// The windows over one set of vectors, of which the processor's shifts are used. Included once per set, by way of
// scan_sets.h, in scan_windows.c.

// Goes on from *position to a group with candidates that ends at `end` or before; 0 if there is none. General registers
// do it: a gather of AVX-512 was no faster where it was tried (one Zen 5, under load).
KERNEL_INLINE uint64_t V(seek_strides)(const struct window_filter *filter, const uint8_t *bytes, size_t *position,
                                       size_t end, size_t stride, bool is_plain) {
  struct window_filter own = *filter;
  for (; end - *position >= WINDOW_GROUP * stride; *position += WINDOW_GROUP * stride) {
    const uint8_t *place = bytes + *position;
    uint64_t candidates = 0;
#pragma GCC unroll 16
    for (size_t index = 0; index < WINDOW_GROUP; index++) {
      uint32_t window = window_at(place + index * stride);
      candidates |= (uint64_t)may_have(&own, is_plain ? window : folded_window(&own, window)) << index;
    }
    if (candidates != 0) return candidates;
  }
  return 0;
}

KERNEL_FUNCTION uint64_t V(seek_windows)(const struct window_filter *filter, const uint8_t *bytes, size_t *position,
                                         size_t end) {
  bool is_plain = filter->mask == UINT32_MAX && filter->fold == 0;
  switch (filter->stride) {
  case 4: return is_plain ? V(seek_strides)(filter, bytes, position, end, 4, true)
                          : V(seek_strides)(filter, bytes, position, end, 4, false);
  case 2: return is_plain ? V(seek_strides)(filter, bytes, position, end, 2, true)
                          : V(seek_strides)(filter, bytes, position, end, 2, false);
  default: return is_plain ? V(seek_strides)(filter, bytes, position, end, 1, true)
                           : V(seek_strides)(filter, bytes, position, end, 1, false);
  }
}
