#include "eventstore/backup_folder.hpp"

#include "core/es/extension_types.hpp"
#include "core/es/json_reader.hpp"
#include "core/es/json_writer.hpp"
#include "eventstore/key_files.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace factum {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFormat = "factum-backup-1";
constexpr std::size_t kIdDigits = 6;
constexpr std::uintmax_t kManifestBytesMax = std::uintmax_t{8} << 20;

struct Manifest {
  std::string format;
  LogBackup backup;

  static void describe(FieldVisitor& v, Manifest& m) {
    v.shown("format", m.format, "Version of this form");
    LogBackup::describe(v, m.backup);
  }
};

Result<std::string> read_file(const fs::path& path, std::uintmax_t bytes_max) {
  std::error_code failed;
  const auto bytes = fs::file_size(path, failed);
  if (!failed && bytes > bytes_max)
    return fail(ErrorCode::limit_exceeded, path.string() + " is too large");
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (failed || !file) return fail(ErrorCode::io_error, "cannot read " + path.string());
  return text;
}

Result<LogBackup> read_manifest(const fs::path& path) {
  FACTUM_TRY(const std::string text, read_file(path, kManifestBytesMax));
  const auto manifest = from_json<Manifest>(text, {.stored = true});
  if (!manifest)
    return fail(ErrorCode::corrupt, "the manifest " + path.string() + " does not read");
  if (manifest->format != kFormat) {
    return fail(ErrorCode::unsupported_format,
                "the backup of " + path.string() + " was made by another version of factum");
  }
  return manifest->backup;
}

}  // namespace

// RocksDB finds the files of a backup by absolute paths only.
BackupFolder::BackupFolder(const std::string& directory)
    : directory_(fs::absolute(directory).lexically_normal().string()) {}

Status BackupFolder::make() const {
  std::error_code failed;
  const bool fresh = fs::create_directories(directory_, failed);
  if (!failed && fresh) fs::permissions(directory_, fs::perms::owner_all, failed);
  if (!failed) fs::create_directories(fs::path(directory_) / "manifests", failed);
  if (!failed) return {};
  return fail(ErrorCode::io_error,
              "the folder of backups " + directory_ + " cannot be made: " + failed.message());
}

Result<std::vector<LogBackup>> BackupFolder::list() const {
  std::vector<LogBackup> backups;
  const fs::path folder = fs::path(directory_) / "manifests";
  std::error_code failed;
  if (!fs::exists(folder, failed)) return backups;
  for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    if (entry->path().extension() != ".json") continue;
    FACTUM_TRY(LogBackup backup, read_manifest(entry->path()));
    backups.push_back(std::move(backup));
  }
  if (failed) return fail(ErrorCode::io_error, "cannot list the folder " + folder.string());
  std::sort(backups.begin(), backups.end(),
            [](const LogBackup& a, const LogBackup& b) { return a.id < b.id; });
  return backups;
}

Result<LogBackup> BackupFolder::find(std::uint32_t id) const {
  FACTUM_TRY(const auto backups, list());
  if (backups.empty())
    return fail(ErrorCode::not_found, "there is no finished backup in " + directory_);
  if (id == 0) return backups.back();
  const auto found = std::find_if(backups.begin(), backups.end(),
                                  [&](const LogBackup& backup) { return backup.id == id; });
  if (found != backups.end()) return *found;
  std::string numbers;
  for (const LogBackup& backup : backups) numbers += " " + std::to_string(backup.id);
  return fail(ErrorCode::not_found, "there is no backup " + std::to_string(id) + " in " +
                                        directory_ + "; there are:" + numbers);
}

Status BackupFolder::write_manifest(const LogBackup& backup) const {
  return write_private_file(manifest_path(backup.id),
                            to_json(Manifest{std::string(kFormat), backup}) + "\n");
}

Status BackupFolder::remove_manifest(std::int64_t id) const {
  std::error_code failed;
  fs::remove(manifest_path(id), failed);
  if (failed) return fail(ErrorCode::io_error, "cannot remove " + manifest_path(id));
  return sync_folder((fs::path(directory_) / "manifests").string());
}

std::int64_t BackupFolder::bytes() const {
  std::uintmax_t bytes = 0;
  std::error_code failed;
  for (fs::recursive_directory_iterator entry(directory_, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    std::error_code gone;
    const auto size = entry->is_regular_file(gone) ? entry->file_size(gone) : 0;
    if (!gone) bytes += size;
  }
  return static_cast<std::int64_t>(bytes);
}

std::string BackupFolder::manifest_path(std::int64_t id) const {
  std::string number = std::to_string(id);
  if (number.size() < kIdDigits) number.insert(0, kIdDigits - number.size(), '0');
  return (fs::path(directory_) / "manifests" / (number + ".json")).string();
}

Result<std::optional<std::string>> read_event_types(const std::string& data_directory) {
  const fs::path path = fs::path(data_directory) / kExtensionFile;
  std::error_code failed;
  if (!fs::exists(path, failed)) return std::optional<std::string>();
  FACTUM_TRY(std::string text, read_file(path, LogBackup::kDefinitionBytesMax));
  return std::optional<std::string>(std::move(text));
}

}  // namespace factum
