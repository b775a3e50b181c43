// Event types by number: the tag index names a type by two bytes.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace factum {

/// Codes are 1, 2, 3 … in the order of first appearance; 0 is no code. Thread rule: safe from any
/// thread; only the sequencer adds.
class TypeDictionary {
 public:
  static constexpr std::size_t kTypesMax = 65'535;

  void reset(const std::vector<std::string>& types) {
    const std::unique_lock lock(mutex_);
    codes_.clear();
    for (const std::string& type : types)
      codes_.emplace(type, static_cast<std::uint16_t>(codes_.size() + 1));
  }

  std::optional<std::uint16_t> find(const std::string& type) const {
    const std::shared_lock lock(mutex_);
    const auto found = codes_.find(type);
    return found == codes_.end() ? std::nullopt : std::optional(found->second);
  }

  /// A code for a new type; absent when there are too many.
  std::optional<std::uint16_t> add(const std::string& type) {
    const std::unique_lock lock(mutex_);
    if (codes_.size() >= kTypesMax) return std::nullopt;
    const auto code = static_cast<std::uint16_t>(codes_.size() + 1);
    codes_.emplace(type, code);
    return code;
  }

 private:
  mutable std::shared_mutex mutex_;
  std::unordered_map<std::string, std::uint16_t> codes_;  // guarded by mutex_
};

}  // namespace factum
