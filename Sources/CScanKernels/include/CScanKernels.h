// Scan kernels: the inner loops of the patterns, with vectors where the processor has them.
//
// They are C because the width of a vector must be chosen while running (AVX2 where there is, else SSE2 or NEON),
// which Swift cannot do without unsafe compiler flags.

#ifndef CSCANKERNELS_H
#define CSCANKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A match inside the scanned bytes.
struct cscan_match {
  uint32_t offset;
  uint32_t length;
};

// Has every kernel use vectors of so many bytes at most, for tests of those sets that the processor at hand would pass
// over. Results are the same with all of them.
enum { CSCAN_VECTORS_ANY = 1 << 16 };
void cscan_limit_vectors(int bytes);

enum {
  CSCAN_PORT_ZERO = 1 << 0,    // a port of 0 matches too
  CSCAN_WORD = 1 << 1,         // a letter or '_' next to a match forbids it
  CSCAN_ALIGN8 = 1 << 2,       // addresses that are multiples of 8, not of 4
  CSCAN_SINGLE_LABEL = 1 << 3, // a name of a host may do without a dot
  CSCAN_EMPTY_HOST = 1 << 4,   // a URL may have a path right after "://"
  CSCAN_IGNORE_CASE = 1 << 5,  // ASCII letters match in either case
};

// How many bytes around its anchor (the colon) a decision of cscan_ipv4_port may look at, on either side.
enum { CSCAN_IPV4_PORT_REACH = 24 };

// Finds "a.b.c.d:port" whose colon lies in [*from, to) of bytes[0 ..< count]. Outside the array is a boundary: the caller
// gives CSCAN_IPV4_PORT_REACH bytes on both sides of [*from, to) wherever the memory goes on there.
// Writes at most `capacity` matches in ascending order and returns how many; *from is then where to go on (== to when done).
// count is below 4 GiB.
size_t cscan_ipv4_port(const uint8_t *bytes, size_t count, size_t *from, size_t to, unsigned options,
                       struct cscan_match *matches, size_t capacity);

// The scans below keep the same contract, each with a reach and an anchor of its own.

// Finds socket addresses as a program holds them in memory, at addresses that are multiples of 4. `address` is that of
// bytes[0]. Numbers are little-endian save the port and the IP address. Anchor: the first byte.
//   sockaddr_in   family 2, a port that is not 0, an address that does not end with three zeros, eight zero bytes: 16 bytes.
//                 The eight bytes may be anything at a multiple of 8 with an address in 10.0.0.0/8, 172.16.0.0/12,
//                 192.168.0.0/16 or 127.0.0.0/24 whose last byte is not 0. Such a one is none where it has a byte in
//                 common with any other of these structures that begins earlier, or with one of the rest that does later.
//   sockaddr_in6  family 10, a port that is not 0, flow information of 28 bits, an address, scope 0 (or up to 0xFFFF with
//                 a link-local address): 28 bytes. The address is ::1, ::ffff:a.b.c.d (not 0.0.0.0), or in 64:ff9b::/32,
//                 2000::/3, fc00::/7, fe80::/10 or ff00::/8: nothing else is given out, and small numbers in memory
//                 look like all else.
//   sockaddr_un   family 1, then '/' and at least one more printable ASCII byte, or NUL and at least three of them, or six
//                 bytes or more of [A-Za-z0-9._/-] with '/' or "sock" among them; then a NUL, within 108 bytes of name.
//                 The length is 2 and that of the name without this last NUL.
// All of it lies inside the array. Where one lies partly in another that begins earlier, it is none, even if that other
// is none for the same reason; a sockaddr_in without the zeros hides none but its own kind.
enum { CSCAN_SOCKADDR_REACH = 128 };
size_t cscan_sockaddr(const uint8_t *bytes, size_t count, uint64_t address, size_t *from, size_t to,
                      unsigned options, struct cscan_match *matches, size_t capacity);

// Finds "a.b.c.d", with the octets and the neighbours of cscan_ipv4_port: the byte before is neither a digit
// nor a dot, the byte behind is neither a digit nor a dot before a digit. Anchor: the first dot. Options: WORD.
enum { CSCAN_IPV4_REACH = 24 };
size_t cscan_ipv4(const uint8_t *bytes, size_t count, size_t *from, size_t to, unsigned options,
                  struct cscan_match *matches, size_t capacity);

