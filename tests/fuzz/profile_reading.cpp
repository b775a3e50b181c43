// Any text is an import profile or a clear error.
#include "api/import/profile.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace factum;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto profile = importing::parse_profile(fuzz::Input(data, size).rest());
  if (!profile) {
    fuzz::promise(!profile.error().message.empty());
    return 0;
  }
  for (const auto& fact : profile->facts) fuzz::promise(!fact.kind.empty());
  return 0;
}
