#include "eventstore/bundle_files.hpp"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <mutex>
#include <string_view>
#include <utility>
#include <zip.h>

namespace factum {
namespace {

struct CloseArchive {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct CloseFile {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};
using Archive = std::unique_ptr<zip_t, CloseArchive>;
using OpenFile = std::unique_ptr<zip_file_t, CloseFile>;

Result<Archive> open_archive(const std::string& path) {
  int why = 0;
  Archive archive(zip_open(path.c_str(), ZIP_RDONLY, &why));
  if (archive) return archive;
  zip_error_t error;
  zip_error_init_with_code(&error, why);
  std::string message = path + ": " + zip_error_strerror(&error);
  zip_error_fini(&error);
  return fail(ErrorCode::io_error, std::move(message));
}

// A little-endian number; what is not there counts as zero.
std::uint64_t number(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = std::min(at + size, bytes.size()); i > at; --i)
    value = (value << 8U) | static_cast<unsigned char>(bytes[i - 1]);
  return value;
}

// Whether a ZIP file begins with the first file of its directory and ends with that directory, as
// APPNOTE.TXT 4.3 lays them out, without a comment. Then every reader finds the same files in it,
// from whichever side it looks; the library would also take an earlier directory than the last.
bool is_plain_zip(const std::string& path) {
  constexpr std::size_t kFileBytes = 46;
  constexpr std::size_t kZip64EndBytes = 56;
  constexpr std::size_t kLocatorBytes = 20;
  constexpr std::size_t kEndBytes = 22;
  std::ifstream file(path, std::ios::binary);
  const auto read = [&](std::size_t size) {
    std::string bytes(size, '\0');
    return file.read(bytes.data(), static_cast<std::streamsize>(size)) ? bytes : std::string();
  };
  file.seekg(-static_cast<std::streamoff>(kLocatorBytes + kEndBytes), std::ios::end);
  const std::string locator = read(kLocatorBytes);
  const std::string end = read(kEndBytes);
  if (!end.starts_with("PK\5\6") || number(end, 20, 2) != 0) return false;
  std::uint64_t directory = number(end, 16, 4);
  if (locator.starts_with("PK\6\7")) {
    file.seekg(static_cast<std::streamoff>(number(locator, 8, 8)));
    directory = number(read(kZip64EndBytes), 48, 8);
  }
  file.seekg(static_cast<std::streamoff>(directory));
  const std::string first = read(kFileBytes);
  return first.starts_with("PK\1\2") && number(first, 42, 4) == 0;
}

// Archives of the library serve one thread at a time, so each reader takes one of its own.
class ZipFiles final : public BundleFiles {
 public:
  ZipFiles(std::string path, Archive first) : path_(std::move(path)) {
    free_.push_back(std::move(first));
  }

  std::string name() const override { return path_; }

  Result<std::vector<std::string>> names() override {
    FACTUM_TRY(Archive archive, take());
    std::vector<std::string> names;
    const zip_int64_t count = zip_get_num_entries(archive.get(), 0);
    for (zip_int64_t i = 0; i < count; ++i) {
      const char* name = zip_get_name(archive.get(), static_cast<zip_uint64_t>(i), ZIP_FL_ENC_RAW);
      if (name == nullptr) return fail(ErrorCode::corrupt, "the ZIP file has a file without name");
      names.emplace_back(name);
    }
    give_back(std::move(archive));
    std::sort(names.begin(), names.end());
    if (std::adjacent_find(names.begin(), names.end()) != names.end())
      return fail(ErrorCode::corrupt, "the ZIP file has two files of one name");
    std::erase_if(names, [](const std::string& name) { return name.ends_with('/'); });
    return names;
  }

  Result<std::optional<std::string>> read(const std::string& path, std::size_t bytes_max) override {
    FACTUM_TRY(Archive archive, take());
    const zip_int64_t index = zip_name_locate(archive.get(), path.c_str(), ZIP_FL_ENC_RAW);
    if (index < 0) {
      give_back(std::move(archive));
      return std::optional<std::string>();
    }
    auto bytes = read_entry(archive.get(), static_cast<zip_uint64_t>(index), path, bytes_max);
    give_back(std::move(archive));
    return bytes;
  }

 private:
  static Result<std::optional<std::string>> read_entry(zip_t* archive, zip_uint64_t index,
                                                       const std::string& path,
                                                       std::size_t bytes_max) {
    const auto damaged = [&](const char* why) {
      return fail(ErrorCode::corrupt, path + " is damaged in the ZIP file: " + why);
    };
    const OpenFile file(zip_fopen_index(archive, index, 0));
    if (!file) return damaged(zip_strerror(archive));
    zip_stat_t stat;
    const bool has_size =
        zip_stat_index(archive, index, 0, &stat) == 0 && (stat.valid & ZIP_STAT_SIZE) != 0;
    std::string bytes;
    std::string piece(std::min<std::size_t>(has_size ? stat.size + 1 : kPieceBytes, kPieceBytes),
                      '\0');
    while (bytes.size() <= bytes_max) {
      const std::size_t wanted = std::min(piece.size(), bytes_max + 1 - bytes.size());
      const zip_int64_t got = zip_fread(file.get(), piece.data(), wanted);
      if (got < 0) return damaged(zip_file_strerror(file.get()));
      if (got == 0) break;
      bytes.append(piece, 0, static_cast<std::size_t>(got));
    }
    return std::optional(std::move(bytes));
  }

  Result<Archive> take() {
    {
      const std::lock_guard lock(mutex_);
      if (!free_.empty()) {
        Archive archive = std::move(free_.back());
        free_.pop_back();
        return archive;
      }
    }
    return open_archive(path_);
  }

  void give_back(Archive archive) {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(archive));
  }

  static constexpr std::size_t kPieceBytes = std::size_t{64} << 10;

  const std::string path_;
  std::mutex mutex_;
  std::vector<Archive> free_;  // guarded by mutex_
};

}  // namespace

Result<std::unique_ptr<BundleFiles>> open_zip_files(const std::string& path) {
  FACTUM_TRY(Archive archive, open_archive(path));
  if (!is_plain_zip(path)) {
    return fail(ErrorCode::io_error,
                path + ": no ZIP file that begins with its first file and ends with its directory");
  }
  auto files = std::make_unique<ZipFiles>(path, std::move(archive));
  FACTUM_CHECK(files->names());
  return std::unique_ptr<BundleFiles>(std::move(files));
}

}  // namespace factum
