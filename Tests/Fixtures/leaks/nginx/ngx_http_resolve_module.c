// Looks up names by a timer. A lookup that fails falls back to the address that the configuration has for the name.
//
// Leak: the fallback is parsed anew into the cycle pool at each failure, about 80 bytes; the one before is forgotten.
// Fix: `resolve fixed` keeps the fallback that was parsed first.
//
// Truth: grows yes
// Truth: kind chunk-size 16400
// Truth: content sockaddr 10.99.
// Truth: content template #.#.#.#:#
// Truth: holder cycle pool of nginx
// Truth: holder nginx:ngx_cycle
// Truth: holder ngx_http_resolve_module.so
// Truth: pool cycle
// Truth: allocates ngx_http_resolve_module.so
// Truth: allocates look_up

#include "timed_module.h"

enum { name_count = 40, lookups = 80 };

typedef struct {
  timed_conf_t timed;
  ngx_addr_t *fallbacks[name_count];
  ngx_uint_t lookups;
} resolve_conf_t;

static void on_failure(resolve_conf_t *conf, ngx_uint_t name) {
  if (conf->timed.is_fixed && conf->fallbacks[name]) return;
  u_char text[32];
  u_char *last = ngx_sprintf(text, "10.99.0.%ui:%ui", name + 1, 9000 + name);
  conf->fallbacks[name] = timed_parse(conf->timed.cycle->pool, text, last - text);
  conf->timed.grown += 80;
}

// The name server of this module knows no name: every lookup fails.
static void look_up(ngx_event_t *timer) {
  resolve_conf_t *conf = timed_conf_of(timer);
  if (conf == NULL || conf->timed.grown >= timed_limit) return;
  for (ngx_uint_t turn = 0; turn < lookups; turn++) on_failure(conf, conf->lookups++ % name_count);
}

extern ngx_module_t ngx_http_resolve_module;
TIMED_MODULE(ngx_http_resolve_module, "resolve", resolve_conf_t, look_up);
