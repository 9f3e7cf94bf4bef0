// The search for runs of printable text over one set of vectors. Included once per set, by way of scan_sets.h, in
// scan_strings.c.

enum { V(vectors) = 64 / CONSTANT(WIDTH) };

KERNEL_INLINE uint64_t V(printable)(const uint8_t *bytes) {
  V(lanes) lanes[V(vectors)];
  for (int index = 0; index < V(vectors); index++) {
    V(vector) vector = V(load)(bytes + index * CONSTANT(WIDTH));
    lanes[index] = V(either)(V(within)(vector, ' ', '~'), V(equal)(vector, '\t'));
  }
  return V(mask)(lanes);
}

KERNEL_INLINE uint64_t V(equal_mask)(const uint8_t *bytes, uint8_t byte, uint8_t mask) {
  V(lanes) lanes[V(vectors)];
  for (int index = 0; index < V(vectors); index++) {
    lanes[index] = V(equal_masked)(V(load)(bytes + index * CONSTANT(WIDTH)), byte, mask);
  }
  return V(mask)(lanes);
}

// A unit is a printable byte with a NUL behind it. Two of them cannot overlap, so runs of the bytes of units are runs of
// units of one parity.
KERNEL_INLINE uint64_t V(wide)(const uint8_t *bytes) {
  uint64_t units = V(printable)(bytes) & V(equal_mask)(bytes + 1, 0, 0xFF);
  uint64_t unit_before = is_printable(bytes[-1]) && bytes[0] == 0;
  return units | units << 1 | unit_before;
}

// A character of several bytes is found by its first one; those that begin up to three bytes before count too.
KERNEL_INLINE uint64_t V(utf8)(const uint8_t *bytes) {
  uint64_t covered = V(printable)(bytes);
  uint64_t leads = V(equal_mask)(bytes, 0xC0, 0xC0) & V(equal_mask)(bytes + 1, 0x80, 0xC0);
  for (; leads != 0; leads &= leads - 1) {
    unsigned place = (unsigned)__builtin_ctzll(leads);
    covered |= ((UINT64_C(1) << utf8_length(bytes + place)) - 1) << place;
  }
  for (unsigned before = 1; before < 4; before++) {
    size_t length = utf8_length(bytes - before);
    if (length > before) covered |= (UINT64_C(1) << (length - before)) - 1;
  }
  return covered;
}

KERNEL_INLINE uint64_t V(covered)(const uint8_t *bytes, enum cscan_encoding encoding) {
  if (encoding == CSCAN_UTF16) return V(wide)(bytes);
  return encoding == CSCAN_UTF8 ? V(utf8)(bytes) : V(printable)(bytes);
}

KERNEL_INLINE size_t V(scan)(const struct search *search, size_t *from, struct cscan_match *matches, size_t capacity,
                             enum cscan_encoding encoding, bool is_usual) {
  const size_t start = *from, to = search->to;
  struct erosion erosion = erosion_by(encoding == CSCAN_UTF16 ? 2 * search->shortest - 1 : search->shortest);
  size_t found = 0, run = start;
  // Before the first byte and behind the last one everything counts as covered: so the runs at the edges pass.
  uint64_t before = 1;
  for (size_t position = start;; position += 64) {
    uint64_t covered;
    if (__builtin_expect(position >= search->safe_from && position + 64 <= search->safe_to, 1)) {
      covered = V(covered)(search->bytes + position, encoding);
    } else if (position < to) {
      uint8_t copy[EDGE + 64 + EDGE];
      covered = V(covered)(edge_window(search, position, copy), encoding);
      if (to - position < 64) covered |= ~UINT64_C(0) << (to - position);
    } else {
      covered = ~UINT64_C(0);
    }

    // A bit is the last byte of so many covered ones. Where such bits begin and end, a run passes the shortest length
    // and a run ends.
    uint64_t passing = is_usual ? eroded_by_4(&erosion, covered) : eroded(&erosion, covered);
    uint64_t changes = passing ^ (passing << 1 | before);
    before = passing >> 63;
    while (changes != 0) {
      size_t place = position + (size_t)__builtin_ctzll(changes);
      uint64_t is_begin = passing & changes & -changes;
      changes &= changes - 1;
      if (is_begin != 0) {
        run = place - erosion.length + 1;
        continue;
      }
      if (run == start ? place == start : !is_usual && is_too_short(search, run, place, encoding)) continue;
      matches[found++] = (struct cscan_match){ .offset = (uint32_t)run, .length = (uint32_t)(place - run) };
      if (found == capacity) {
        *from = place;
        return found;
      }
    }
    if (position >= to) break;
  }
  // What is behind the end has kept a run open.
  if (run < to) {
    matches[found++] = (struct cscan_match){ .offset = (uint32_t)run, .length = (uint32_t)(to - run) };
  }
  *from = to;
  return found;
}

KERNEL_FUNCTION size_t V(strings)(const struct search *search, size_t *from, struct cscan_match *matches,
                                          size_t capacity, enum cscan_encoding encoding) {
  if (encoding == CSCAN_UTF16) return V(scan)(search, from, matches, capacity, CSCAN_UTF16, false);
  if (encoding == CSCAN_UTF8) return V(scan)(search, from, matches, capacity, CSCAN_UTF8, false);
  if (search->shortest == 4) return V(scan)(search, from, matches, capacity, CSCAN_ASCII, true);
  return V(scan)(search, from, matches, capacity, CSCAN_ASCII, false);
}
