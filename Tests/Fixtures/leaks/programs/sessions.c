// A server that asks its library for a session at each request, looks at it, and forgets it.
//
// Leak: answer() takes a reference of its own (a `get1`) and never gives it back. When the request ends, nobody holds the
// session: eleven blocks of seven sizes, in lockstep. The last 50 sessions are kept besides, in a cache that is as it should be.
// Fix: --fixed gives the reference back.
//
// Truth: grows yes
// Truth: kind chunk-size 64 96 128 192 256 368 448
// Truth: content template CN=
// Truth: content template key-
// Truth: content template ticket-
// Truth: holder nobody
// Truth: allocates tickets_session_new

#include "program.h"
#include "tickets.h"

enum { cache_size = 50, session_size = 2640 };

static tickets_session *cache[cache_size];

__attribute__((noinline)) static void answer(unsigned long number) {
  tickets_session *session = tickets_session_new(number);
  if (session == NULL) exit(1);
  tickets_session *mine = tickets_session_get(session);
  tickets_session_free(cache[number % cache_size]);
  cache[number % cache_size] = session;
  if (program_is_fixed) tickets_session_free(mine);
}

int main(int count, char **words) {
  program_begin(count, words);
  for (unsigned long number = 0;; program_wait()) {
    for (int turn = 0; turn < 8; turn++) {
      if (number * session_size < program_limit) answer(number++);
    }
  }
}
