// What the three modules share: a directive of a word, `leak` or `fixed`, and a timer of each worker. Their state is in their
// configuration, in the cycle pool, as that of most modules is; none has a static variable.

#ifndef TIMED_MODULE_H
#define TIMED_MODULE_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

// What a module's configuration begins with.
typedef struct {
  ngx_flag_t is_fixed;
  ngx_event_t timer;
  ngx_connection_t connection;  // nginx names the connection of a timer when it logs with debug on
  ngx_cycle_t *cycle;
  size_t grown;  // bytes, about; a module grows no more at timed_limit
} timed_conf_t;

enum { timed_beat = 20, timed_limit = 64 << 20 };

static inline char *timed_set(ngx_conf_t *cf, ngx_command_t *command, void *pointer) {
  (void)command;
  timed_conf_t *conf = pointer;
  ngx_str_t *words = cf->args->elts;
  if (conf->is_fixed != NGX_CONF_UNSET) return "is duplicate";
  if (ngx_strcmp(words[1].data, "leak") == 0) {
    conf->is_fixed = 0;
  } else if (ngx_strcmp(words[1].data, "fixed") == 0) {
    conf->is_fixed = 1;
  } else {
    return "is neither leak nor fixed";
  }
  return NGX_CONF_OK;
}

static inline void *timed_create_conf(ngx_conf_t *cf, size_t size) {
  timed_conf_t *conf = ngx_pcalloc(cf->pool, size);
  if (conf) conf->is_fixed = NGX_CONF_UNSET;
  return conf;
}

static inline ngx_int_t timed_start(ngx_cycle_t *cycle, ngx_module_t module, ngx_event_handler_pt handler) {
  timed_conf_t *conf = ngx_http_cycle_get_module_main_conf(cycle, module);
  if (conf == NULL || conf->is_fixed == NGX_CONF_UNSET) return NGX_OK;
  conf->cycle = cycle;
  conf->connection.fd = -1;
  conf->connection.data = conf;
  conf->timer.data = &conf->connection;
  conf->timer.handler = handler;
  conf->timer.log = cycle->log;
  conf->timer.cancelable = 1;
  ngx_add_timer(&conf->timer, timed_beat);
  return NGX_OK;
}

// The configuration of a timer that goes on; NULL where it does not.
static inline void *timed_conf_of(ngx_event_t *timer) {
  ngx_connection_t *connection = timer->data;
  if (ngx_exiting || ngx_quit) return NULL;
  ngx_add_timer(timer, timed_beat);
  return connection->data;
}

// An endpoint of the text `10.A.B.C:port`, which has an address, a sockaddr and a name of its own in the pool.
static inline ngx_addr_t *timed_parse(ngx_pool_t *pool, u_char *text, size_t length) {
  ngx_url_t url;
  ngx_memzero(&url, sizeof url);
  url.url.len = length;
  url.url.data = text;
  url.no_resolve = 1;
  return ngx_parse_url(pool, &url) == NGX_OK ? url.addrs : NULL;
}

// A module of `directive` and `handler`: its configuration is a `conf_type`.
#define TIMED_MODULE(module, directive, conf_type, handler)                                                             \
  static void *create_conf(ngx_conf_t *cf) { return timed_create_conf(cf, sizeof(conf_type)); }                         \
  static ngx_int_t init_process(ngx_cycle_t *cycle) { return timed_start(cycle, module, handler); }                     \
  static ngx_command_t commands[] = {                                                                                   \
    {ngx_string(directive), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, timed_set, NGX_HTTP_MAIN_CONF_OFFSET, 0, NULL},        \
    ngx_null_command,                                                                                                   \
  };                                                                                                                    \
  static ngx_http_module_t context = {.create_main_conf = create_conf};                                                 \
  ngx_module_t module = {                                                                                               \
    NGX_MODULE_V1, &context, commands, NGX_HTTP_MODULE, NULL, NULL, init_process, NULL, NULL, NULL, NULL,               \
    NGX_MODULE_V1_PADDING,                                                                                              \
  }

#endif
