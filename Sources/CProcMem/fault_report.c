#include "include/cprocmem_fault_report.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

static struct {
  const char *sentence;
  int status;
} report;

static const int fault_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT};
enum { fault_signal_count = sizeof fault_signals / sizeof *fault_signals };

void cprocmem_fault_signals(sigset_t *set) {
  sigemptyset(set);
  for (size_t i = 0; i < fault_signal_count; i++) sigaddset(set, fault_signals[i]);
}

static void say_and_end(int signal) {
  (void)signal;
  ssize_t count = write(STDERR_FILENO, report.sentence, strlen(report.sentence));
  (void)count;
  _exit(report.status);
}

void cprocmem_report_faults(const char *sentence, int status) {
  static char stack[32 << 10]; // for a stack that is used up
  report.sentence = strdup(sentence);
  report.status = status;
  if (report.sentence == NULL) return;
  const stack_t alternative = {.ss_sp = stack, .ss_size = sizeof stack};
  sigaltstack(&alternative, NULL);
  struct sigaction action = {.sa_handler = say_and_end, .sa_flags = SA_ONSTACK};
  sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < fault_signal_count; i++) sigaction(fault_signals[i], &action, NULL);
  // The kernel ends a process without a word for a fault whose signal is blocked, and what is blocked is inherited.
  sigset_t set;
  cprocmem_fault_signals(&set);
  pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}
