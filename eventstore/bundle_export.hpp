// Puts an offline bundle where it is wanted: into a stream, a ZIP file or a folder.
#pragma once

#include "core/es/audit_log.hpp"
#include "eventstore/bundle_writer.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <string>

namespace factum {

/// The bundle as a ZIP file, piece by piece. It keeps `source`.
AuditLog::Pieces zip_pieces(std::shared_ptr<LogSource> source, BundleContent content);

struct ExportControl {
  std::function<void(std::uint64_t done, std::uint64_t total)> on_progress;  ///< may be empty
  const std::atomic<bool>* stop = nullptr;                                   ///< give up
};

/// Writes a bundle to `out`: a ZIP file if it ends in .zip, which appears when it is whole; else a
/// folder, in which tiles of the log that are there already are kept, so that a broken-off export
/// goes on and an old one grows. Both are durable then. Gives the number of events. Errors: those
/// of the source, unavailable (stopped), already_exists (a ZIP file of that name, the folder of
/// another log), corrupt (the folder has other events or a newer checkpoint than the log),
/// limit_exceeded, io_error.
Result<std::uint64_t> export_bundle(LogSource& source, BundleContent content,
                                    const std::string& out, const ExportControl& control);

}  // namespace factum
