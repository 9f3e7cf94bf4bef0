// Objects of C++ whose classes and holders have names to be read: 500 of cache::Session and 300 of
// cache::Entry<std::string, int>, which are blocks of malloc of 104 and of 200 bytes. Prints `ready`, and ends at the end
// of standard input.

#include <cstdio>
#include <string>
#include <unistd.h>

// What jemalloc puts before its messages: a program that holds it may have such a heap beside malloc's.
const char *volatile message = "<jemalloc>: none here";

namespace cache {

class Session {
 public:
  explicit Session(Session *next) : next(next) {}
  virtual ~Session() = default;
  Session *next;

 private:
  char state[104 - 2 * sizeof(void *)] = {};
};

template <typename Key, typename Value>
class Entry {
 public:
  explicit Entry(Entry *next) : next(next) {}
  virtual ~Entry() = default;
  Entry *next;

 private:
  Key key = "a key";
  Value value = {};
  char state[200 - 2 * sizeof(void *) - sizeof(Key) - 8] = {};
};

Session *newest;

Entry<std::string, int> *&registry(int) {
  static Entry<std::string, int> *first;
  return first;
}

}  // namespace cache

int main() {
  static_assert(sizeof(cache::Session) == 104);
  static_assert(sizeof(cache::Entry<std::string, int>) == 200);
  for (int count = 0; count < 500; count++) cache::newest = new cache::Session(cache::newest);
  for (int count = 0; count < 300; count++) {
    cache::registry(0) = new cache::Entry<std::string, int>(cache::registry(0));
  }
  puts("ready");
  fflush(stdout);
  char byte;
  while (read(0, &byte, 1) > 0) continue;
}
