// A library whose sessions are counted references, as those of a TLS library are.

#ifndef TICKETS_H
#define TICKETS_H

typedef struct tickets_session tickets_session;

// A session with one reference; NULL where there is no memory.
tickets_session *tickets_session_new(unsigned long number);

// Takes one more reference.
tickets_session *tickets_session_get(tickets_session *session);

// Gives one back; the last one frees the session and the ten blocks that hang on it.
void tickets_session_free(tickets_session *session);

#endif
