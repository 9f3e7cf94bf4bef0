// Processors that have no folder of their own: what every one of them has.

#if !defined(__x86_64__) && !defined(__aarch64__)

#include "../holder/processor.h"

#include <elf.h>

static const uint32_t register_sets[] = {NT_PRSTATUS, NT_FPREGSET, 0};

const struct processor cprocmem_processor = {.register_sets = register_sets};

#endif
