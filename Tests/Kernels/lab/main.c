//   lab target STATE [threads=N] [fill=MIB] [huge=MIB] [high] [blocks=N] [grow=BYTES_A_SECOND] [nodump] [anytracer]
//   lab check PID STATE                            is it running, whole and untraced?
//   lab kills PID STATE N -- COMMAND…              kill tool, holder or both N times at random instants; the same checks
//   lab deny ERRNO CALL[,CALL…] -- COMMAND…        run under a seccomp filter
//   lab user UID -- COMMAND…                       run as a user, without groups and capabilities
//   lab userns -- COMMAND…                         run in a new user namespace, as its root
//   lab parent -- COMMAND… : TOOL…                 start COMMAND as a child, then become TOOL with @ replaced by its PID
// Controls, which do what memdump must not:
//   lab attach PID                                 stop it by SIGSTOP and PTRACE_ATTACH, and wait
//   lab copy PID ADDRESS SIZE                      copy its memory without a look at any limit, and wait
#define _GNU_SOURCE
#include "lab.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int count, char **words) {
  if (count < 3) return 64;
  const char *what = words[1];
  if (!strcmp(what, "target")) lab_target(count - 2, words + 2);
  if (!strcmp(what, "attach")) lab_attach(atoi(words[2]));
  if (!strcmp(what, "copy") && count > 4) lab_copy(atoi(words[2]), strtoull(words[3], NULL, 0), strtoull(words[4], NULL, 0));
  if (!strcmp(what, "check") && count > 3) return lab_check(atoi(words[2]), lab_open_state(words[3], false));
  if (!strcmp(what, "kills") && count > 6) {
    return lab_kills(atoi(words[2]), lab_open_state(words[3], false), atoi(words[4]), words + 6);
  }
  char **command = words + 2;
  while (*command && strcmp(*command, "--")) command++;
  if (!*command++ || !*command) return 64;
  if (!strcmp(what, "deny")) lab_deny(atoi(words[2]), words[3]);
  else if (!strcmp(what, "user")) lab_become_user((unsigned)atoi(words[2]));
  else if (!strcmp(what, "userns")) lab_enter_user_namespace();
  else if (!strcmp(what, "parent")) lab_become_parent(command);
  else return 64;
  execvp(command[0], command);
  lab_die(command[0]);
}
