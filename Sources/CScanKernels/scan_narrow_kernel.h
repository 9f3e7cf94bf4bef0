// UTF-16LE made bytes over one set of vectors. Included once per set, by way of scan_sets.h, in scan_narrow.c.

KERNEL_FUNCTION void V(narrow_all)(const uint8_t *units, size_t count, uint8_t *narrow) {
  size_t index = 0;
  for (; count - index >= CONSTANT(WIDTH); index += CONSTANT(WIDTH)) {
    const uint8_t *place = units + 2 * index;
    V(store)(narrow + index, V(narrow)(V(load)(place), V(load)(place + CONSTANT(WIDTH))));
  }
  for (; index < count; index++) narrow[index] = narrow_unit(units + 2 * index);
}
