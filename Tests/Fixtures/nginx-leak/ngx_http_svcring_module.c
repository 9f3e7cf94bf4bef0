// A service-discovery module for nginx, of the kind that leaks: its directives, its timer and its status.
//
// Each worker refreshes services by a timer over a ring of pools each; see svcring.c. `svcring old_reset` is the leak,
// `svcring reset` and `svcring destroy` are not.

#include "svcring.h"

#include <ngx_http.h>

extern ngx_module_t ngx_http_svcring_module;

static ngx_event_t svcring_timer;
static ngx_connection_t svcring_connection;

static ngx_conf_enum_t svcring_reclaims[] = {
  {ngx_string("old_reset"), svcring_old_reset},
  {ngx_string("reset"), svcring_reset},
  {ngx_string("destroy"), svcring_destroy},
  {ngx_null_string, 0},
};

static ngx_int_t answer_status(ngx_http_request_t *request) {
  ngx_int_t result = ngx_http_discard_request_body(request);
  if (result != NGX_OK) return result;
  svcring_conf_t *conf = ngx_http_get_module_main_conf(request, ngx_http_svcring_module);
  svcring_counts_t counts = svcring_count();
  ngx_buf_t *buffer = ngx_create_temp_buf(request->pool, 512);
  if (buffer == NULL) return NGX_HTTP_INTERNAL_SERVER_ERROR;
  buffer->last = ngx_snprintf(
    buffer->last, 512,
    "{\"pid\":%P,\"reclaim\":\"%V\",\"ticks\":%i,\"over\":%s,\"pools\":%ui,\"blocks\":%ui,\"bytes\":%uz,\"used\":%uz,"
    "\"emptied_before_current\":%uz,\"large\":%ui}\n",
    ngx_pid, &svcring_reclaims[conf->reclaim].name, svcring_ticks(), svcring_is_over() ? "true" : "false", counts.pools,
    counts.blocks, counts.bytes, counts.used, counts.emptied_before_current, counts.large);
  buffer->last_buf = request == request->main;
  buffer->last_in_chain = 1;
  request->headers_out.status = NGX_HTTP_OK;
  request->headers_out.content_length_n = buffer->last - buffer->pos;
  ngx_str_set(&request->headers_out.content_type, "application/json");
  result = ngx_http_send_header(request);
  if (result == NGX_ERROR || result > NGX_OK || request->header_only) return result;
  ngx_chain_t out = {buffer, NULL};
  return ngx_http_output_filter(request, &out);
}

static char *set_status(ngx_conf_t *cf, ngx_command_t *command, void *unused) {
  ngx_http_core_loc_conf_t *location = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
  location->handler = answer_status;
  return NGX_CONF_OK;
}

static void on_timer(ngx_event_t *event) {
  svcring_conf_t *conf = event->data == &svcring_connection ? svcring_connection.data : NULL;
  if (conf == NULL || ngx_exiting || ngx_quit) return;
  if (svcring_refresh()) {
    ngx_add_timer(event, conf->tick);
  } else {
    ngx_log_error(NGX_LOG_NOTICE, event->log, 0, "svcring: ends after %i ticks", svcring_ticks());
  }
}

static void *create_conf(ngx_conf_t *cf) {
  svcring_conf_t *conf = ngx_pcalloc(cf->pool, sizeof(svcring_conf_t));
  if (conf == NULL) return NULL;
  conf->reclaim = NGX_CONF_UNSET_UINT;
  conf->services = conf->pools = conf->endpoints = conf->universe = NGX_CONF_UNSET;
  conf->ipv6 = conf->seed = conf->ticks = NGX_CONF_UNSET;
  conf->tick = conf->timeout = NGX_CONF_UNSET_MSEC;
  conf->limit = NGX_CONF_UNSET_SIZE;
  return conf;
}

