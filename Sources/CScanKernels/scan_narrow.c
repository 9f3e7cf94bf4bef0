// UTF-16LE made bytes, for the scans for text.

#include "CScanKernels.h"

#include "scan_vector.h"

SCAN_INLINE uint8_t narrow_unit(const uint8_t *unit) { return unit[1] != 0 || unit[0] > 0x7F ? 0x80 : unit[0]; }

#define KERNEL "scan_narrow_kernel.h"
#include "scan_sets.h"

void cscan_narrow(const uint8_t *units, size_t count, uint8_t *narrow) {
  BEST_OF_SETS(narrow_all)(units, count, narrow);
}
