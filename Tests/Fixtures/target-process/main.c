// The process that the tests of memdump look at, stop and dump.
//
// It sets up what its options name, prints one line for each thing, then `ready`, and answers one-line commands on
// standard input with one line each, so that no test has to sleep. It ends with status 0 at the end of standard
// input, and with SIGKILL when its parent ends. Status 64: wrong usage. Status 1: a thing cannot be set up.
// SIZE is a number with an optional K, M, G or T. Printed addresses and sizes are hexadecimal (0x...), counts, process
// numbers and thread numbers decimal. Every mapping lies between guard pages and never merges with a neighbour.
// TMPDIR (default /tmp) gets the temporary files; they are removed when the process ends, except by SIGKILL.
//
// Options, in the order in which they are set up and print:
//   --spawned-by-thread  the thread that started us may end before us: end with the parent process instead.
//                        Without it the kernel kills us when the thread that spawned us ends (PR_SET_PDEATHSIG).
//   --name NAME          sets the process name; prints nothing
//   --zombie-child       `zombie PID`: a child that has ended and is never waited for
//   --shared             `shared ADDR SIZE`: 16 shared pages, texts in pages 0 and 5
//                        `shared-by-child ADDR SIZE`: 16 shared pages, texts in pages 1 and 8, written by a child that
//                        has ended: they exist, but are not in this process's page table
//   --known              `known ADDR SIZE`: 64 KiB, byte i is (i * 31 + 7) & 0xff, except for these texts with one
//                        NUL on each side: 10.0.0.1:8001 at 0, 10.1.2.3:8080 at 0x100 and 0x8000, 10.0.0.2:8002 at
//                        0x1ffa (across a page boundary), 10.0.0.3:8003 at 0xfff3 (to the very end)
//   --adjacent           `adjacent ADDR SIZE BORDER`: rw-p below BORDER, r--p from there, bytes as above, and the text
//                        10.9.8.7:6543 with its sixth byte the last one below BORDER
//   --holes              `holes ADDR SIZE`: 16 pages with texts, 3 and 7 PROT_NONE: 3 is untouched, 7 has its text
//   --truncated          `truncated ADDR SIZE`: 4 pages of a private, deleted file that ends after 1.5 pages; texts in
//                        pages 0 and 1
//   --untouched SIZE     `untouched ADDR SIZE TOUCHED_PAGES`: only every 1000th page (0, 1000, ...) is touched: "hit"
//   --patches SIZE       `patches ADDR SIZE TOUCHED_PAGES`: a twentieth is touched, its bytes not zero: in the first half
//                        every 20th page (0, 20, ...), in the second 256 pages of every 5120
//   --file               `file ADDR SIZE PATH`: 8 pages of a private file, texts in all; page 2 is a private copy with
//                        10.6.1.2:6102 instead; pages 4 to 7 are not in the page table
//   --memfd              `memfd ADDR SIZE`: 4 shared pages of a memfd, hostile name, texts in all
//   --hostile-file       `hostile-file ADDR SIZE`: 4 pages of a private file, hostile name, texts in all
//   --mosaic PATH:PAGES  `mosaic ADDR SIZE`: the bytes of a file, a page for each letter of PAGES, mapped as that says:
//                        w, r, x, n private memory of rw-p, r--p, r-xp, ---p; u the same as w, but untouched;
//                        f a private file, s a memfd, both with holes where the bytes are zeros; e a file behind its
//                        end; g nothing at all
//   --connections N      `connections ADDR SIZE PORT PORT6 UDP_PORT`: N connections to itself at 127.0.0.1:PORT, the first
//                        with two descriptors, one more to the mapped address, whose other side is closed, and one that
//                        is closed (TIME_WAIT); one at [::1]:PORT6; UDP at 127.0.0.1:UDP_PORT. ADDR has a sockaddr of
//                        each, the text of the first three times, and 10.11.12.13:1415
//   --dontdump           `dontdump ADDR SIZE`: 4 pages with texts that are to be in no core (MADV_DONTDUMP)
//   --swapped SIZE       `swapped ADDR SIZE`: bytes as in known, without texts, swapped out where there is swap space
//   --maps N             `maps COUNT`: N one-page mappings, r--p and rw-p in turn, untouched
//   --written            --maps with a byte in each
//   --fill SIZE          `fill ADDR SIZE`: pseudo-random bytes, all of them 0x80 or above; 4K pages
//   --thp                --fill with huge pages instead, SIZE rounded up to 2M
//   --endpoints N        `endpoints ADDR SIZE N`: numbered texts, a NUL after each, then zeros to the end of the page
//   --heap SIZE          `heap COUNT`: malloc blocks until [heap] grew by SIZE; a block is a pointer to the block
//                        before and a numbered text
//   --tables             `tables COUNT`: malloc blocks of 104 bytes that begin with an address in target_table, as objects do
//   --split-heap         `split-heap ADDR SIZE BORDER`: [heap] becomes two adjacent rw-p mappings
//   --slots N            `slots N`: N malloc blocks of 120 bytes
//   --second-libc N      `second-libc N`: a second C library in a namespace of its own, with N malloc blocks of 500 bytes
//                        that hang on each other
//   --uninherited        `dont-fork ADDR SIZE` and `wipe-on-fork ADDR SIZE`: 4 pages each that a child does not get, or
//                        gets empty; texts in all
//   --counters           `counters ADDR SIZE`: 512 pages; a thread writes 1 to the first word of each, in order, then 2,
//                        and so on: at no instant is a page ahead of one before it, or behind by more than 1
//   --allocations LIST   `allocations ARENAS`: LIST is SIZE:COUNT:FREED, with commas: of each size COUNT blocks of
//                        malloc in use, and FREED that were freed, no two of which touch; a block of 64 bytes or more is
//                        a sockaddr_in and a text
//   --allocating N       N threads, each with the same allocations in an arena of its own; prints nothing
//   --threads N          `threads N`: heartbeat threads, a beat about every 75 microseconds
//   --realtime           `realtime granted` or `realtime refused`: SCHED_FIFO for the heartbeat threads
//   --self-check N       `self-check N`: threads that compute and sleep with their state in registers
//   --sleepers N         `sleepers N`: threads that sleep to the end
//   --spawn-storm        `spawn-storm`: a thread that starts and joins threads for ever
//   --vfork              `vfork THREAD CHILD`: a thread (state D) waits in vfork for a child that sleeps to the end
//   --signals            `signals SIGNAL`: counts that signal (SIGRTMIN), SIGCHLD, and calls that return EINTR
//   --filter             `filter`: a seccomp filter that allows everything
//   --user-faults        `user-faults 1`: handles page faults of a region itself (userfaultfd); 0: that is not permitted
//   --dispatch           `dispatch`: the main thread has its system calls asked for (PR_SET_SYSCALL_USER_DISPATCH)
//   --coroutine          `coroutine`: the main thread serves standard input on a stack that is no thread's
//   --inner-coroutine    the main thread sleeps on a stack of 1 KiB among its variables, a region; another serves
//   --deep-stack         `deep-stack`: the stack of the main thread has been used deeper than it is at first
//   --zombie-leader      `zombie-leader THREAD`: the main thread has exited (state Z), THREAD serves standard input
// The text of page P of a thing is 10.T.0.P:PORT, PORT = 1000 * T + P, at byte 16 of the page, zeros around it. T is 1
// for dont-fork, 2 wipe-on-fork, 3 holes, 4 shared, 5 shared-by-child, 6 file, 7 memfd, 8 hostile-file, 9 truncated,
// 10 dontdump.
// Numbered text i is 10.A.B.C:PORT with A, B, C the three low bytes of i and PORT = 1024 + i % 60000.
//
// Commands and answers:
//   gap         `gap NS`: the largest time between two beats of any heartbeat thread since the last `gap` or `ready`
//   beats       `beats COUNT`: all beats so far
//   check       `check ROUNDS BAD`: rounds of all self-check threads, and how many came to a wrong result
//   spawned     `spawned COUNT`: threads that the storm has started and joined
//   signals     `signals RECEIVED`
//   values      `values SUM`: the sum of the values that came with the signals by sigqueue(3)
//   interrupts  `interrupts COUNT`: epoll_wait, sigtimedwait, recv with a timeout that returned EINTR (no signal can
//               reach their thread, so a tracer did it)
//   children    `children SIGCHLD_COUNT WAITPID_SURPRISES`: a surprise is a waitpid(-1) that saw a child not ours
//   unmap       `unmapped`: the known region is gone
//   grow SIZE   `grown`: [heap] grew by SIZE, with further numbered texts
//   map SIZE    `grown`: SIZE more of private memory in mappings of 128 KiB, full of the texts svc-payments-0 and so on
//   share SIZE  `grown`: SIZE more of shared memory
//   code SIZE   `grown`: SIZE more of private memory that was written to, and can be read and executed now
//   touch SIZE  `grown`: SIZE more of a mapped file
//   second SIZE `grown`: SIZE more of malloc blocks of 1030 bytes of the second C library, hung on the others
//   shift N     `shifted COUNT`: N more of the slots have a block of 88 bytes now, each a text, in place of theirs
//   fork        `fork NS`: it forked a child, which ended at once, and the call took so long
//   keep-child  `child PID`: it forked a child that lives as long as its parent's thread and changes no page
//   mallinfo    `mallinfo ARENA UORDBLKS FORDBLKS FSMBLKS HBLKS HBLKHD`: of mallinfo2(3)
//   exec        the process executes itself with --known alone and prints `known ADDR SIZE` and `ready` again
//   exit        `bye`, and the process ends with status 0
// Anything else: `error unknown command`. A command whose option was not given: `error needs OPTION`.
// gap, check and interrupts wait until their threads have moved past the moment of the command, for a minute at most;
// then they answer as if the option had not been given.
#define _GNU_SOURCE
#include <getopt.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "target-process.h"