// Finds "[ADDRESS]:port". The address has any text form of RFC 4291 ("::" stands for one group at least, an embedded
// dotted quad comes last), then perhaps '%' and a zone of 1 to 15 of [A-Za-z0-9._-]. The port is that of
// cscan_ipv4_port. Anchor: the closing bracket. Options: PORT_ZERO, WORD (behind the port).
enum { CSCAN_IPV6_PORT_REACH = 64 };
size_t cscan_ipv6_port(const uint8_t *bytes, size_t count, size_t *from, size_t to, unsigned options,
                       struct cscan_match *matches, size_t capacity);

// Finds "host.name:port". The name is the longest run of [A-Za-z0-9_.-] before the colon and valid as a whole: at most
// 253 bytes, labels of 1 to 63 without a dash at either end, a letter in the last one, and perhaps one more dot, that of
// the root. It has a dot between labels, or is "localhost", or (SINGLE_LABEL) has three bytes at least and no colon right
// before it. The port is that of cscan_ipv4_port.
// Not matched: a name right behind a colon that is the anchor of such text itself ("a.b:1.c:2" is "a.b:1", and so is
// "a.b:1.c:2.d:3"), and the begin of a time of day: one that ends in two digits of their own, where the port has two and
// ':' and two more follow at least.
// "file.c:12" matches, for it cannot be told apart. Anchor: the colon. Options: PORT_ZERO, WORD (behind the port),
// SINGLE_LABEL.
enum { CSCAN_HOST_PORT_REACH = 512 };
size_t cscan_host_port(const uint8_t *bytes, size_t count, size_t *from, size_t to, unsigned options,
                       struct cscan_match *matches, size_t capacity);

// Finds "scheme://rest". The scheme is the longest text of 2 to 16 of [A-Za-z0-9+.-], a letter first, right before the
// colon; but http and https alone where one is the end of it with no '+' before it. The rest is the longest run of the
// bytes of RFC 3986 ('%' is not looked into) and of well-formed characters of UTF-8 that are no control, blank, punctuation
// (U+2000-206F, U+3000-303F, U+FE00-FE6F, U+FEFF-FF65) or private, but ends where the scheme of a next "://" begins, and
// where the match has 2048 bytes. It does not end in one of .,;:!?' nor in a ')' or ']' that nothing in it opens: each
// closes the last one open of its kind. Before its first / ? or # it has a letter, a digit or a byte above 0x7F; with
// EMPTY_HOST it may begin with '/' and go on. Where both slashes of "://" have a backslash before them, each of the rest
// may have one. Anchor: the colon. Options: EMPTY_HOST.
enum { CSCAN_URL_REACH = 2080 };
size_t cscan_url(const uint8_t *bytes, size_t count, size_t *from, size_t to, unsigned options,
                 struct cscan_match *matches, size_t capacity);

// Finds "local@domain". The local part is the longest run of [A-Za-z0-9._%+-] before the '@': at most 64 bytes, no dot
// at either end, no two dots in a row. The domain is the longest name behind it, by the rules of
// cscan_host_port, has a dot, and the last of its labels is 2 to 24 letters and nothing else; a dot that no
// label follows is not part of it. Not matched: a local part right behind an '@' that is the anchor of such text
// itself, even if that is not matched for the same reason. Anchor: the '@'. Options: none.
enum { CSCAN_EMAIL_REACH = 256 };
size_t cscan_email(const uint8_t *bytes, size_t count, size_t *from, size_t to, unsigned options,
                   struct cscan_match *matches, size_t capacity);

// Finds groups of 8, 4, 4, 4 and 12 hexadecimal digits of either case with dashes between them, the first and the last
// being whole runs; a further dash does no harm ("pvc-…", "…-suffix"). Anchor: the first dash. Options: WORD.
enum { CSCAN_UUID_REACH = 32 };
size_t cscan_uuid(const uint8_t *bytes, size_t count, size_t *from, size_t to, unsigned options,
                  struct cscan_match *matches, size_t capacity);

