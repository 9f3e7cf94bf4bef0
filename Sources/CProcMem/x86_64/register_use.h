// Whether a register's value is used behind an instruction.

#ifndef REGISTER_USE_H
#define REGISTER_USE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

// Whether the code of a process at an address is sure not to read r10 before it is written, or goes to another function:
// on all ways through it a return or a call comes first, which keeps no value of r10. False where an instruction is met that
// is not known here.
bool cprocmem_r10_is_dead(pid_t pid, uint64_t address);

#endif
