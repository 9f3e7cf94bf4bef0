// A heap as a large program has it: blocks of mixed sizes in hash tables, trees and lists that a few variables hold, and
// graphs and rings that nobody holds. Links lead all over the heap. Prints `ready`, and ends at the end of standard input.
//
//   mixed-heap COUNT   about so many blocks of malloc, the same ones in every run; about 100 bytes each
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct entry {
  struct entry *next;
  uint64_t hash;
  char *key;
  void *value;
};

struct node {
  struct node *left, *right, *parent;
  uint64_t key;
  char *name;
};

struct link {
  struct link *next, *previous;
  void *item;
};

// What only leads to its parts, and to what all of them share.
struct session {
  void *parts[10];
  void *shared;
};

static struct entry **table;
static size_t table_size;
// While the heap is made, outside of it: the entries in the order in which they were.
static struct entry **entries;
static size_t entry_count;
static struct node *tree;
static struct link *lists[100];
static void *settings;
// What is lost in the end: a compiler would leave out what nobody ever had.
static void *volatile lost;

static uint64_t state = 0x9e3779b97f4a7c15;

static uint64_t random_number(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

static void *allocate(size_t size) {
  void *block = malloc(size);
  if (block == NULL) exit(1);
  memset(block, 'x', size);
  return block;
}

// Small sizes mostly, as in most programs.
static size_t mixed_size(void) {
  uint64_t number = random_number();
  return number % 64 == 0 ? 256 + (number >> 8) % 1024 : 16 + (number >> 8) % 240;
}

static void add_entry(void) {
  struct entry *entry = allocate(sizeof *entry);
  entry->hash = random_number();
  entry->key = allocate(8 + entry->hash % 56);
  entry->value = allocate(mixed_size());
  struct entry **bucket = &table[entry->hash % table_size];
  entry->next = *bucket;
  *bucket = entry;
  entries[entry_count++] = entry;
}

// What belongs together lies far apart, as in a program that has run for long.
static void swap_values(void) {
  for (size_t number = 0; number < entry_count; number++) {
    struct entry *entry = entries[number], *other = entries[random_number() % entry_count];
    void *value = entry->value;
    entry->value = other->value;
    other->value = value;
  }
}

static void add_node(void) {
  struct node *node = allocate(sizeof *node), *parent = NULL, **place = &tree;
  node->key = random_number();
  node->name = allocate(mixed_size());
  node->left = node->right = NULL;
  while (*place != NULL) {
    parent = *place;
    place = node->key < parent->key ? &parent->left : &parent->right;
  }
  node->parent = parent;
  *place = node;
}

static void add_link(void) {
  struct link *link = allocate(sizeof *link), **list = &lists[random_number() % 100];
  link->item = allocate(mixed_size());
  link->next = *list;
  link->previous = NULL;
  if (*list != NULL) (*list)->previous = link;
  *list = link;
}

static void lose_session(void) {
  struct session *session = allocate(sizeof *session);
  for (int part = 0; part < 10; part++) session->parts[part] = allocate(mixed_size());
  session->shared = settings;
  lost = session;
}

static void lose_ring(void) {
  struct link *first = allocate(sizeof *first), *last = first;
  for (int number = 1; number < 4; number++) {
    struct link *link = allocate(sizeof *link);
    link->previous = last;
    link->item = NULL;
    last->next = link;
    last = link;
  }
  last->next = first;
  first->previous = last;
  first->item = NULL;
  lost = first;
}

int main(int count, char **arguments) {
  size_t blocks = count > 1 ? strtoul(arguments[1], NULL, 10) : 1000;
  table_size = blocks / 10 + 1;
  table = calloc(table_size, sizeof *table);
  settings = allocate(4000);
  size_t list_size = (blocks / 5 + 1) * sizeof *entries;
  entries = mmap(NULL, list_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (entries == MAP_FAILED) return 1;
  // 99 blocks in turn: 60 of the table, 16 of the tree, 8 of lists, 11 of a session and 4 of a ring.
  for (size_t round = 0; round < blocks / 100; round++) {
    for (int number = 0; number < 20; number++) {
      add_entry();
      if (number % 5 < 2) add_node();
      if (number % 5 == 2) add_link();
    }
    lose_session();
    lose_ring();
  }
  swap_values();
  munmap(entries, list_size);
  lost = NULL;
  // What is left over in the registers and on the stack of calls that are done.
  volatile char space[1 << 14];
  memset((char *)space, 0, sizeof space);
  puts("ready");
  fflush(stdout);
  char byte;
  while (read(0, &byte, 1) > 0) {
  }
  return table == NULL;
}
