// Directories of /proc whose entries are numbers. opendir(3) and snprintf(3) may allocate or take a lock, which is not
// safe after a fork in a program with threads.

#ifndef NUMBERED_DIRECTORY_H
#define NUMBERED_DIRECTORY_H

// Calls visit for every entry of an open directory whose name is a number, until it returns a negative value.
// Returns that value, 0 at the end, or -errno.
int cprocmem_each_number(int directory, int (*visit)(void *context, int number), void *context);

// Opens before + number + after, relative to a directory, close on exec. Returns the file or -errno.
int cprocmem_open_numbered(int directory, const char *before, int number, const char *after, int flags);

#endif