struct options {
  bool spawned_by_thread, zombie_child, shared, known, adjacent, holes, truncated, untouched, file, memfd, hostile_file;
  bool dontdump;
  bool maps, fill, thp, endpoints, heap, split_heap, realtime, spawn_storm, vfork, signals, zombie_leader;
  bool uninherited, counters, filter, user_faults, dispatch, coroutine, inner_coroutine, deep_stack, tables, written;
  const char *name, *mosaic, *allocations;
  uint64_t untouched_size, patches_size, maps_count, fill_size, endpoint_count, heap_size, thread_count, self_check_count;
  uint64_t swapped_size, sleeper_count, allocating_count, connection_count, slot_count, second_count;
};

static struct options options;

_Noreturn static void refuse(const char *what) {
  fprintf(stderr, "target-process: %s\n", what);
  exit(64);
}

static void read_number(uint64_t *number, uint64_t most) {
  if (!parse_size(optarg, number) || *number == 0 || *number > most) refuse("a number is missing or out of range");
}

static void read_options(int count, char **arguments) {
  enum {
    with_value = 256, name = with_value, mosaic, untouched, patches, maps, fill, endpoints, heap, threads, self_check, swapped,
    sleepers, allocations, allocating, connections, slots, second_libc,
  };
  static int flag_seen;
  static const struct {
    const char *name;
    bool *flag;
  } flags[] = {
    {"spawned-by-thread", &options.spawned_by_thread}, {"zombie-child", &options.zombie_child},
    {"shared", &options.shared}, {"known", &options.known}, {"adjacent", &options.adjacent},
    {"holes", &options.holes}, {"truncated", &options.truncated}, {"file", &options.file},
    {"memfd", &options.memfd}, {"hostile-file", &options.hostile_file}, {"thp", &options.thp},
    {"dontdump", &options.dontdump}, {"split-heap", &options.split_heap}, {"realtime", &options.realtime},
    {"spawn-storm", &options.spawn_storm}, {"uninherited", &options.uninherited}, {"counters", &options.counters},
    {"filter", &options.filter}, {"user-faults", &options.user_faults}, {"dispatch", &options.dispatch}, {"coroutine", &options.coroutine},
    {"inner-coroutine", &options.inner_coroutine}, {"deep-stack", &options.deep_stack},
    {"tables", &options.tables}, {"written", &options.written},
    {"vfork", &options.vfork}, {"signals", &options.signals}, {"zombie-leader", &options.zombie_leader},
  };
  enum { flag_count = sizeof flags / sizeof *flags };
  struct option table[flag_count + 18] = {{0}};
  for (int i = 0; i < flag_count; i++) table[i] = (struct option){flags[i].name, no_argument, &flag_seen, i};
  const struct option valued[] = {
    {"name", required_argument, NULL, name}, {"mosaic", required_argument, NULL, mosaic},
    {"untouched", required_argument, NULL, untouched}, {"patches", required_argument, NULL, patches},
    {"maps", required_argument, NULL, maps}, {"fill", required_argument, NULL, fill},
    {"endpoints", required_argument, NULL, endpoints}, {"heap", required_argument, NULL, heap},
    {"threads", required_argument, NULL, threads}, {"self-check", required_argument, NULL, self_check},
    {"swapped", required_argument, NULL, swapped}, {"sleepers", required_argument, NULL, sleepers},
    {"allocations", required_argument, NULL, allocations}, {"allocating", required_argument, NULL, allocating},
    {"connections", required_argument, NULL, connections}, {"slots", required_argument, NULL, slots},
    {"second-libc", required_argument, NULL, second_libc},
  };
  memcpy(table + flag_count, valued, sizeof valued);

  int found;
  while ((found = getopt_long(count, arguments, "", table, NULL)) != -1) {
    switch (found) {
    case 0: *flags[flag_seen].flag = true; break;
    case name: options.name = optarg; break;
    case mosaic: options.mosaic = optarg; break;
    case allocations: options.allocations = optarg; break;
    case allocating: read_number(&options.allocating_count, 1000); break;
    case connections: read_number(&options.connection_count, 10000); break;
    case second_libc: read_number(&options.second_count, 1 << 24); break;
    case slots: read_number(&options.slot_count, 1 << 24); break;
    case untouched: read_number(&options.untouched_size, UINT64_C(1) << 46); break;
    case patches: read_number(&options.patches_size, UINT64_C(1) << 46); break;
    case maps: read_number(&options.maps_count, 1 << 24); break;
    case fill: read_number(&options.fill_size, UINT64_C(1) << 46); break;
    case endpoints: read_number(&options.endpoint_count, 1 << 28); break;
    case heap: read_number(&options.heap_size, UINT64_C(1) << 40); break;
    case threads: read_number(&options.thread_count, 4096); break;
    case self_check: read_number(&options.self_check_count, 4096); break;
    case swapped: read_number(&options.swapped_size, UINT64_C(1) << 40); break;
    case sleepers: read_number(&options.sleeper_count, 32768); break;
    default: exit(64);
    }
  }
  if (optind < count) refuse("unexpected argument");
  if (options.thp && options.fill_size == 0) refuse("--thp needs --fill");
  if (options.realtime && options.thread_count == 0) refuse("--realtime needs --threads");
}

