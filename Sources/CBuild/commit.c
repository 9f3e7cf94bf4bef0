#include "CBuild.h"

#if __has_include("memdump_commit.h")
#include "memdump_commit.h"
#else
#define CBUILD_COMMIT ""
#endif

const char *cbuild_commit(void) { return CBUILD_COMMIT; }
