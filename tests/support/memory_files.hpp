// The files of a bundle, in memory.
#pragma once

#include "eventstore/bundle_files.hpp"

#include <map>
#include <utility>

namespace factum::test {

using FileMap = std::map<std::string, std::string>;

class MemoryFiles final : public BundleFiles {
 public:
  explicit MemoryFiles(FileMap files) : files_(std::move(files)) {}

  std::string name() const override { return "memory"; }
  Result<std::vector<std::string>> names() override {
    std::vector<std::string> names;
    for (const auto& [path, bytes] : files_) names.push_back(path);
    return names;
  }
  Result<std::optional<std::string>> read(const std::string& path, std::size_t bytes_max) override {
    const auto found = files_.find(path);
    if (found == files_.end()) return std::optional<std::string>();
    return std::optional(found->second.substr(0, bytes_max + 1));
  }

 private:
  const FileMap files_;
};

}  // namespace factum::test
