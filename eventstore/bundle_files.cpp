#include "eventstore/bundle_files.hpp"

#include "eventstore/file.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

namespace factum {
namespace {

namespace fs = std::filesystem;

class FolderFiles final : public BundleFiles {
 public:
  explicit FolderFiles(std::string folder) : folder_(std::move(folder)) {}

  std::string name() const override { return folder_; }

  Result<std::vector<std::string>> names() override {
    std::vector<std::string> names;
    std::error_code failed;
    fs::recursive_directory_iterator at(folder_, failed);
    for (const fs::recursive_directory_iterator end; !failed && at != end; at.increment(failed)) {
      if (!at->is_directory(failed)) names.push_back(at->path().lexically_relative(folder_));
    }
    if (failed) return fail(ErrorCode::io_error, folder_ + ": " + failed.message());
    return names;
  }

  Result<std::optional<std::string>> read(const std::string& path, std::size_t bytes_max) override {
    return read_file(folder_ + "/" + path, bytes_max);
  }

 private:
  const std::string folder_;
};

}  // namespace

std::unique_ptr<BundleFiles> open_folder_files(std::string folder) {
  return std::make_unique<FolderFiles>(std::move(folder));
}

}  // namespace factum
