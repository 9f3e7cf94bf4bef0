// A client that makes TLS connections, here to a server in the same process, and asks for the session of each one.
//
// Leak: SSL_get1_session() takes a reference, which nobody gives back: an SSL_SESSION with the certificate of the peer for each
// connection, ten sizes of blocks in lockstep, and nobody holds them.
// Fix: --fixed calls SSL_SESSION_free().
//
// Truth: grows yes
// Truth: content template Example Works
// Truth: content template example works
// Truth: content template server.example.org
// Truth: holder nobody
// Truth: allocates SSL_SESSION_new
// Truth: allocates SSL_do_handshake

#include "program.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>

static void must(int holds) {
  if (!holds) exit(1);
}

static SSL_CTX *new_server(void) {
  EVP_PKEY *key = EVP_EC_gen("P-256");
  X509 *certificate = X509_new();
  must(key != NULL && certificate != NULL);
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
  X509_NAME *name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC, (const unsigned char *)"Example Works", -1, -1, 0);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"server.example.org", -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_set_pubkey(certificate, key);
  must(X509_sign(certificate, key, EVP_sha256()) > 0);
  SSL_CTX *context = SSL_CTX_new(TLS_server_method());
  must(context != NULL && SSL_CTX_use_certificate(context, certificate) == 1 && SSL_CTX_use_PrivateKey(context, key) == 1);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return context;
}

// A connection, to its end.
__attribute__((noinline)) static void connect_once(SSL_CTX *client_context, SSL_CTX *server_context) {
  SSL *client = SSL_new(client_context), *server = SSL_new(server_context);
  BIO *near, *far;
  must(client != NULL && server != NULL && BIO_new_bio_pair(&near, 0, &far, 0) == 1);
  SSL_set_bio(client, near, near);
  SSL_set_bio(server, far, far);
  SSL_set_connect_state(client);
  SSL_set_accept_state(server);
  for (int turn = 0; turn < 20 && !(SSL_is_init_finished(client) && SSL_is_init_finished(server)); turn++) {
    SSL_do_handshake(client);
    SSL_do_handshake(server);
  }
  must(SSL_is_init_finished(client));
  SSL_SESSION *session = SSL_get1_session(client);
  must(session != NULL && SSL_SESSION_get0_peer(session) != NULL);
  if (program_is_fixed) SSL_SESSION_free(session);
  SSL_free(client);
  SSL_free(server);
}

int main(int count, char **words) {
  SSL_CTX *server = new_server(), *client = SSL_CTX_new(TLS_client_method());
  must(client != NULL);
  SSL_CTX_set_session_cache_mode(client, SSL_SESS_CACHE_OFF);
  program_begin(count, words);
  for (size_t number = 0;; program_wait()) {
    for (int turn = 0; turn < 3 && number * 6000 < program_limit; turn++, number++) connect_once(client, server);
  }
}
