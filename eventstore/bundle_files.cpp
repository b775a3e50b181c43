#include "eventstore/bundle_files.hpp"

#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

namespace factum {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPieceBytes = std::size_t{64} << 10;

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

Result<std::optional<std::string>> read_file(const std::string& path, std::size_t bytes_max) {
  std::error_code failed;
  if (!fs::is_regular_file(path, failed)) return std::optional<std::string>();
  std::ifstream file(path, std::ios::binary);
  std::string bytes;
  std::string piece(kPieceBytes, '\0');
  while (file && bytes.size() <= bytes_max) {
    const std::size_t wanted = std::min(piece.size(), bytes_max + 1 - bytes.size());
    file.read(piece.data(), static_cast<std::streamsize>(wanted));
    bytes.append(piece, 0, static_cast<std::size_t>(file.gcount()));
  }
  if (file.bad() || (!file && !file.eof())) return fail(ErrorCode::io_error, "cannot read " + path);
  return std::optional(std::move(bytes));
}

std::unique_ptr<BundleFiles> open_folder_files(std::string folder) {
  return std::make_unique<FolderFiles>(std::move(folder));
}

}  // namespace factum
