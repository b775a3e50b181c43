// Assertions about our own code that stay on in release builds; no user input can reach them.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace factum {
[[noreturn]] inline void contract_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "factum: bug: %s does not hold at %s:%d\n", condition, file, line);
  std::abort();
}
}  // namespace factum

#define FACTUM_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ::factum::contract_failed(#condition, __FILE__, __LINE__))
