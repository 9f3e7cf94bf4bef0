// Counts what Hyperscan finds in a file: hyperscan literals|expressions LIST FILE, where LIST has one a line.
// The file is read in parts of 16 MiB by a stream, so that no match is lost between them.
#define _GNU_SOURCE
#include <fcntl.h>
#include <hs/hs.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PART = 16 << 20, MOST = 100000 };

static unsigned long long matches;

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *context) {
  (void)id, (void)from, (void)to, (void)flags, (void)context;
  matches++;
  return 0;
}

static void fail(const char *what) {
  fprintf(stderr, "hyperscan: %s\n", what);
  exit(2);
}

int main(int count, char **arguments) {
  static const char *texts[MOST];
  static size_t lengths[MOST];
  static unsigned ids[MOST], flags[MOST];
  if (count != 4) fail("usage: hyperscan literals|expressions LIST FILE");
  FILE *list = fopen(arguments[2], "r");
  if (!list) fail("cannot open the list");
  unsigned number = 0;
  char *line = NULL;
  size_t room = 0;
  for (ssize_t length; number < MOST && (length = getline(&line, &room, list)) > 0; line = NULL, room = 0) {
    if (line[length - 1] == '\n') line[--length] = 0;
    texts[number] = line, lengths[number] = (size_t)length, ids[number] = number, number++;
  }
  hs_database_t *database;
  hs_compile_error_t *error;
  bool are_literals = strcmp(arguments[1], "literals") == 0;
  hs_error_t result = are_literals
      ? hs_compile_lit_multi(texts, flags, ids, lengths, number, HS_MODE_STREAM, NULL, &database, &error)
      : hs_compile_multi(texts, flags, ids, number, HS_MODE_STREAM, NULL, &database, &error);
  if (result != HS_SUCCESS) fail(error->message);
  hs_scratch_t *scratch = NULL;
  hs_stream_t *stream;
  if (hs_alloc_scratch(database, &scratch) != HS_SUCCESS || hs_open_stream(database, 0, &stream) != HS_SUCCESS) fail("no memory");
  int file = open(arguments[3], O_RDONLY | O_CLOEXEC);
  char *part = aligned_alloc(4096, PART);
  if (file < 0 || !part) fail("cannot open the file");
  for (ssize_t length; (length = read(file, part, PART)) > 0;) {
    if (hs_scan_stream(stream, part, (unsigned)length, 0, scratch, on_match, NULL) != HS_SUCCESS) fail("the scan failed");
  }
  hs_close_stream(stream, scratch, on_match, NULL);
  printf("%llu\n", matches);
  return 0;
}
