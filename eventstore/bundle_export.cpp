#include "eventstore/bundle_export.hpp"

#include "eventstore/durable_file.hpp"
#include "eventstore/file.hpp"
#include "eventstore/key_handover.hpp"
#include "eventstore/manifest.hpp"
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

// Whoever sees a file sees all of it. It is not on disk yet: that is made sure of once, before the
// manifest, and a tile that is kept later is checked.
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

// The folder may grow a bundle of this log, signed by this key or one that handed over to it.
// Without a readable file `log` only its tiles tell.
Status check_folder(const std::string& out, const BundleContent& content) {
  FACTUM_TRY(const auto log, read_file(out + "/log", SourceLimits::kSmallBytesMax));
  if (!log) return {};
  const auto vkey = vkey_of_log_file(*log);
  const auto before = vkey ? VerifierKey::parse(*vkey) : fail(vkey.error());
  if (!before || before->to_string() == content.vkey) return {};
  const auto handovers = content.more.find(kHandoversPath);
  if (handovers != content.more.end()) {
    FACTUM_TRY(const KeyChain chain, KeyChain::parse(handovers->second));
    if (chain.newest_from(*before).to_string() == content.vkey) return {};
  }
  return fail(ErrorCode::already_exists, out + " holds the bundle of another log or key");
}

// A checkpoint is never replaced by one that contradicts it: the two are evidence.
Status check_grown(const std::string& out, std::string_view note) {
  FACTUM_TRY(const auto before, read_file(out + "/checkpoint", SourceLimits::kSmallBytesMax));
  if (!before) return {};
  const auto old_note = SignedNote::parse(*before);
  const auto old_tree = old_note ? Checkpoint::parse(old_note->text) : fail(old_note.error());
  if (!old_tree) return {};
  FACTUM_TRY(const SignedNote new_note, SignedNote::parse(note));
  FACTUM_TRY(const Checkpoint new_tree, Checkpoint::parse(new_note.text));
  const bool grown = old_tree->size < new_tree.size ||
                     (old_tree->size == new_tree.size && old_tree->root == new_tree.root);
  if (grown) return {};
  return fail(ErrorCode::corrupt, "the checkpoint in " + out + " has " +
                                      std::to_string(old_tree->size) + " events, that of the log " +
                                      std::to_string(new_tree.size) +
                                      ": the log was cut or changed");
}

Result<std::uint64_t> write_folder(LogSource& source, BundleContent content, const std::string& out,
                                   const ExportControl& control) {
  FACTUM_CHECK(check_folder(out, content));
  content.kept = [&](const std::string& path) {
    return read_file(out + "/" + path, SourceLimits::kFileBytesMax);
  };
  BundleWriter writer(source, std::move(content));
  while (true) {
    FACTUM_CHECK(check_stop(control));
    FACTUM_TRY(const auto file, writer.next());
    if (!file) return writer.events_total();
    if (file->path == "checkpoint") FACTUM_CHECK(check_grown(out, file->bytes));
    if (file->path == kManifestPath) {
      FACTUM_CHECK(sync_file_system(out));
      FACTUM_CHECK(replace_file(out + "/" + file->path, file->bytes, FileReaders::everyone));
    } else {
      FACTUM_CHECK(write_file(fs::path(out) / file->path, file->bytes));
    }
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
  FACTUM_CHECK(sync_file(path));
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
  FACTUM_TRY(const bool is_there, file_exists(out));
  if (is_there) return fail(ErrorCode::already_exists, out + " is there already");
  const std::string fresh = out + ".new";
  std::ofstream file(fresh, std::ios::binary);
  // The source belongs to the caller.
  ZipExport zip(std::shared_ptr<LogSource>(&source, [](LogSource*) {}), std::move(content));
  std::error_code failed;
  auto events = write_zip(zip, file, fresh, control);
  if (events) {
    fs::rename(fresh, out, failed);
    if (failed) return unwritable(out);
    FACTUM_CHECK(sync_folder(fs::path(out).parent_path().string()));
  } else {
    fs::remove(fresh, failed);
  }
  return events;
}

}  // namespace factum
