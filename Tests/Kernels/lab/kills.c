// Kills of tool, holder or both at random instants, each followed by a check of the target.
#define _GNU_SOURCE
#include "lab.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

static bool has_ended(int child) {
  siginfo_t info = {0};
  return waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid != 0;
}

static void end(int child) {
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
}

/// Waits until a process traces the target, or the tool has ended.
static void wait_for_tracer(int pid, int tool) {
  uint64_t limit = lab_now() + 20000000000u;
  while (lab_number(pid, "TracerPid") <= 0 && !has_ended(tool) && lab_now() < limit) lab_pass(100);
}

int lab_kills(int pid, struct lab_state *state, int tries, char **command) {
  srand(2026);
  // Who stops the target outranks all others meanwhile, and two processors have no room for us, too.
  sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &(struct sched_param){.sched_priority = 2});
  // How long it takes from the start to the first stop; the aim of those kills that do not wait for one.
  uint64_t began = lab_now();
  int tool = lab_start(command), in_hand = 0, failures = 0;
  wait_for_tracer(pid, tool);
  uint64_t aim = (lab_now() - began) / 1000;
  end(tool);
  lab_complaint(pid, state);
  for (int i = 0; i < tries && failures < 3; i++) {
    static const char *const names[] = {"tool", "holder", "both"};
    int victim = i % 3, known = lab_children(pid, NULL, NULL), holder = 0;
    tool = lab_start(command);
    if (i / 3 % 3 == 0) {
      lab_pass((uint64_t)rand() % (2 * aim + 1));
    } else {
      wait_for_tracer(pid, tool);
      lab_pass((uint64_t)rand() % (i % 2 ? 4000 : 40000));
    }
    lab_children(tool, "memdump", &holder);
    // Traced, or with the child of a snapshot.
    in_hand += lab_number(pid, "TracerPid") > 0 || lab_children(pid, NULL, NULL) > known;
    if (victim != 1 || !holder) kill(tool, SIGKILL);
    if (victim != 0 && holder) kill(holder, SIGKILL);
    const char *complaint = lab_complaint(pid, state);
    end(tool);
    if (!complaint) continue;
    printf("kill %d (%s): %s; ", i, names[victim], complaint);
    failures++;
  }
  // A holder whose tool is gone belongs to the first process.
  uint64_t limit = lab_now() + 5000000000u;
  while (lab_children(1, "memdump-holder", NULL) && lab_now() < limit) lab_pass(10000);
  int left = lab_children(1, "memdump-holder", NULL), few = in_hand < tries / 4;
  printf("%d kills, %d with it in hand%s, %d bad, %d holders left; ", tries, in_hand, few ? " (too few)" : "", failures, left);
  return lab_check(pid, state) || failures || left || few;
}
