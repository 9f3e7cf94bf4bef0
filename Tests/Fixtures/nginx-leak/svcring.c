// Services, refreshed over and over: each reply is parsed with ngx_parse_url and kept in a pool of a ring.

#include "svcring.h"

#include <arpa/inet.h>

typedef struct {
  ngx_pool_t *pool;
  ngx_array_t *endpoints;  // of ngx_addr_t *
  ngx_int_t born;          // the tick of its reply
} svcring_slot_t;

typedef struct {
  svcring_slot_t *slots;
  ngx_int_t next;
  uint64_t random;
} svcring_service_t;

// The root of everything: what a search for the holder of a pool ends at.
static struct {
  svcring_conf_t conf;
  svcring_service_t *services;
  ngx_log_t *log;
  ngx_int_t ticks;
  int is_over;
} svcring_main;

// The step of xorshift64*, with Marsaglia's shifts.
static uint64_t next_random(uint64_t *state) {
  *state ^= *state >> 12;
  *state ^= *state << 25;
  *state ^= *state >> 27;
  return *state * 0x2545f4914f6cdd1dull;
}

// Endpoint `index` of a service, as ngx_parse_url reads it. No two are the same: to multiply by an odd number modulo 2^24
// exchanges numbers, and loses none.
static int endpoint_text(const svcring_conf_t *conf, ngx_int_t service, ngx_int_t index, char *text, size_t size) {
  uint32_t number = (uint32_t)(service * conf->universe + index);
  uint32_t place = (number * 2654435761u + (uint32_t)conf->seed * 40503u) & 0xffffff;
  uint64_t state = ((uint64_t)conf->seed << 32 | number) * 2 + 1;
  next_random(&state);
  unsigned port = 1024 + next_random(&state) % 64000;
  if (conf->ipv6 == 0 || index % conf->ipv6 != 0) {
    return snprintf(text, size, "10.%u.%u.%u:%u", place >> 16, place >> 8 & 255, place & 255, port);
  }
  struct in6_addr address = {.s6_addr = {0xfd, 0, [13] = place >> 16, [14] = place >> 8, [15] = place}};
  char digits[INET6_ADDRSTRLEN];
  inet_ntop(AF_INET6, &address, digits, sizeof digits);
  return snprintf(text, size, "[%s]:%u", digits, port);
}

ngx_int_t svcring_write_list(const svcring_conf_t *conf, ngx_log_t *log) {
  FILE *file = fopen((char *)conf->list.data, "w");
  if (file == NULL) {
    ngx_log_error(NGX_LOG_EMERG, log, ngx_errno, "svcring: cannot write \"%V\"", &conf->list);
    return NGX_ERROR;
  }
  char text[80];
  for (ngx_int_t service = 0; service < conf->services; service++) {
    for (ngx_int_t index = 0; index < conf->universe; index++) {
      endpoint_text(conf, service, index, text, sizeof text);
      fprintf(file, "%s\n", text);
    }
  }
  return fclose(file) == 0 ? NGX_OK : NGX_ERROR;
}

ngx_int_t svcring_start(const svcring_conf_t *conf, ngx_cycle_t *cycle) {
  svcring_main.conf = *conf;
  svcring_main.log = cycle->log;
  svcring_main.services = ngx_pcalloc(cycle->pool, conf->services * sizeof(svcring_service_t));
  if (svcring_main.services == NULL) return NGX_ERROR;
  for (ngx_int_t index = 0; index < conf->services; index++) {
    svcring_service_t *service = &svcring_main.services[index];
    service->slots = ngx_pcalloc(cycle->pool, conf->pools * sizeof(svcring_slot_t));
    if (service->slots == NULL) return NGX_ERROR;
    service->random = ((uint64_t)conf->seed << 32 | (uint64_t)index) * 2 + 1;
  }
  return NGX_OK;
}

static void old_reset(ngx_pool_t *pool) {
  for (ngx_pool_large_t *large = pool->large; large; large = large->next) {
    if (large->alloc) ngx_free(large->alloc);
  }
  pool->large = NULL;
  for (ngx_pool_t *block = pool; block; block = block->d.next) block->d.last = (u_char *)block + sizeof(ngx_pool_t);
}

