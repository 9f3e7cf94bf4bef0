// A session of eleven blocks: itself, a name, a peer of two texts, and a chain of three keys with their bytes.

#include "tickets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct key {
  struct key *next;
  unsigned char *bytes;
  char label[72];
};

struct peer {
  char *subject, *issuer;
  unsigned char fingerprint[104];
};

struct tickets_session {
  int references;
  char *name;
  struct peer *peer;
  struct key *keys;
  unsigned char master[320];
};

static char *text_of(size_t size, const char *form, unsigned long number) {
  char *text = malloc(size);
  if (text) snprintf(text, size, form, number);
  return text;
}

static struct key *new_key(struct key *next, unsigned long number) {
  struct key *key = calloc(1, sizeof *key);
  if (key == NULL) return NULL;
  key->next = next;
  key->bytes = malloc(440);
  if (key->bytes) memset(key->bytes, (int)(number & 0x7f) | 0x80, 440);
  snprintf(key->label, sizeof key->label, "key-%lu", number);
  return key;
}

tickets_session *tickets_session_new(unsigned long number) {
  tickets_session *session = calloc(1, sizeof *session);
  if (session == NULL) return NULL;
  session->references = 1;
  session->name = text_of(56, "ticket-%lu", number);
  session->peer = calloc(1, sizeof *session->peer);
  if (session->peer) {
    session->peer->subject = text_of(184, "CN=client-%lu,O=Example Works,C=DE", number);
    session->peer->issuer = text_of(248, "CN=Example Issuer %lu,O=Example Trust,C=DE", number % 3);
  }
  for (int index = 0; index < 3; index++) {
    struct key *key = new_key(session->keys, number * 3 + index);
    if (key) session->keys = key;
  }
  return session;
}

tickets_session *tickets_session_get(tickets_session *session) {
  session->references++;
  return session;
}

void tickets_session_free(tickets_session *session) {
  if (session == NULL || --session->references > 0) return;
  while (session->keys) {
    struct key *key = session->keys;
    session->keys = key->next;
    free(key->bytes);
    free(key);
  }
  if (session->peer) {
    free(session->peer->subject);
    free(session->peer->issuer);
  }
  free(session->peer);
  free(session->name);
  free(session);
}
