#include "eventstore/bundle_export.hpp"

#include "core/base/file.hpp"
#include "eventstore/zip_stream.hpp"

#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

namespace factum {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPieceBytes = std::size_t{256} << 10;

tl::unexpected<Error> unwritable(const std::string& path) {
  return fail(ErrorCode::io_error, "cannot write " + path);
}

// The ZIP file while it is made.
struct ZipExport {
  ZipExport(std::shared_ptr<LogSource> from, BundleContent content)
      : source(std::move(from)), writer(*source, std::move(content)) {}

  Result<std::optional<std::string>> next() {
    std::string piece = zip.take();
    while (!finished && piece.size() < kPieceBytes) {
      FACTUM_TRY(const auto file, writer.next());
      finished = !file;
      FACTUM_CHECK(file ? zip.add(file->path, file->bytes) : zip.finish());
      piece += zip.take();
    }
    if (piece.empty()) return std::optional<std::string>();
    return std::optional(std::move(piece));
  }

  std::shared_ptr<LogSource> source;
  BundleWriter writer;
  ZipStream zip;
  bool finished = false;
};

Status check_stop(const ExportControl& control) {
  if (control.stop != nullptr && *control.stop) return fail(ErrorCode::unavailable, "interrupted");
  return {};
}

void tell(const BundleWriter& writer, const ExportControl& control) {
  if (control.on_progress) control.on_progress(writer.events_done(), writer.events_total());
}

// Whoever sees a file sees all of it: a kept one is never half.
Status write_file(const fs::path& path, std::string_view bytes) {
  std::error_code failed;
  fs::create_directories(path.parent_path(), failed);
  const fs::path fresh = path.string() + ".new";
  std::ofstream file(fresh, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) return unwritable(fresh.string());
  fs::rename(fresh, path, failed);
  return failed ? unwritable(path.string()) : Status{};
}

Result<std::uint64_t> write_folder(LogSource& source, BundleContent content, const std::string& out,
                                   const ExportControl& control) {
  content.kept = [&](const std::string& path) {
    return read_file(out + "/" + path, SourceLimits::kFileBytesMax);
  };
  BundleWriter writer(source, std::move(content));
  while (true) {
    FACTUM_CHECK(check_stop(control));
    FACTUM_TRY(const auto file, writer.next());
    if (!file) return writer.events_total();
    FACTUM_CHECK(write_file(fs::path(out) / file->path, file->bytes));
    tell(writer, control);
  }
}

Result<std::uint64_t> write_zip(ZipExport& zip, std::ofstream& file, const std::string& path,
                                const ExportControl& control) {
  while (true) {
    FACTUM_CHECK(check_stop(control));
    FACTUM_TRY(const auto piece, zip.next());
    if (!piece) break;
    file.write(piece->data(), static_cast<std::streamsize>(piece->size()));
    if (!file) return unwritable(path);
    tell(zip.writer, control);
  }
  file.close();
  if (!file) return unwritable(path);
  return zip.writer.events_total();
}

}  // namespace

AuditLog::Pieces zip_pieces(std::shared_ptr<LogSource> source, BundleContent content) {
  auto zip = std::make_shared<ZipExport>(std::move(source), std::move(content));
  return [zip] { return zip->next(); };
}

Result<std::uint64_t> export_bundle(LogSource& source, BundleContent content,
                                    const std::string& out, const ExportControl& control) {
  if (!out.ends_with(".zip")) return write_folder(source, std::move(content), out, control);
  if (fs::exists(out)) return fail(ErrorCode::already_exists, out + " is there already");
  const std::string fresh = out + ".new";
  std::ofstream file(fresh, std::ios::binary);
  // The source belongs to the caller.
  ZipExport zip(std::shared_ptr<LogSource>(&source, [](LogSource*) {}), std::move(content));
  std::error_code failed;
  auto events = write_zip(zip, file, fresh, control);
  if (events) {
    fs::rename(fresh, out, failed);
    if (failed) return unwritable(out);
  } else {
    fs::remove(fresh, failed);
  }
  return events;
}

}  // namespace factum
