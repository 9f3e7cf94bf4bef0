// The registers of threads that are held. Runs in the forked child, like traced_threads.h.

#ifndef THREAD_REGISTERS_H
#define THREAD_REGISTERS_H

#include <stdbool.h>
#include <stdint.h>

#include "traced_threads.h"

// Reads the registers of every thread, until `deadline` (CLOCK_MONOTONIC, in nanoseconds), and sends them to the tool as a
// registers_report: every set of the processor, or the general ones alone. Never waits: a tool that does not read gets
// nothing.
void cprocmem_registers_send(const struct traced_threads *threads, bool general, int control, uint64_t deadline);

#endif
