// CProcMem: what Swift cannot call by itself.
//
// Every function carries the prefix cprocmem_, returns a value >= 0 or -errno, and decides nothing.
// The one exception is the holder (cprocmem_holder.h), a process of its own.

#ifndef CPROCMEM_H
#define CPROCMEM_H

#include "cprocmem_confinement.h"
#include "cprocmem_fault_report.h"
#include "cprocmem_file_window.h"
#include "cprocmem_holder.h"
#include "cprocmem_perf_events.h"
#include "cprocmem_process.h"

#endif