static ngx_pool_t *reclaim(ngx_pool_t *pool) {
  if (pool) {
    switch ((svcring_reclaim_t)svcring_main.conf.reclaim) {
    case svcring_old_reset: old_reset(pool); return pool;
    case svcring_reset: ngx_reset_pool(pool); return pool;
    case svcring_destroy: ngx_destroy_pool(pool); break;
    }
  }
  return ngx_create_pool(1024, svcring_main.log);
}

static ngx_addr_t *parse(ngx_pool_t *pool, const char *text, int length) {
  ngx_url_t url;
  ngx_memzero(&url, sizeof url);
  url.url.len = length;
  url.url.data = ngx_pnalloc(pool, length);
  if (url.url.data == NULL) return NULL;
  ngx_memcpy(url.url.data, text, length);
  url.no_resolve = 1;
  return ngx_parse_url(pool, &url) == NGX_OK ? url.addrs : NULL;
}

// Keeps a reply of the service: endpoints of its universe, one after the other from a place that chance decides.
static ngx_int_t refresh(ngx_int_t number) {
  const svcring_conf_t *conf = &svcring_main.conf;
  svcring_service_t *service = &svcring_main.services[number];
  svcring_slot_t *slot = &service->slots[service->next];
  ngx_msec_t age = (ngx_msec_t)(svcring_main.ticks - slot->born) * conf->tick;
  if (slot->pool && age <= conf->timeout) return NGX_OK;
  slot->pool = reclaim(slot->pool);
  if (slot->pool == NULL) return NGX_ERROR;
  slot->endpoints = ngx_array_create(slot->pool, conf->endpoints, sizeof(ngx_addr_t *));
  if (slot->endpoints == NULL) return NGX_ERROR;
  uint64_t first = next_random(&service->random);
  for (ngx_int_t count = 0; count < conf->endpoints; count++) {
    char text[80];
    int length = endpoint_text(conf, number, (first + count) % conf->universe, text, sizeof text);
    ngx_addr_t **endpoint = ngx_array_push(slot->endpoints);
    if (endpoint == NULL) return NGX_ERROR;
    *endpoint = parse(slot->pool, text, length);
    if (*endpoint == NULL) return NGX_ERROR;
  }
  slot->born = svcring_main.ticks;
  service->next = (service->next + 1) % conf->pools;
  return NGX_OK;
}

int svcring_refresh(void) {
  if (svcring_main.is_over) return 0;
  svcring_main.ticks++;
  for (ngx_int_t number = 0; number < svcring_main.conf.services; number++) {
    if (refresh(number) != NGX_OK) svcring_main.is_over = 1;
  }
  // To count is to touch every block: not in each tick.
  if (svcring_main.ticks % 32 == 0 && svcring_count().bytes >= svcring_main.conf.limit) svcring_main.is_over = 1;
  if (svcring_main.conf.ticks && svcring_main.ticks >= svcring_main.conf.ticks) svcring_main.is_over = 1;
  return !svcring_main.is_over;
}

ngx_int_t svcring_ticks(void) { return svcring_main.ticks; }

int svcring_is_over(void) { return svcring_main.is_over; }

static void count(ngx_pool_t *pool, svcring_counts_t *counts) {
  int is_before_current = 1;
  counts->pools++;
  for (ngx_pool_large_t *large = pool->large; large; large = large->next) counts->large += large->alloc != NULL;
  for (ngx_pool_t *block = pool; block; block = block->d.next) {
    if (block == pool->current) is_before_current = 0;
    size_t bytes = block->d.end - (u_char *)block;
    counts->blocks++;
    counts->bytes += bytes;
    counts->used += block->d.last - (u_char *)block;
    int is_empty = block->d.last == (u_char *)block + sizeof(ngx_pool_t);
    if (is_before_current && is_empty) counts->emptied_before_current += bytes;
  }
}

svcring_counts_t svcring_count(void) {
  svcring_counts_t counts = {0};
  for (ngx_int_t number = 0; number < svcring_main.conf.services; number++) {
    for (ngx_int_t index = 0; index < svcring_main.conf.pools; index++) {
      ngx_pool_t *pool = svcring_main.services[number].slots[index].pool;
      if (pool) count(pool, &counts);
    }
  }
  return counts;
}
