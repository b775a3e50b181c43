#include "eventstore/file.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

namespace factum {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPieceBytes = std::size_t{64} << 10;

Result<fs::file_type> type_of(const std::string& path) {
  std::error_code failed;
  const fs::file_type type = fs::status(path, failed).type();
  if (type == fs::file_type::not_found || !failed) return type;
  return fail(ErrorCode::io_error, path + " cannot be looked at: " + failed.message());
}

Result<std::string> read_start(const std::string& path, std::size_t bytes_max) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes;
  std::string piece(std::min(kPieceBytes, bytes_max + 1), '\0');
  while (file && bytes.size() <= bytes_max) {
    const std::size_t wanted = std::min(piece.size(), bytes_max + 1 - bytes.size());
    file.read(piece.data(), static_cast<std::streamsize>(wanted));
    bytes.append(piece, 0, static_cast<std::size_t>(file.gcount()));
  }
  if (file.bad() || (!file && !file.eof())) return fail(ErrorCode::io_error, "cannot read " + path);
  return bytes;
}

}  // namespace

Result<std::optional<std::string>> read_file(const std::string& path, std::size_t bytes_max) {
  FACTUM_TRY(const fs::file_type type, type_of(path));
  if (type != fs::file_type::regular) return std::optional<std::string>();
  FACTUM_TRY(std::string bytes, read_start(path, bytes_max));
  return std::optional(std::move(bytes));
}

Result<std::string> read_whole_file(const std::string& path, std::size_t bytes_max) {
  FACTUM_TRY(const fs::file_type type, type_of(path));
  if (type == fs::file_type::not_found)
    return fail(ErrorCode::not_found, "there is no file " + path);
  // A folder or a pipe would fail late or never.
  if (type != fs::file_type::regular)
    return fail(ErrorCode::invalid_argument, path + " is not a file");
  FACTUM_TRY(std::string bytes, read_start(path, bytes_max));
  if (bytes.size() <= bytes_max) return bytes;
  return fail(ErrorCode::limit_exceeded,
              path + " has more than " + std::to_string(bytes_max) + " bytes");
}

Result<bool> file_exists(const std::string& path) {
  FACTUM_TRY(const fs::file_type type, type_of(path));
  return type != fs::file_type::not_found;
}

Result<bool> is_folder(const std::string& path) {
  FACTUM_TRY(const fs::file_type type, type_of(path));
  return type == fs::file_type::directory;
}

}  // namespace factum
