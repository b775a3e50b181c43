// The manifest of an offline bundle.
#pragma once

#include "core/base/result.hpp"
#include "core/es/event_store.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace factum {

inline constexpr const char* kManifestPath = "manifest.json";
inline constexpr std::string_view kBundleFormat = "factum-bundle-1";
/// No reader takes a longer one, and no writer makes it.
inline constexpr std::size_t kManifestBytesMax = std::size_t{1} << 27;

/// What manifest.json says.
struct Manifest {
  struct File {
    Digest hash{};
    bool was_read = false;
  };
  std::string format;
  std::string origin;
  std::string vkey;
  std::uint64_t size = 0;
  std::map<std::string, File> files;
};

/// Reads a manifest strictly: no name twice, paths that stay in the bundle, hashes in hex. Members
/// of other names are left aside. Errors: corrupt. O(bytes · log files).
Result<Manifest> parse_manifest(std::string_view json);

}  // namespace factum
