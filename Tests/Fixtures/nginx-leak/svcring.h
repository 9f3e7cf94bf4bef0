// What the two files of the module share: the services, their rings of pools, and what they were told to do.

#ifndef SVCRING_H
#define SVCRING_H

#include <ngx_config.h>
#include <ngx_core.h>

// How a pool is made ready for the next reply.
typedef enum {
  // What ngx_reset_pool did before nginx 1.5.9: blocks are emptied, but pool->current stays where it was.
  svcring_old_reset,
  // The ngx_reset_pool of the nginx that runs.
  svcring_reset,
  // ngx_destroy_pool, and a new pool: the fix.
  svcring_destroy,
} svcring_reclaim_t;

typedef struct {
  ngx_uint_t reclaim;
  ngx_int_t services;
  ngx_int_t pools;      // of each service's ring
  ngx_int_t endpoints;  // in a reply
  ngx_int_t universe;   // different ones that a service has
  ngx_int_t ipv6;       // every how many-th of them has an IPv6 address; 0 for none
  ngx_int_t seed;
  ngx_int_t ticks;  // after so many nothing changes any more; 0 for no end
  ngx_msec_t tick;
  ngx_msec_t timeout;
  size_t limit;  // of all pools together, in bytes; then nothing changes any more
  ngx_str_t list;
} svcring_conf_t;

// What the pools hold, by the module's own walk over them.
typedef struct {
  ngx_uint_t pools, blocks, large;
  size_t bytes, used, emptied_before_current;
} svcring_counts_t;

// Begins with no pool. Returns NGX_OK or NGX_ERROR.
ngx_int_t svcring_start(const svcring_conf_t *conf, ngx_cycle_t *cycle);

// Refreshes every service into the next pool of its ring. Returns 0 once the limit or the last tick has been reached.
int svcring_refresh(void);

// How many times svcring_refresh has done something.
ngx_int_t svcring_ticks(void);

// Whether nothing changes any more.
int svcring_is_over(void);

svcring_counts_t svcring_count(void);

// Writes all endpoints there are, one a line. Returns NGX_OK or NGX_ERROR.
ngx_int_t svcring_write_list(const svcring_conf_t *conf, ngx_log_t *log);

#endif
