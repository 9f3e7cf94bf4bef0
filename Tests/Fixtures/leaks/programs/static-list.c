// A daemon that works on jobs, and keeps each one in a list behind a static variable when it is done.
//
// Leak: forget() takes the job out of the queue only; the list of finished jobs, once made for a report, is never emptied.
// Fix: --fixed keeps the last 1,000 jobs.
//
// Truth: grows yes
// Truth: kind chunk-size 224
// Truth: content template done job=
// Truth: holder static-list:finished
// Truth: allocates finish_job

#include "program.h"

struct job {
  struct job *next;
  unsigned long number;
  char report[192];
};

static struct {
  struct job *first, *last;
  size_t count;
} finished;

__attribute__((noinline)) static struct job *finish_job(unsigned long number) {
  struct job *job = program_take(sizeof *job);
  job->next = NULL;
  job->number = number;
  snprintf(job->report, sizeof job->report, "done job=%lu host=build-%lu.example.org", number, number % 40);
  return job;
}

static void forget(void) {
  struct job *job = finished.first;
  finished.first = job->next;
  finished.count--;
  free(job);
}

int main(int count, char **words) {
  program_begin(count, words);
  for (unsigned long number = 0;; program_wait()) {
    if (finished.count * sizeof(struct job) >= program_limit) continue;
    for (int turn = 0; turn < 64; turn++) {
      struct job *job = finish_job(number++);
      if (finished.first == NULL) finished.first = job;
      if (finished.last) finished.last->next = job;
      finished.last = job;
      finished.count++;
      if (program_is_fixed && finished.count > 1000) forget();
    }
  }
}
