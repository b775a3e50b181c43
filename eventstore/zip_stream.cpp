#include "eventstore/zip_stream.hpp"

#include "core/base/contract.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <utility>

namespace factum {
namespace {

struct FreeArchive {
  void operator()(archive* zip) const { archive_write_free(zip); }
};
struct FreeEntry {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};

la_ssize_t take_bytes(archive* /*zip*/, void* target, const void* bytes, std::size_t count) {
  static_cast<std::string*>(target)->append(static_cast<const char*>(bytes), count);
  return static_cast<la_ssize_t>(count);
}

tl::unexpected<Error> io(archive* zip) {
  const char* why = archive_error_string(zip);
  return fail(ErrorCode::io_error,
              "the ZIP file cannot be written: " + std::string(why == nullptr ? "" : why));
}

}  // namespace

struct ZipStream::Archive {
  std::unique_ptr<archive, FreeArchive> zip;
};

ZipStream::ZipStream() : archive_(std::make_unique<Archive>()) {
  archive* const zip = archive_write_new();
  archive_->zip.reset(zip);
  FACTUM_ASSERT(archive_write_set_format_zip(zip) == ARCHIVE_OK);
  FACTUM_ASSERT(archive_write_set_options(zip, "zip:compression=store") == ARCHIVE_OK);
  FACTUM_ASSERT(archive_write_set_bytes_in_last_block(zip, 1) == ARCHIVE_OK);
  FACTUM_ASSERT(archive_write_open(zip, &bytes_, nullptr, &take_bytes, nullptr) == ARCHIVE_OK);
}
ZipStream::~ZipStream() = default;

Status ZipStream::add(const std::string& path, std::string_view bytes) {
  archive* const zip = archive_->zip.get();
  const std::unique_ptr<archive_entry, FreeEntry> entry(archive_entry_new());
  archive_entry_set_pathname_utf8(entry.get(), path.c_str());
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0644);
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(bytes.size()));
  if (archive_write_header(zip, entry.get()) != ARCHIVE_OK) return io(zip);
  while (!bytes.empty()) {
    const la_ssize_t written = archive_write_data(zip, bytes.data(), bytes.size());
    if (written <= 0) return io(zip);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return archive_write_finish_entry(zip) == ARCHIVE_OK ? Status{} : io(zip);
}

Status ZipStream::finish() {
  archive* const zip = archive_->zip.get();
  return archive_write_close(zip) == ARCHIVE_OK ? Status{} : io(zip);
}

std::string ZipStream::take() { return std::exchange(bytes_, {}); }

}  // namespace factum
