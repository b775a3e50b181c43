// What the parts of the keystore share: names of files, and what is said when it has failed.
#pragma once

#include "eventstore/keystore.hpp"

#include <filesystem>
#include <string>

namespace factum {

inline constexpr std::uint32_t kNoKeySlot = UINT32_MAX;
inline constexpr const char* kKeyTree = "tree.keys";
inline constexpr const char* kNextKeyTree = "tree.next";

inline std::string key_path(const KeystoreOptions& options, const char* name) {
  return (std::filesystem::path(options.directory) / name).string();
}

inline tl::unexpected<Error> keystore_failed() {
  return fail(ErrorCode::unavailable,
              "the keystore failed to write a key; start again once the disk is sound");
}

}  // namespace factum
