#if defined(__aarch64__)

#include "../holder/processor.h"

#include <elf.h>
#include <linux/audit.h>

#ifndef NT_ARM_PAC_MASK
#define NT_ARM_PAC_MASK 0x406
#endif

static const uint32_t register_sets[] = {NT_PRSTATUS, NT_FPREGSET, NT_ARM_TLS, NT_ARM_SVE, NT_ARM_PAC_MASK, 0};

const struct processor cprocmem_processor = {
    .audit_architecture = AUDIT_ARCH_AARCH64, .register_sets = register_sets};

#endif