// Children come first: a fork copies the page tables that exist, and none of the regions should be affected by it.
static void set_up(void) {
  if (options.name && prctl(PR_SET_NAME, options.name) != 0) fail("PR_SET_NAME");
  if (options.zombie_child) set_up_zombie_child();
  if (options.shared) set_up_shared();
  if (options.known) set_up_known();
  if (options.adjacent) set_up_adjacent();
  if (options.holes) set_up_holes();
  if (options.truncated) set_up_truncated();
  if (options.untouched_size) set_up_untouched(options.untouched_size);
  if (options.patches_size) set_up_patches(options.patches_size);
  if (options.file) set_up_file();
  if (options.memfd) set_up_memfd();
  if (options.hostile_file) set_up_hostile_file();
  if (options.mosaic) set_up_mosaic(options.mosaic);
  if (options.connection_count) set_up_connections(options.connection_count);
  if (options.dontdump) set_up_dontdump();
  if (options.swapped_size) set_up_swapped(options.swapped_size);
  if (options.maps_count) set_up_maps(options.maps_count, options.written);
  if (options.fill_size) set_up_fill(options.fill_size, options.thp);
  if (options.endpoint_count) set_up_endpoints(options.endpoint_count);
  if (options.uninherited) set_up_uninherited();
  if (options.counters) set_up_counters();
  if (options.heap_size) set_up_heap(options.heap_size);
  if (options.split_heap) split_heap();
  if (options.tables) set_up_tables();
  if (options.second_count) set_up_second_libc(options.second_count);
  if (options.slot_count) set_up_slots(options.slot_count);
  if (options.allocations) set_up_allocations(options.allocations, options.allocating_count);
  if (options.thread_count) set_up_heartbeats((unsigned)options.thread_count, options.realtime);
  if (options.self_check_count) set_up_self_checks((unsigned)options.self_check_count);
  if (options.sleeper_count) set_up_sleepers((unsigned)options.sleeper_count);
  if (options.spawn_storm) set_up_spawn_storm();
  if (options.vfork) set_up_vfork();
  if (options.signals) set_up_signals();
  if (options.filter) set_up_filter();
  if (options.user_faults) set_up_user_faults();
  if (options.dispatch) set_up_dispatch();
}

