// What the kernel matrix runs inside a guest: a target whose state is known, and what is done to it and to the tool.
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum { lab_most_threads = 64 };

/// What a target tells of itself, in a file that it shares: a heartbeat for each thread, computations that came out wrong,
/// calls that returned EINTR, signals of ended children, and the longest time without a heartbeat.
struct lab_state {
  _Atomic uint64_t ready, beats[lab_most_threads], rounds, wrong, children, interrupts, gap;
};

struct lab_state *lab_open_state(const char *path, bool create);
_Noreturn void lab_die(const char *what);
uint64_t lab_now(void);
void lab_pass(uint64_t us);
/// Starts a command with its input and output closed; returns its PID.
int lab_start(char **command);

_Noreturn void lab_target(int count, char **words);
/// What is wrong with a target: nil where it runs, whole and untraced. Waits for that, 8 s or PATIENCE_S.
const char *lab_complaint(int pid, const struct lab_state *state);
int lab_check(int pid, struct lab_state *state);
int lab_kills(int pid, struct lab_state *state, int tries, char **command);
/// The number in a field of /proc/PID/status; -1 without the process.
int lab_number(int pid, const char *field);
/// How many processes have this parent; with `name`, only those whose name begins so, the last of which goes to `found`.
int lab_children(int parent, const char *name, int *found);

void lab_deny(int error, char *calls);
void lab_become_user(unsigned id);
void lab_enter_user_namespace(void);
void lab_become_parent(char **command);
_Noreturn void lab_attach(int pid);
_Noreturn void lab_copy(int pid, uint64_t address, uint64_t size);
