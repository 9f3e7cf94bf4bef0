// The books of a heap: every block that the program asked for and has not given back, in memory that is not of the heap.
#ifndef BOOKS_H
#define BOOKS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

// A place in the books. A place whose block is 0 is empty.
struct entry {
  _Atomic(void *) block;
  uint64_t bytes;      // what was asked for
  uint64_t alignment;  // what aligned_alloc(3) was asked for; 0 where it was malloc(3)
};

struct books {
  struct entry *entries;
  size_t count;
};

struct books open_books(size_t count);

// A number of a sequence that depends on where it began alone.
uint64_t next_number(uint64_t *state);

// Lines to standard output without stdio, which has blocks of its own.
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

// The first bytes of a block, so that its memory is touched, and a text that tells what it is.
void fill(void *block, size_t bytes, const char *kind, size_t number);

// The resident anonymous memory of the process, in bytes.
uint64_t resident_anonymous(void);

// workload.c: threads that fill the books.
struct workload {
  int threads;
  size_t count;  // of each thread
  uint64_t seed;
  int storm;     // go on for ever, with the books right at every instant
  int exits;     // every second thread ends
  int visits;    // mimalloc counts its blocks, in each thread
};
struct books start_workload(const struct workload *workload);

// resting.c: rests for ever, and gives back whenever that is wanted: mimalloc gives back what is of the calling thread.
void rest(void);
// How many threads will rest.
void expect_resting(int count);
// Has each of them give back.
void give_back_everywhere(void);

// seeds.c: a heap with something to find out. Returns 0 for an unknown name.
int start_seed(const char *name, size_t count, uint64_t seed, struct books *books);
// Goes one step on in the growth that the seed has; nothing where it has none.
void step_seed(void);

// statistics.c: what the allocator says of itself, as lines `stat NAME NUMBER`.
void say_statistics(void);
// Adds the blocks of the calling thread by mimalloc's own count.
void visit_own_blocks(void);
// Gives back to the system what the allocator gives back when told to; the name of the function.
const char *give_back(void);

#endif
