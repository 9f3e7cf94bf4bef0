// Where the windows of many literals may be.

#include "scan_literals.h"

#define KERNEL "scan_windows_kernel.h"
#include "scan_sets.h"

uint64_t cscan_seek_windows(const struct window_filter *filter, const uint8_t *bytes, size_t *position, size_t end) {
  return BEST_OF_SETS(seek_windows)(filter, bytes, position, end);
}
