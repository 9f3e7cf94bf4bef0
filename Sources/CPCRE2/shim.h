// CPCRE2: the regular expressions of PCRE2, in bytes.
//
// The header wants to know the width of a code unit before it says anything, which a module map cannot tell it.

#ifndef CPCRE2_SHIM_H
#define CPCRE2_SHIM_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#endif
