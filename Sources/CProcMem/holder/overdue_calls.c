#define _GNU_SOURCE
#include "overdue_calls.h"

#include <errno.h>

#include "timed_calls.h"

static bool is_over(const struct timed_call *timed) {
  const uint64_t now = cprocmem_now();
  return now > timed->start && timed->waited_before + (now - timed->start) >= timed->timeout.nanoseconds;
}

void cprocmem_overdue_calls_end(struct stop_engine *engine, const struct cprocmem_waits_end_request *request,
                                struct cprocmem_waits_end_report *report) {
  struct traced_threads *threads = &engine->threads;
  *report = (struct cprocmem_waits_end_report){.error = -cprocmem_threads_open(threads, request->pid)};
  if (report->error != 0) return;
  report->waits = request->waits;
  for (uint32_t i = 0; i < request->waits.count; i++) {
    const pid_t tid = request->waits.items[i].tid;
    if (!request->waits.items[i].started_over) continue;
    cprocmem_timed_calls_forget();
    const struct timed_call *timed =
        cprocmem_timed_calls_note(threads->pid, threads->directory, tid, &request->waits);
    if (timed == NULL || timed->waited_before == 0) { // it has returned
      cprocmem_waits_remove(&report->waits, tid);
    } else if (is_over(timed)) {
      if (cprocmem_engine_stop_thread(engine, tid)) report->stopped++;
      cprocmem_timed_calls_update(&report->waits);
      cprocmem_threads_detach(threads);
    }
  }
  if (threads->count == 0) cprocmem_engine_arm(engine, 0);
  cprocmem_threads_close(threads);
  cprocmem_timed_calls_forget();
}