// Finds the `length` bytes of needle, of which those bits count that are set in mask (NULL: all): everywhere, so that
// matches overlap where the needle does with itself. length is 1 ... CSCAN_NEEDLE_LONGEST, else nothing is found.
// The reach is length. Anchor: the first byte. Options: IGNORE_CASE (where the mask has all bits of a letter).
enum { CSCAN_NEEDLE_LONGEST = 4096 };
size_t cscan_bytes(const uint8_t *bytes, size_t count, size_t *from, size_t to, const uint8_t *needle,
                   const uint8_t *mask, size_t length, unsigned options, struct cscan_match *matches,
                   size_t capacity);

// A literal of a set: `length` bytes, of which those bits count that are set in mask (NULL: all). length is
// 1 ... CSCAN_NEEDLE_LONGEST.
struct cscan_literal {
  const uint8_t *bytes;
  const uint8_t *mask;
  size_t length;
};

// Makes a set of literals, to be looked for together. Copies them; literals that are alike are found each. NULL where
// there is no memory, or a length is out of bounds. A set does not change: several threads may use one.
struct cscan_literals;
struct cscan_literals *cscan_literals_create(const struct cscan_literal *literals, size_t count);
void cscan_literals_free(struct cscan_literals *set);

// How many places a list must have room for at least, and how many bytes a search needs to write to.
size_t cscan_literals_capacity(const struct cscan_literals *set);
size_t cscan_literals_scratch(const struct cscan_literals *set);

// Where a search for literals goes on. All zeros at first.
struct cscan_literal_cursor {
  size_t position;
  uint8_t stage;
  bool has_begun;
  bool is_done;
};

// Finds every literal of a set that begins in [from, to) of bytes[0 ..< count] and lies in it. Writes at most `capacity` of
// them, in any order, each as offset << 32 | the literal's number, and returns how many. There are more until cursor->is_done;
// the other arguments are to stay the same until then, scratch (aligned to 8 bytes) and what is in it too.
size_t cscan_find_literals(const struct cscan_literals *set, const uint8_t *bytes, size_t count, size_t from, size_t to,
                           struct cscan_literal_cursor *cursor, void *scratch, uint64_t *found, size_t capacity);

// How texts are looked for by cscan_strings, and what is a character of one:
//   ASCII  ' ' ... '~' and tab, a byte each.
//   UTF8   these, and every well-formed character of several bytes but controls, invisible ones and those that turn
//          the direction of text (the ones that EscapedText.swift escapes).
//   UTF16  the characters of ASCII, each followed by a NUL, at even and odd addresses.
enum cscan_encoding { CSCAN_ASCII, CSCAN_UTF8, CSCAN_UTF16 };

// Finds the longest runs of characters in bytes[*from ..< to], with `shortest` of them at least. A run that begins at
// *from or ends at `to` is given even if it is shorter, for it may go on there. Characters may begin before *from or end
// behind `to`: the caller gives CSCAN_STRINGS_MARGIN bytes on both sides wherever the memory goes on.
// Writes at most `capacity` runs in ascending order and returns how many; *from is then the end of the last one, or `to`
// when done. A run of no end is no trouble: nothing is looked at twice. count is below 4 GiB.
enum { CSCAN_STRINGS_MARGIN = 4 };
size_t cscan_strings(const uint8_t *bytes, size_t count, size_t *from, size_t to,
                     enum cscan_encoding encoding, size_t shortest, struct cscan_match *matches,
                     size_t capacity);

// Writes the template of a text, by the rule of TextTemplate.swift, and returns its length, which is `count` at most. *is_only is
// set where the text is its own template, and no other text has that; it may be unset though that is so.
size_t cscan_text_template(const uint8_t *text, size_t count, uint8_t *output, bool *is_only);

// Asks for the bytes at an address to be brought near, without waiting; any address will do.
static inline void cscan_prefetch(const void *address) { __builtin_prefetch(address); }

// Makes bytes of `count` UTF-16LE code units, for the scans above: a unit below 0x80 as it is, and 0x80, which is part of
// no text, for any other.
void cscan_narrow(const uint8_t *units, size_t count, uint8_t *narrow);

#endif
