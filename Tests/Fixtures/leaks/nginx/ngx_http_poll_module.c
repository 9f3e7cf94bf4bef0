// Polls a list of endpoints by a timer and keeps the last reply.
//
// Leak: a reply and what it is parsed into come from the cycle pool, which frees nothing before the next reload: at each poll a
// large allocation of 9 KB and about 24 KB in blocks of 16 KB.
// Fix: `poll fixed` makes a pool for each reply, and destroys the one before.
//
// Truth: grows yes
// Truth: kind chunk-size 16400 9232
// Truth: content sockaddr 10.
// Truth: content template #.#.#.#:#
// Truth: holder cycle pool of nginx
// Truth: holder nginx:ngx_cycle
// Truth: holder ngx_http_poll_module.so
// Truth: pool cycle
// Truth: allocates ngx_http_poll_module.so
// Truth: allocates poll_endpoints

#include "timed_module.h"

enum { endpoint_count = 240, reply_size = 9216 };

typedef struct {
  timed_conf_t timed;
  ngx_pool_t *pool;         // of the last reply; NULL with the leak
  ngx_array_t *endpoints;   // of ngx_addr_t *
  ngx_uint_t polls;
} poll_conf_t;

static void poll_endpoints(ngx_event_t *timer) {
  poll_conf_t *conf = timed_conf_of(timer);
  if (conf == NULL || conf->timed.grown >= timed_limit) return;
  ngx_pool_t *pool = conf->timed.is_fixed ? ngx_create_pool(4096, timer->log) : conf->timed.cycle->pool;
  if (pool == NULL) return;
  u_char *reply = ngx_palloc(pool, reply_size);
  ngx_array_t *endpoints = ngx_array_create(pool, endpoint_count, sizeof(ngx_addr_t *));
  if (reply == NULL || endpoints == NULL) return;
  u_char *last = reply;
  for (ngx_uint_t index = 0; index < endpoint_count; index++) {
    // 4,000 endpoints in all, of which each reply has a part.
    ngx_uint_t number = (conf->polls * 97 + index) % 4000;
    u_char *text = last;
    last = ngx_sprintf(last, "10.%ui.%ui.%ui:%ui", number % 7, number / 250, number % 250 + 1, 8000 + number % 100);
    ngx_addr_t **endpoint = ngx_array_push(endpoints);
    if (endpoint) *endpoint = timed_parse(pool, text, last - text);
    *last++ = '\n';
  }
  if (conf->pool) ngx_destroy_pool(conf->pool);
  conf->pool = conf->timed.is_fixed ? pool : NULL;
  if (!conf->timed.is_fixed) conf->timed.grown += 33 * 1024;
  conf->endpoints = endpoints;
  conf->polls++;
}

extern ngx_module_t ngx_http_poll_module;
TIMED_MODULE(ngx_http_poll_module, "poll", poll_conf_t, poll_endpoints);
