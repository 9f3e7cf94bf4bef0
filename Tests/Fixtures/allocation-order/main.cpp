// allocation-order [--threads N] [--calloc] [--still] [--spoil]: a program that leaks by one path, and uses memory of the
// same size for a moment by others.
//
// The order is the worst there is for whoever looks at the entry of malloc, or at which pages are new: the path that leaks
// takes a chunk that was used and freed a moment before, and the one that frees takes the fresh ones, ten times as many. What
// is true is printed on request: a line `kept COUNT size BYTES bad COUNT rounds COUNT` for each line that is read.
//
// Each block is filled with bytes that its address tells, and checked: `bad` is how many were not as they should be. --still:
// it does nothing. --spoil: it changes a byte itself now and then, as a control of whoever looks at that.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <thread>
#include <vector>

namespace {

constexpr size_t kSize = 616;

std::atomic<uint64_t> kept{0}, bad{0}, rounds{0};
std::atomic<bool> isStill{false};
bool usesCalloc = false, spoils = false;

// Inlined in any build, so that the paths are those of the functions below.
__attribute__((always_inline)) inline void *allocate() { return usesCalloc ? calloc(1, kSize) : malloc(kSize); }

void fill(void *block) { memset(block, static_cast<int>(reinterpret_cast<uintptr_t>(block) >> 5 & 0xff), kSize); }

void check(const void *block) {
  auto *bytes = static_cast<const unsigned char *>(block);
  auto expected = static_cast<unsigned char>(reinterpret_cast<uintptr_t>(block) >> 5 & 0xff);
  for (size_t place = 0; place < kSize; place += 55)
    if (bytes[place] != expected) bad++;
}

struct Cache {
  std::vector<void *> blocks;
};

} // namespace

// The path that leaks: what it gets was freed a moment before.
extern "C" __attribute__((noinline)) void cache_remember(void *cache) {
  void *block = allocate();
  fill(block);
  static_cast<Cache *>(cache)->blocks.push_back(block);
  kept++;
}

// Paths that free what they get at the end of the request.
extern "C" __attribute__((noinline)) void *request_scratch() {
  void *block = allocate();
  fill(block);
  return block;
}

extern "C" __attribute__((noinline)) void *request_reply() {
  void *block = allocate();
  fill(block);
  if (spoils && rounds % 1000 == 0) static_cast<char *>(block)[55] ^= 1;
  return block;
}

extern "C" __attribute__((noinline)) void request_handle(void *cache, uint64_t number) {
  void *used = request_scratch();
  void *others[9];
  for (auto &other : others) other = request_reply();
  check(used);
  free(used);
  // The chunk that was freed last is the one that malloc hands out next.
  if (number % 4 == 0) cache_remember(cache);
  for (auto *other : others) {
    check(other);
    free(other);
  }
}

extern "C" __attribute__((noinline)) void server_loop(int thread) {
  Cache cache;
  cache.blocks.reserve(1 << 20);
  for (uint64_t number = static_cast<uint64_t>(thread);; number++) {
    if (!isStill) request_handle(&cache, number);
    rounds++;
    if (number % 8 == 0) std::this_thread::sleep_for(std::chrono::microseconds(900));
    if (number % 4096 == 0)
      for (auto *block : cache.blocks) check(block);
    // A leak, but none that ends the machine.
    if (cache.blocks.size() >= 1 << 17) {
      for (auto *block : cache.blocks) free(block);
      cache.blocks.clear();
    }
  }
}

int main(int count, char **words) {
  int threads = 1;
  for (int index = 1; index < count; index++) {
    if (!strcmp(words[index], "--threads") && index + 1 < count) threads = atoi(words[++index]);
    if (!strcmp(words[index], "--calloc")) usesCalloc = true;
    if (!strcmp(words[index], "--still")) isStill = true;
    if (!strcmp(words[index], "--spoil")) spoils = true;
  }
  for (int index = 0; index < threads; index++) std::thread(server_loop, index).detach();
  puts("ready");
  fflush(stdout);
  char line[64];
  while (fgets(line, sizeof line, stdin)) {
    printf("kept %llu size %zu bad %llu rounds %llu\n", static_cast<unsigned long long>(kept), kSize,
           static_cast<unsigned long long>(bad), static_cast<unsigned long long>(rounds));
    fflush(stdout);
  }
}
