// CBuild: what a build knows of itself.
//
// It is C because only C can look whether there is a file (commit.h) and do without: `make dist` writes it, git ignores it.

#ifndef CBUILD_H
#define CBUILD_H

// The commit that was built, such as 0123456789ab or 0123456789ab-dirty; empty where that is not known.
const char *cbuild_commit(void);

#endif
