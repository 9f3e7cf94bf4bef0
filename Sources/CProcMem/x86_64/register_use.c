#if defined(__x86_64__)

#define _GNU_SOURCE
#include "register_use.h"

#include <stddef.h>
#include <sys/uio.h>

enum {
  R10 = 10,
  INSTRUCTION_LIMIT = 15, // bytes
  STEP_LIMIT = 128,
  BRANCH_LIMIT = 16,
  WINDOW_SIZE = 512,
};

struct code {
  pid_t pid;
  uint64_t start, size; // of what is in the window
  uint8_t window[WINDOW_SIZE];
};

// The bytes at an address, or NULL where not all that an instruction may have can be read.
static const uint8_t *bytes_at(struct code *code, uint64_t address) {
  if (address < code->start || address + INSTRUCTION_LIMIT > code->start + code->size) {
    struct iovec local = {code->window, sizeof code->window}, remote = {(void *)address, sizeof code->window};
    ssize_t size = process_vm_readv(code->pid, &local, 1, &remote, 1, 0);
    code->start = address;
    code->size = size > 0 ? (uint64_t)size : 0;
  }
  return code->size >= INSTRUCTION_LIMIT ? code->window + (address - code->start) : NULL;
}

enum effect {
  GOES_ON, // and does not touch r10
  IS_DEAD, // a return, a call, or a new value
  JUMPS,
  BRANCHES,
  IS_UNKNOWN, // or reads r10
};

struct instruction {
  enum effect effect;
  uint32_t size;
  int64_t distance; // of a jump, from its end
};

struct operands {
  uint32_t size; // of the ModRM byte and what belongs to it
  int reg, rm;   // rm: -1 in memory
  bool reads_r10;  // for an address
};

static struct operands parse_operands(const uint8_t *bytes, unsigned rex) {
  const unsigned mode = bytes[0] >> 6, low = bytes[0] & 7;
  struct operands operands = {.size = 1, .reg = (bytes[0] >> 3 & 7) | (rex & 4) << 1, .rm = -1};
  if (mode == 3) {
    operands.rm = (int)(low | (rex & 1) << 3);
    return operands;
  }
  unsigned base = low;
  if (low == 4) {
    const unsigned index = (bytes[1] >> 3 & 7) | (rex & 2) << 2;
    base = bytes[1] & 7;
    operands.size = 2;
    operands.reads_r10 = index == R10;
  }
  const bool has_base = !(base == 5 && mode == 0);
  operands.reads_r10 = operands.reads_r10 || (has_base && (base | (rex & 1) << 3) == R10);
  operands.size += mode == 1 ? 1 : mode == 2 || !has_base ? 4 : 0;
  return operands;
}

static int64_t near_distance(const uint8_t *bytes) {
  return (int32_t)(bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (uint32_t)bytes[3] << 24);
}

// What has a ModRM byte: where `writes_reg`, its register operand is only written.
static struct instruction with_operands(const uint8_t *bytes, uint32_t size, unsigned rex, bool writes_reg,
                                        bool has_reg, uint32_t immediate) {
  const struct operands operands = parse_operands(bytes + size, rex);
  struct instruction result = {.effect = GOES_ON, .size = size + operands.size + immediate};
  if (operands.reads_r10 || operands.rm == R10) result.effect = IS_UNKNOWN;
  else if (has_reg && operands.reg == R10) result.effect = writes_reg ? IS_DEAD : IS_UNKNOWN;
  return result;
}

static struct instruction parse_two_bytes(const uint8_t *bytes, uint32_t size, unsigned rex) {
  const uint8_t code = bytes[size];
  if (code >= 0x80 && code <= 0x8f) {
    return (struct instruction){.effect = BRANCHES, .size = size + 5, .distance = near_distance(bytes + size + 1)};
  }
  if (code == 0x1f) return with_operands(bytes, size + 1, rex, false, false, 0); // nop
  if (code == 0xb6 || code == 0xb7 || code == 0xbe || code == 0xbf) { // movzx, movsx
    return with_operands(bytes, size + 1, rex, true, true, 0);
  }
  if (code >= 0x40 && code <= 0x4f) return with_operands(bytes, size + 1, rex, false, true, 0);  // cmovcc
  if (code >= 0x90 && code <= 0x9f) return with_operands(bytes, size + 1, rex, false, false, 0); // setcc
  return (struct instruction){.effect = IS_UNKNOWN};
}

