#include "eventstore/backup_metas.hpp"

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <system_error>

namespace factum {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMetaBytesMax = std::uintmax_t{64} << 20;

using Checksums = std::map<std::string, std::string>;

// Lines of another form are the engine's to judge.
Status take_meta(const fs::path& path, Checksums& known) {
  std::error_code failed;
  if (fs::file_size(path, failed) > kMetaBytesMax || failed)
    return fail(ErrorCode::corrupt, path.string() + " does not list the files of a backup");
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name;
    std::string kind;
    std::string checksum;
    if (!(words >> name >> kind >> checksum) || kind != "crc32") continue;
    const auto [same, is_new] = known.emplace(name, checksum);
    if (!is_new && same->second != checksum) {
      return fail(ErrorCode::corrupt, path.string() + " gives another checksum of " + name +
                                          " than the backups before it: one of them is damaged; "
                                          "begin a new folder of backups");
    }
  }
  if (file.bad()) return fail(ErrorCode::io_error, path.string() + " cannot be read");
  return {};
}

}  // namespace

Status check_backup_metas(const std::string& engine_folder) {
  std::error_code failed;
  fs::directory_iterator files(fs::path(engine_folder) / "meta", failed);
  if (failed == std::errc::no_such_file_or_directory) return {};
  Checksums known;
  for (; !failed && files != fs::directory_iterator(); files.increment(failed)) {
    if (files->path().extension() == ".tmp") continue;
    FACTUM_CHECK(take_meta(files->path(), known));
  }
  if (failed) return fail(ErrorCode::io_error, engine_folder + "/meta cannot be listed");
  return {};
}

}  // namespace factum
