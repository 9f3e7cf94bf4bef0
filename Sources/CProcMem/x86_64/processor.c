#if defined(__x86_64__)

#include "../holder/processor.h"

#include <elf.h>
#include <linux/audit.h>

#include "call_timeout.h"
#include "injection.h"
#include "interrupted_call.h"

static const uint32_t register_sets[] = {NT_PRSTATUS, NT_FPREGSET, NT_X86_XSTATE, 0};

const struct processor cprocmem_processor = {
    .audit_architecture = AUDIT_ARCH_X86_64,
    .foreign_calls = 0x40000000, // x32
    .register_sets = register_sets,
    .find_timeout = cprocmem_find_timeout,
    .restart_interrupted_call = cprocmem_restart_interrupted_call,
    .injector = &cprocmem_x86_64_injector,
};

#endif
