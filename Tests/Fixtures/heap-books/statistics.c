// What an allocator says of itself, whichever it is: its functions are looked for by their names.
#define _GNU_SOURCE
#include "books.h"

#ifdef __GLIBC__
#include <dlfcn.h>
#include <string.h>

static int (*mallctl)(const char *, void *, size_t *, void *, size_t);
static int (*property)(const char *, size_t *);
static _Atomic size_t visited_blocks, visited_bytes;

static void *function(const char *name) { return dlsym(RTLD_DEFAULT, name); }

static void say_jemalloc(void) {
  static const char *const names[] = {
      "stats.allocated", "stats.active", "stats.metadata", "stats.resident", "stats.mapped", "stats.retained",
      "stats.arenas.4096.pactive", "stats.arenas.4096.pdirty", "stats.arenas.4096.pmuzzy",
      "stats.arenas.4096.tcache_bytes", "stats.arenas.4096.small.allocated", "stats.arenas.4096.large.allocated"};
  uint64_t epoch = 1;
  size_t size = sizeof epoch;
  mallctl("epoch", &epoch, &size, &epoch, size);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    size_t value = 0;
    size = sizeof value;
    if (mallctl(names[i], &value, &size, NULL, 0) == 0) say("stat %s %zu", names[i], value);
  }
}

static void say_tcmalloc(void) {
  static const char *const names[] = {
      "generic.current_allocated_bytes", "generic.heap_size", "tcmalloc.pageheap_free_bytes",
      "tcmalloc.pageheap_unmapped_bytes", "tcmalloc.central_cache_free_bytes", "tcmalloc.transfer_cache_free_bytes",
      "tcmalloc.thread_cache_free_bytes"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    size_t value = 0;
    if (property(names[i], &value)) say("stat %s %zu", names[i], value);
  }
}

// struct mallinfo2, which the headers of older glibc do not have.
struct totals {
  size_t arena, ordblks, smblks, hblks, hblkhd, usmblks, fsmblks, uordblks, fordblks, keepcost;
};

static void say_glibc(struct totals (*mallinfo2)(void)) {
  struct totals totals = mallinfo2();
  say("stat arena %zu", totals.arena);
  say("stat hblks %zu", totals.hblks);
  say("stat hblkhd %zu", totals.hblkhd);
  say("stat uordblks %zu", totals.uordblks);
  say("stat fordblks %zu", totals.fordblks);
  say("stat keepcost %zu", totals.keepcost);
}

void say_statistics(void) {
  struct totals (*mallinfo2)(void) = (struct totals(*)(void))function("mallinfo2");
  mallctl = (int (*)(const char *, void *, size_t *, void *, size_t))function("mallctl");
  property = (int (*)(const char *, size_t *))function("MallocExtension_GetNumericProperty");
  if (mallctl) {
    say_jemalloc();
  } else if (property) {
    say_tcmalloc();
  } else if (function("mi_heap_visit_blocks")) {
    say("stat visited_blocks %zu", visited_blocks);
    say("stat visited_bytes %zu", visited_bytes);
  } else if (mallinfo2) {
    say_glibc(mallinfo2);
  }
}

static _Bool visit(const void *heap, const void *area, void *block, size_t bytes, void *unused) {
  (void)heap, (void)area, (void)unused;
  if (block) {
    visited_blocks++;
    visited_bytes += bytes;
  }
  return 1;
}

void visit_own_blocks(void) {
  void *(*own)(void) = (void *(*)(void))function("mi_heap_get_default");
  _Bool (*visit_blocks)(const void *, _Bool, void *, void *) =
      (_Bool(*)(const void *, _Bool, void *, void *))function("mi_heap_visit_blocks");
  if (own && visit_blocks) visit_blocks(own(), 1, (void *)visit, NULL);
}

const char *give_back(void) {
  int (*trim)(size_t) = (int (*)(size_t))function("malloc_trim");
  void (*release)(void) = (void (*)(void))function("MallocExtension_ReleaseFreeMemory");
  void (*collect)(_Bool) = (void (*)(_Bool))function("mi_collect");
  mallctl = (int (*)(const char *, void *, size_t *, void *, size_t))function("mallctl");
  if (mallctl) return mallctl("arena.4096.purge", NULL, NULL, NULL, 0) ? "failed" : "arena.purge";
  if (release) return release(), "ReleaseFreeMemory";
  if (collect) return collect(1), "mi_collect";
  if (trim) return trim(0), "malloc_trim";
  return "none";
}
#else
// musl: it says nothing of itself.
void say_statistics(void) {}
void visit_own_blocks(void) {}
const char *give_back(void) { return "none"; }
#endif