static char *init_conf(ngx_conf_t *cf, void *pointer) {
  svcring_conf_t *conf = pointer;
  ngx_conf_init_value(conf->services, 16);
  ngx_conf_init_value(conf->pools, 32);
  ngx_conf_init_value(conf->endpoints, 120);
  ngx_conf_init_value(conf->universe, 260);
  ngx_conf_init_value(conf->ipv6, 0);
  ngx_conf_init_value(conf->seed, 1);
  ngx_conf_init_value(conf->ticks, 0);
  ngx_conf_init_msec_value(conf->tick, 40);
  ngx_conf_init_msec_value(conf->timeout, 1000);
  ngx_conf_init_size_value(conf->limit, 256 * 1024 * 1024);
  if (conf->services < 1 || conf->pools < 1 || conf->endpoints < 1 || conf->tick < 1) return "svcring: a number is 0";
  // Endpoints are told apart by 24 bits.
  if (conf->universe < 1 || conf->services * conf->universe > 1 << 24) return "svcring: too many endpoints";
  return NGX_CONF_OK;
}

static svcring_conf_t *conf_of(ngx_cycle_t *cycle) {
  svcring_conf_t *conf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_svcring_module);
  return conf == NULL || conf->reclaim == NGX_CONF_UNSET_UINT ? NULL : conf;
}

// In the master, which may write where the worker may not.
static ngx_int_t init_module(ngx_cycle_t *cycle) {
  svcring_conf_t *conf = conf_of(cycle);
  return conf && conf->list.len ? svcring_write_list(conf, cycle->log) : NGX_OK;
}

static ngx_int_t init_process(ngx_cycle_t *cycle) {
  svcring_conf_t *conf = conf_of(cycle);
  if (conf == NULL) return NGX_OK;
  if (svcring_start(conf, cycle) != NGX_OK) return NGX_ERROR;
  // nginx names the connection of a timer when it logs with debug on.
  svcring_connection.fd = -1;
  svcring_connection.data = conf;
  svcring_timer.handler = on_timer;
  svcring_timer.data = &svcring_connection;
  svcring_timer.log = cycle->log;
  svcring_timer.cancelable = 1;
  ngx_add_timer(&svcring_timer, conf->tick);
  return NGX_OK;
}

#define SVCRING_OPTION(name, setter, field, more)                                                                       \
  {ngx_string(name), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, setter, NGX_HTTP_MAIN_CONF_OFFSET,                            \
   offsetof(svcring_conf_t, field), more}

static ngx_command_t svcring_commands[] = {
  SVCRING_OPTION("svcring", ngx_conf_set_enum_slot, reclaim, svcring_reclaims),
  SVCRING_OPTION("svcring_services", ngx_conf_set_num_slot, services, NULL),
  SVCRING_OPTION("svcring_pools", ngx_conf_set_num_slot, pools, NULL),
  SVCRING_OPTION("svcring_endpoints", ngx_conf_set_num_slot, endpoints, NULL),
  SVCRING_OPTION("svcring_universe", ngx_conf_set_num_slot, universe, NULL),
  SVCRING_OPTION("svcring_ipv6", ngx_conf_set_num_slot, ipv6, NULL),
  SVCRING_OPTION("svcring_seed", ngx_conf_set_num_slot, seed, NULL),
  SVCRING_OPTION("svcring_ticks", ngx_conf_set_num_slot, ticks, NULL),
  SVCRING_OPTION("svcring_tick", ngx_conf_set_msec_slot, tick, NULL),
  SVCRING_OPTION("svcring_timeout", ngx_conf_set_msec_slot, timeout, NULL),
  SVCRING_OPTION("svcring_limit", ngx_conf_set_size_slot, limit, NULL),
  SVCRING_OPTION("svcring_list", ngx_conf_set_str_slot, list, NULL),
  {ngx_string("svcring_status"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS, set_status, 0, 0, NULL},
  ngx_null_command,
};

static ngx_http_module_t svcring_context = {.create_main_conf = create_conf, .init_main_conf = init_conf};

ngx_module_t ngx_http_svcring_module = {
  NGX_MODULE_V1, &svcring_context, svcring_commands, NGX_HTTP_MODULE, NULL, init_module, init_process,
  NULL, NULL, NULL, NULL, NGX_MODULE_V1_PADDING,
};
