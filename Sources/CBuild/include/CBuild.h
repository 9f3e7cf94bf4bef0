// CBuild: what a build knows of itself.
//
// It is C because only C can look whether there is a file and do without it: Packaging/build.sh writes memdump_commit.h for its
// own build.

#ifndef CBUILD_H
#define CBUILD_H

// The commit that was built, such as 0123456789ab or 0123456789ab-dirty; empty where that is not known.
const char *cbuild_commit(void);

#endif
