#include "eventstore/backup_folder.hpp"

#include "core/es/extension_types.hpp"
#include "core/es/json_reader.hpp"
#include "core/es/json_writer.hpp"
#include "eventstore/file.hpp"
#include "eventstore/key_files.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <system_error>

namespace factum {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFormat = "factum-backup-1";
constexpr std::size_t kIdDigits = 6;
constexpr std::size_t kLineBytesMax = 100;
constexpr std::size_t kManifestBytesMax = std::size_t{8} << 20;

struct Manifest {
  std::string format;
  LogBackup backup;

  static void describe(FieldVisitor& v, Manifest& m) {
    v.shown("format", m.format, "Version of this form");
    LogBackup::describe(v, m.backup);
  }
};

Result<LogBackup> read_manifest(const fs::path& path) {
  FACTUM_TRY(const std::string text, read_whole_file(path.string(), kManifestBytesMax));
  const auto manifest = from_json<Manifest>(text, {.stored = true});
  if (!manifest)
    return fail(ErrorCode::corrupt, "the manifest " + path.string() + " does not read");
  if (manifest->format != kFormat) {
    return fail(ErrorCode::unsupported_format,
                "the backup of " + path.string() + " was made by another version of factum");
  }
  return manifest->backup;
}

// As it stands where there is no present folder.
fs::path absolute(const std::string& path) {
  std::error_code failed;
  fs::path whole = fs::absolute(path, failed);
  return failed ? fs::path(path) : whole;
}

std::optional<std::int64_t> number_in(std::string_view text) {
  std::int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || number < 0)
    return std::nullopt;
  return number;
}

// Absent = there is no such file.
Result<std::optional<std::string>> read_if_there(const std::string& path, std::size_t bytes_max) {
  auto text = read_whole_file(path, bytes_max);
  if (!text && text.error().code == ErrorCode::not_found) return std::optional<std::string>();
  if (!text) return fail(std::move(text).error());
  return std::optional<std::string>(std::move(*text));
}

// The only line of a small file; absent = there is no such file.
Result<std::optional<std::string>> read_line(const std::string& path) {
  FACTUM_TRY(auto text, read_if_there(path, kLineBytesMax));
  if (text && text->ends_with('\n')) text->pop_back();
  return text;
}

}  // namespace

// RocksDB finds the files of a backup by absolute paths only.
BackupFolder::BackupFolder(const std::string& directory)
    : directory_(absolute(directory).lexically_normal().string()) {}

Status BackupFolder::make() const {
  std::error_code failed;
  const bool fresh = fs::create_directories(directory_, failed);
  if (!failed && fresh) fs::permissions(directory_, fs::perms::owner_all, failed);
  if (!failed) fs::create_directories(fs::path(directory_) / "manifests", failed);
  if (!failed) return {};
  return fail(ErrorCode::io_error,
              "the folder of backups " + directory_ + " cannot be made: " + failed.message());
}

Result<std::vector<LogBackup>> BackupFolder::list(std::size_t count_max) const {
  FACTUM_TRY(auto ids, ids_of(".json"));
  std::sort(ids.begin(), ids.end());
  const std::size_t left_out = ids.size() > count_max ? ids.size() - count_max : 0;
  std::vector<LogBackup> backups;
  for (std::size_t i = left_out; i < ids.size(); ++i) {
    FACTUM_TRY(LogBackup backup, read_manifest(manifest_path(ids[i])));
    if (backup.id != ids[i]) {
      return fail(ErrorCode::corrupt,
                  "the manifest " + manifest_path(ids[i]) + " is that of another backup");
    }
    backups.push_back(std::move(backup));
  }
  return backups;
}

// Only a folder that is not there is empty: one that cannot be read may hold backups.
Result<std::vector<std::int64_t>> BackupFolder::ids_of(std::string_view extension) const {
  std::vector<std::int64_t> ids;
  const fs::path folder = fs::path(directory_) / "manifests";
  std::error_code failed;
  for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    if (entry->path().extension() != extension) continue;
    const auto id = number_in(entry->path().stem().string());
    if (!id) {
      return fail(ErrorCode::corrupt,
                  "the name of " + entry->path().string() + " is not the number of a backup");
    }
    ids.push_back(*id);
  }
  if (!failed || failed == std::errc::no_such_file_or_directory) return ids;
  return fail(ErrorCode::io_error,
              "cannot list the folder " + folder.string() + ": " + failed.message());
}

Status BackupFolder::check_is_of(const Uuid& log_id, const std::vector<LogBackup>& finished) const {
  FACTUM_TRY(const auto mine, this->log_id());
  const bool other = (mine && *mine != log_id) ||
                     std::any_of(finished.begin(), finished.end(),
                                 [&](const LogBackup& backup) { return backup.log_id != log_id; });
  if (!other) return {};
  return fail(ErrorCode::invalid_argument,
              "the folder " + directory_ +
                  " holds backups of another log; choose another folder with --backups");
}

Status BackupFolder::claim(const Uuid& log_id) const {
  FACTUM_TRY(const auto mine, this->log_id());
  if (mine) return {};
  return write_private_file(directory_ + "/log_id", log_id.to_string() + "\n");
}

Result<std::optional<Uuid>> BackupFolder::log_id() const {
  FACTUM_TRY(const auto line, read_line(directory_ + "/log_id"));
  if (!line) return std::optional<Uuid>();
  const auto id = Uuid::parse(*line);
  if (!id) return fail(ErrorCode::corrupt, "the file " + directory_ + "/log_id does not read");
  return std::optional<Uuid>(*id);
}

Status BackupFolder::begin(std::int64_t newest) const {
  return write_private_file(directory_ + "/unfinished", std::to_string(newest) + "\n");
}

Status BackupFolder::end() const {
  std::error_code failed;
  fs::remove(directory_ + "/unfinished", failed);
  if (failed) return fail(ErrorCode::io_error, "cannot remove " + directory_ + "/unfinished");
  return sync_folder(directory_);
}

Result<std::optional<std::int64_t>> BackupFolder::begun() const {
  FACTUM_TRY(const auto line, read_line(directory_ + "/unfinished"));
  if (!line) return std::optional<std::int64_t>();
  const auto id = number_in(*line);
  if (!id) return fail(ErrorCode::corrupt, "the file " + directory_ + "/unfinished does not read");
  return id;
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

Status BackupFolder::withdraw(std::int64_t id) const {
  std::error_code failed;
  fs::rename(manifest_path(id), manifest_path(id, ".dropped"), failed);
  if (failed) return fail(ErrorCode::io_error, "cannot rename " + manifest_path(id));
  return sync_folder((fs::path(directory_) / "manifests").string());
}

Status BackupFolder::forget(std::int64_t id) const {
  std::error_code failed;
  fs::remove(manifest_path(id, ".dropped"), failed);
  if (failed) return fail(ErrorCode::io_error, "cannot remove " + manifest_path(id, ".dropped"));
  return sync_folder((fs::path(directory_) / "manifests").string());
}

Result<std::vector<std::int64_t>> BackupFolder::withdrawn() const { return ids_of(".dropped"); }

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

std::string BackupFolder::manifest_path(std::int64_t id, std::string_view extension) const {
  std::string number = std::to_string(id);
  if (number.size() < kIdDigits) number.insert(0, kIdDigits - number.size(), '0');
  return (fs::path(directory_) / "manifests" / number.append(extension)).string();
}

Result<std::optional<std::string>> read_event_types(const std::string& data_directory) {
  return read_if_there((fs::path(data_directory) / kExtensionFile).string(),
                       LogBackup::kDefinitionBytesMax);
}

}  // namespace factum
