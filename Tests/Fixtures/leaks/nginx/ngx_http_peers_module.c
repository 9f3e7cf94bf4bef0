// Keeps a table of peers that come and go. A peer has memory of its own, and an event that frees it once it is out of use.
//
// Leak: a peer that was removed is freed by its event half an hour later, so that requests that still use it can end; where
// peers change all the time that is a leak. No pool has them, and the tree of timers alone still knows them.
// Fix: `peers fixed` frees it after 100 ms.
//
// Truth: grows yes
// Truth: kind chunk-size 1040
// Truth: content template peer-
// Truth: holder nginx:ngx_event_timer_rbtree
// Truth: holder ngx_http_peers_module.so
// Truth: allocates ngx_http_peers_module.so
// Truth: allocates change_peers

#include "timed_module.h"

enum { peer_count = 256, changes = 12 };

typedef struct {
  ngx_event_t removal;
  ngx_connection_t connection;
  u_char name[200];
  u_char state[1024 - sizeof(ngx_event_t) - sizeof(ngx_connection_t) - 200];
} peer_t;

typedef struct {
  timed_conf_t timed;
  peer_t *peers[peer_count];
  ngx_uint_t changes;
} peers_conf_t;

static void free_peer(ngx_event_t *event) {
  ngx_connection_t *connection = event->data;
  ngx_free(connection->data);
}

static peer_t *new_peer(ngx_uint_t number, ngx_log_t *log) {
  peer_t *peer = ngx_calloc(sizeof(peer_t), log);
  if (peer) ngx_sprintf(peer->name, "peer-%ui.zone-%ui.example.org", number, number % 8);
  return peer;
}

static void remove_peer(peer_t *peer, peers_conf_t *conf) {
  peer->connection.fd = -1;
  peer->connection.data = peer;
  peer->removal.data = &peer->connection;
  peer->removal.handler = free_peer;
  peer->removal.log = conf->timed.cycle->log;
  peer->removal.cancelable = 1;
  ngx_add_timer(&peer->removal, conf->timed.is_fixed ? 100 : 30 * 60 * 1000);
  if (!conf->timed.is_fixed) conf->timed.grown += sizeof(peer_t);
}

static void change_peers(ngx_event_t *timer) {
  peers_conf_t *conf = timed_conf_of(timer);
  if (conf == NULL || conf->timed.grown >= timed_limit) return;
  for (ngx_uint_t turn = 0; turn < changes; turn++) {
    peer_t **place = &conf->peers[conf->changes % peer_count];
    if (*place) remove_peer(*place, conf);
    *place = new_peer(conf->changes++, timer->log);
  }
}

extern ngx_module_t ngx_http_peers_module;
TIMED_MODULE(ngx_http_peers_module, "peers", peers_conf_t, change_peers);
