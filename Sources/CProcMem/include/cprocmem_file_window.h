// Windows on a file: its pages in place of memory of our own, without a copy.
//
// A mapped file that becomes shorter, or whose disk fails, raises SIGBUS in whoever reads it. Only a signal handler can
// deal with that, so this is C: it puts zeros in place of what the file no longer has and takes a note. A SIGBUS from
// elsewhere goes to the handler that was there before.

#ifndef CPROCMEM_FILE_WINDOW_H
#define CPROCMEM_FILE_WINDOW_H

#include <stddef.h>
#include <stdint.h>

// How many windows there can be at once.
enum { CPROCMEM_FILE_WINDOWS = 128 };

// Opens a window at `start`, which is the start of a page of memory of the caller's. Returns its number, or -EAGAIN where
// there are too many.
int cprocmem_file_window_open(void *start);

// Maps `count` bytes of the file, from `offset` on, which is a multiple of a page, to the start of the window, to be read
// only, in place of what was there; mmap(2). What was mapped behind them is zeros of our own again, to be read and
// written; with a count of 0 all is. Returns 0 or -errno.
int cprocmem_file_window_map(int window, int file, uint64_t offset, size_t count);

// Whether bytes were missing in the file since the window was opened.
int cprocmem_file_window_is_cut(int window);

// Closes the window. The memory stays the caller's, with what is mapped there.
void cprocmem_file_window_close(int window);

#endif
