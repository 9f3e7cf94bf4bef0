// What a process gives up for good: for a tool that reads files whose makers may want to take it over.

#ifndef CPROCMEM_CONFINEMENT_H
#define CPROCMEM_CONFINEMENT_H

#include <stddef.h>
#include <stdint.h>

// Denies this process, all of its threads and whatever it starts: to make, change, remove or run a file (Landlock, Linux 5.13;
// by the flags of open before), and by a filter of system calls to start a program or a process, to use the network, to touch
// another process, and to change the system. What is open stays so; reading stays allowed. C, since a filter is a program of
// the kernel's own, and glibc has no functions for either. Called before there are other threads.
// In `count` directories, open by the descriptors `naming`, and below, files can be given and lose names, as the file that is
// written needs in the end (without Landlock anywhere); none can be opened to be written to even there.
// Returns 1 with Landlock, 0 without, or -errno where there is no filter of system calls.
int cprocmem_confine(const int *naming, size_t count);

// capset(2), which glibc has no function for: gives up all capabilities but those of a set, a bit each, that this thread has.
// Returns 0 or -errno.
int cprocmem_keep_capabilities(uint64_t kept);

#endif
