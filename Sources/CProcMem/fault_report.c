#include "include/cprocmem_fault_report.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

static struct {
  const char *sentence;
  int status;
} report;

static void say_and_end(int signal) {
  (void)signal;
  ssize_t count = write(STDERR_FILENO, report.sentence, strlen(report.sentence));
  (void)count;
  _exit(report.status);
}

void cprocmem_report_faults(const char *sentence, int status) {
  static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT};
  static char stack[32 << 10]; // for a stack that is used up
  report.sentence = strdup(sentence);
  report.status = status;
  if (report.sentence == NULL) return;
  const stack_t alternative = {.ss_sp = stack, .ss_size = sizeof stack};
  sigaltstack(&alternative, NULL);
  struct sigaction action = {.sa_handler = say_and_end, .sa_flags = SA_ONSTACK};
  sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) sigaction(signals[i], &action, NULL);
}
