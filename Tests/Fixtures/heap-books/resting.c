// Threads that rest, and give back when they are told to.
#include "books.h"

#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int resting, wanted, given;

void expect_resting(int count) { resting = count; }

void rest(void) {
  pthread_mutex_lock(&lock);
  for (int seen = 0;; seen++) {
    while (wanted == seen) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    give_back();
    pthread_mutex_lock(&lock);
    given++;
    pthread_cond_broadcast(&changed);
  }
}

void give_back_everywhere(void) {
  pthread_mutex_lock(&lock);
  given = 0;
  wanted++;
  pthread_cond_broadcast(&changed);
  while (given < resting) pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
}
