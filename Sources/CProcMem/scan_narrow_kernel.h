// UTF-16LE made bytes over one set of vectors. Included by scan_narrow.c once per set, with SET and SET_CAPITAL being the
// prefixes of scan_vector.h.

#define JOINED(one, other) one##_##other
#define JOIN(one, other) JOINED(one, other)
#define V(name) JOIN(SET, name)
#define CONSTANT(name) JOIN(SET_CAPITAL, name)

static CONSTANT(TARGET) void V(narrow_all)(const uint8_t *units, size_t count, uint8_t *narrow) {
  size_t index = 0;
  for (; count - index >= CONSTANT(WIDTH); index += CONSTANT(WIDTH)) {
    const uint8_t *place = units + 2 * index;
    V(store)(narrow + index, V(narrow)(V(load)(place), V(load)(place + CONSTANT(WIDTH))));
  }
  for (; index < count; index++) narrow[index] = narrow_unit(units + 2 * index);
}

#undef JOINED
#undef JOIN
#undef V
#undef CONSTANT
#undef SET
#undef SET_CAPITAL