static void serve(void) { serve_commands(options.spawned_by_thread); }

static void *serve_beside_leader(void *unused) {
  (void)unused;
  wait_for_state(getpid(), 'S');
  serve_commands(options.spawned_by_thread);
}

static void *serve_without_leader(void *unused) {
  (void)unused;
  die_with_parent(options.spawned_by_thread);
  wait_for_state(getpid(), 'Z');
  printf("zombie-leader %d\n", gettid());
  serve_commands(options.spawned_by_thread);
}

int main(int count, char **arguments) {
  read_options(count, arguments);
  if (!options.allocations) limit_heap_to_brk();
  die_with_parent(options.spawned_by_thread);
  prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);  // fails without Yama, where it is not needed
  page_size = (size_t)sysconf(_SC_PAGESIZE);
  set_up();
  if (options.deep_stack) use_deep_stack();
  if (options.coroutine) run_on_coroutine(serve);
  if (!options.zombie_leader && !options.inner_coroutine) serve_commands(options.spawned_by_thread);
  pthread_t server;
  void *(*body)(void *) = options.zombie_leader ? serve_without_leader : serve_beside_leader;
  if (pthread_create(&server, NULL, body, NULL) != 0) fail("pthread_create");
  if (options.inner_coroutine) sleep_on_inner_coroutine();
  pthread_exit(NULL);
}
