// What the roles of the fixture process share. Options and commands are documented in main.c.
#ifndef TARGET_PROCESS_H
#define TARGET_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { huge_page_size = 2 << 20 };

// lifetime.c: how the process starts and ends.

/// Ties this thread's process to its parent. With `spawned_by_thread`, to the parent process, not to its thread.
void die_with_parent(bool spawned_by_thread);
/// A descriptor that becomes readable when the parent process ends, or -1.
int parent_descriptor(void);
/// Prints what failed with errno's text to stderr and ends the process with status 1.
_Noreturn void fail(const char *what);
/// Removes the temporary files. Safe to call twice.
void remove_files(void);
/// Removes the temporary files and ends the whole process with status 0.
_Noreturn void finish(void);
/// Waits until `*counter` is at least `goal`. False when that took longer than a minute.
bool wait_for_count(const _Atomic uint64_t *counter, uint64_t goal);
/// Waits until a thread of this process is in the state (the letter of proc_pid_stat(5)), or fails.
void wait_for_state(pid_t thread, char state);

// size.c: numbers of options and commands.

/// Parses a number with an optional K, M, G or T. False when there is anything else, or too much.
bool parse_size(const char *text, uint64_t *size);

// text.c: what the memory holds.

/// Writes `A.B.C.D:PORT` and returns its length. Writes nowhere else: no stray copy, no ending NUL.
size_t write_endpoint(char *to, unsigned a, unsigned b, unsigned c, unsigned d, unsigned port);
/// The text of an index, as `--heap` and `--endpoints` number them.
size_t write_numbered_endpoint(char *to, uint64_t index);
/// Writes the text `10.THING.0.PAGE:PORT` of a page, PORT = 1000 * THING + PAGE, at byte 16 of that page.
void write_page_text(char *region, unsigned thing, unsigned page);
/// Fills with the bytes (i * 31 + 7) & 0xff.
void write_filler(char *region, size_t size);

// regions.c: private anonymous memory.

extern size_t page_size;
/// Memory between inaccessible guard pages, so that the kernel merges it with nothing else.
char *place_region(size_t size, size_t alignment);
size_t round_to_pages(uint64_t size);
void set_up_known(void);
void set_up_adjacent(void);
void set_up_holes(void);
void set_up_untouched(uint64_t size);
void set_up_patches(uint64_t size);
void set_up_maps(uint64_t count, bool written);
void set_up_fill(uint64_t size, bool huge_pages);
void set_up_endpoints(uint64_t count);
void set_up_dontdump(void);
void set_up_swapped(uint64_t size);
/// False when there is no known region.
bool unmap_known(void);

// files.c: memory with a file or shared memory behind it.

void set_up_shared(void);
void set_up_file(void);
void set_up_truncated(void);
void set_up_memfd(void);
void set_up_hostile_file(void);

// connections.c: sockets.

void set_up_connections(uint64_t count);

// mosaic.c: the bytes of a file over mappings of every kind.

/// Takes PATH:PAGES.
void set_up_mosaic(const char *argument);

// forks.c: what matters to a fork from outside.

void set_up_uninherited(void);
void set_up_counters(void);
void set_up_filter(void);
void set_up_dispatch(void);
void set_up_user_faults(void);
/// Runs `body`, which does not return, on a stack in the middle of memory.
void run_on_coroutine(void (*body)(void));
/// Sleeps for ever on a stack of 1 KiB among the variables of a function.
void sleep_on_inner_coroutine(void);
void use_deep_stack(void);

// heap.c: the malloc heap.

void limit_heap_to_brk(void);
void set_up_heap(uint64_t size);
void split_heap(void);
/// Grows [heap] by at least `size` and returns how many texts were added.
uint64_t grow_heap(uint64_t size);

// growth.c: memory that there is more of, by other ways.

/// Maps blocks of 128 KiB until `size` is reached, and fills them with numbered texts.
void map_texts(uint64_t size);
/// Maps shared memory, and writes to all of it.
void share_more(uint64_t size);
/// Maps memory, writes to it, and makes it code.
void map_code(uint64_t size);
/// Maps a file without a name, and writes to all of it.
void touch_file(uint64_t size);
void set_up_slots(uint64_t count);
void set_up_second_libc(uint64_t count);
/// Grows the heap of the second C library. False when there is none.
bool grow_second_heap(uint64_t size);
/// Puts smaller blocks in place of `count` more. False when there are no slots.
bool shift_slots(uint64_t count, uint64_t *shifted);

// allocations.c: a malloc heap whose contents are known.

/// Takes SIZE:COUNT:FREED,…
void set_up_tables(void);
void set_up_allocations(const char *argument, uint64_t thread_count);
/// Prints what malloc itself says. False when there are no allocations.
bool describe_allocations(void);

// threads.c: threads that show what a stop did to them.

/// Starts a detached thread with a small stack and all signals blocked.
void start_thread(void *(*body)(void *), void *argument);
void set_up_heartbeats(unsigned count, bool realtime);
void set_up_self_checks(unsigned count);
void set_up_spawn_storm(void);
void set_up_sleepers(unsigned count);
/// The monotonic clock, in nanoseconds.
uint64_t read_clock(void);
/// These are false when the threads were not set up, or do not move any more.
bool take_gap(uint64_t *nanoseconds);
bool count_beats(uint64_t *beats);
bool count_checks(uint64_t *rounds, uint64_t *bad);
bool count_spawned(uint64_t *spawned);

// registers.c: one round of a computation that lives in registers.

struct registers {
  uint64_t integers[8];
  double floats[32];
  int64_t sleep_result;
};
void compute_in_registers(struct registers *result);

// signals.c: signals, interrupted calls and unexpected children.

void set_up_signals(void);
bool count_signals(uint64_t *received, uint64_t *value_sum);
bool count_interrupts(uint64_t *interrupts);
bool count_children(uint64_t *signals, uint64_t *surprises);

// processes.c: children.

extern pid_t zombie_child;
extern pid_t vfork_child;
void set_up_zombie_child(void);
void set_up_vfork(void);

// commands.c: the conversation.

/// Prints `ready`, then answers commands until the end of standard input.
_Noreturn void serve_commands(bool spawned_by_thread);

#endif
