// The texts and bytes that the memory holds. Written in place, digit by digit, so that a scan of the whole process
// finds each of them exactly once: no literal, no stdio buffer and no stack holds a second copy.
#define _GNU_SOURCE
#include "target-process.h"

static char *write_number(char *to, unsigned number) {
  unsigned unit = 1;
  while (number / unit >= 10) unit *= 10;
  for (; unit > 0; unit /= 10) *to++ = (char)('0' + number / unit % 10);
  return to;
}

size_t write_endpoint(char *to, unsigned a, unsigned b, unsigned c, unsigned d, unsigned port) {
  char *end = write_number(to, a);
  *end++ = '.';
  end = write_number(end, b);
  *end++ = '.';
  end = write_number(end, c);
  *end++ = '.';
  end = write_number(end, d);
  *end++ = ':';
  end = write_number(end, port);
  return (size_t)(end - to);
}

size_t write_numbered_endpoint(char *to, uint64_t index) {
  return write_endpoint(to, 10, index >> 16 & 255, index >> 8 & 255, index & 255, 1024 + (unsigned)(index % 60000));
}

void write_page_text(char *region, unsigned thing, unsigned page) {
  write_endpoint(region + page * page_size + 16, 10, thing, 0, page, 1000 * thing + page);
}

void write_filler(char *region, size_t size) {
  for (size_t i = 0; i < size; i++) region[i] = (char)(i * 31 + 7);
}
