#ifndef ATTACH_CONTROL_H
#define ATTACH_CONTROL_H

#include <sys/types.h>

/// plain.c: has the last of the threads make a child, with its registers saved in this process only, and dies before the
/// ptrace call of this number. Returns 0 when it came to an end before.
int fork_plainly(pid_t process, const pid_t *threads, int count, long steps);

/// restart.c: stops each thread for a moment, and has the call that it interrupts start over.
void stop_and_restart(const pid_t *threads, int count);

#endif