static struct instruction parse_one_byte(const uint8_t *bytes, uint32_t size, unsigned rex, bool is_short) {
  const uint8_t code = bytes[size];
  const uint32_t immediate = is_short ? 2 : 4;
  const struct instruction plain = {.effect = GOES_ON, .size = size + 1}, unknown = {.effect = IS_UNKNOWN};
  if (code < 0x40 && (code & 7) < 4) return with_operands(bytes, size + 1, rex, false, true, 0); // add … cmp
  if (code < 0x40 && (code & 7) == 4) return (struct instruction){.effect = GOES_ON, .size = size + 2};
  if (code < 0x40 && (code & 7) == 5) return (struct instruction){.effect = GOES_ON, .size = size + 1 + immediate};
  if (code >= 0x50 && code <= 0x5f) { // push, pop
    const bool is_r10 = (rex & 1) != 0 && (code & 7) == (R10 & 7);
    if (is_r10) return (struct instruction){.effect = code >= 0x58 ? IS_DEAD : IS_UNKNOWN, .size = size + 1};
    return plain;
  }
  if (code >= 0x70 && code <= 0x7f) {
    return (struct instruction){.effect = BRANCHES, .size = size + 2, .distance = (int8_t)bytes[size + 1]};
  }
  if (code >= 0xb8 && code <= 0xbf) { // mov
    const bool is_r10 = (rex & 1) != 0 && (code & 7) == (R10 & 7);
    const uint32_t whole = (rex & 8) != 0 ? 8 : immediate;
    return (struct instruction){.effect = is_r10 ? IS_DEAD : GOES_ON, .size = size + 1 + whole};
  }
  switch (code) {
  case 0x63: // movsxd
  case 0x8b: // mov
  case 0x8d: // lea
    return with_operands(bytes, size + 1, rex, true, true, 0);
  case 0x84: case 0x85: // test
  case 0x86: case 0x87: // xchg
  case 0x88: case 0x89: case 0x8a: // mov
    return with_operands(bytes, size + 1, rex, false, true, 0);
  case 0x80: case 0x83: // add … cmp
  case 0xc0: case 0xc1: // shifts
  case 0xc6: // mov
    return with_operands(bytes, size + 1, rex, false, false, 1);
  case 0x81: case 0xc7: return with_operands(bytes, size + 1, rex, false, false, immediate);
  case 0xd1: case 0xd3: return with_operands(bytes, size + 1, rex, false, false, 0);
  case 0xf7: { // test, not, neg, mul …
    const bool is_test = (bytes[size + 1] >> 3 & 6) == 0;
    return with_operands(bytes, size + 1, rex, false, false, is_test ? immediate : 0);
  }
  case 0x90: case 0x98: case 0x99: // nop, cdqe, cqo
  case 0xc9: // leave
    return plain;
  case 0xc2: case 0xc3: case 0xe8: return (struct instruction){.effect = IS_DEAD, .size = size + 1}; // ret, call
  case 0xe9:
    return (struct instruction){.effect = JUMPS, .size = size + 5, .distance = near_distance(bytes + size + 1)};
  case 0xeb: return (struct instruction){.effect = JUMPS, .size = size + 2, .distance = (int8_t)bytes[size + 1]};
  case 0xff: { // call and others
    const bool is_call = (bytes[size + 1] >> 3 & 7) == 2;
    struct instruction result = with_operands(bytes, size + 1, rex, false, false, 0);
    if (!is_call) return unknown;
    if (result.effect == GOES_ON) result.effect = IS_DEAD;
    return result;
  }
  default: return unknown;
  }
}

static struct instruction parse(const uint8_t *bytes) {
  static const uint8_t mark[] = {0xf3, 0x0f, 0x1e, 0xfa}; // endbr64
  uint32_t size = 0;
  while (size < sizeof mark && bytes[size] == mark[size]) size++;
  if (size == sizeof mark) return (struct instruction){.effect = GOES_ON, .size = size};
  bool is_short = false;
  for (size = 0; size < 4 && (bytes[size] == 0x64 || bytes[size] == 0x66 || bytes[size] == 0x2e); size++) {
    is_short = is_short || bytes[size] == 0x66;
  }
  const unsigned rex = (bytes[size] & 0xf0) == 0x40 ? bytes[size++] : 0;
  if (bytes[size] == 0x0f) return parse_two_bytes(bytes, size + 1, rex);
  return parse_one_byte(bytes, size, rex, is_short);
}

bool cprocmem_r10_is_dead(pid_t pid, uint64_t address) {
  struct code code = {.pid = pid};
  uint64_t branches[BRANCH_LIMIT] = {address};
  size_t count = 1, next = 0;
  int steps = 0;
  // Each way is followed to its end. A way that comes back to one that was followed goes round until the limit is met.
  while (next < count) {
    for (uint64_t place = branches[next++];;) {
      const uint8_t *bytes = ++steps <= STEP_LIMIT ? bytes_at(&code, place) : NULL;
      if (bytes == NULL) return false;
      const struct instruction instruction = parse(bytes);
      if (instruction.effect == IS_UNKNOWN) return false;
      if (instruction.effect == IS_DEAD) break;
      place += instruction.size;
      if (instruction.effect == JUMPS) place += (uint64_t)instruction.distance;
      if (instruction.effect != BRANCHES) continue;
      if (count == BRANCH_LIMIT) return false;
      branches[count++] = place + (uint64_t)instruction.distance;
    }
  }
  return true;
}

#endif
