// What a program says that cannot go on: Swift has no error for memory that it is not given, and ends by a signal then.

#ifndef CPROCMEM_FAULT_REPORT_H
#define CPROCMEM_FAULT_REPORT_H

#include <signal.h>

// Has the signals of a fault (SIGSEGV, SIGILL, SIGTRAP…) write a sentence to standard error and end the process with a status.
// C, since a handler may run while any lock is held. Called once, at the start.
void cprocmem_report_faults(const char *sentence, int status);

// Those signals. A thread that blocks them dies of a fault without a word.
void cprocmem_fault_signals(sigset_t *set);

#endif
