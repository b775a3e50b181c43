// `factum import` without its command line: profile, files, reject report, progress and summary.
#pragma once

#include "api/import/import_run.hpp"
#include "core/es/command_bus.hpp"

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace factum::importing {

/// What the command line asks for.
struct ImportOptions {
  std::string profile;             ///< name of a profile of the program, or a file with one
  std::vector<std::string> files;  ///< files, role=file, or folders
  std::string encoding;            ///< auto, utf-8 or gb18030; empty = as the profile says
  std::string rejects;             ///< where the reject report goes; empty = nowhere
  bool dry_run = false;
  bool quiet = false;  ///< no progress
};

/// What an import works with. All of it outlives the call.
struct ImportParts {
  CommandBus& bus;
  std::vector<const CommandType*> commands;
  std::function<void(std::string_view)> print;  ///< progress; may be empty
  bool terminal = false;                        ///< `print` reaches a terminal
  const std::atomic<bool>* stop = nullptr;      ///< set by Ctrl-C
};

/// Whether there are such a profile, files for it and an encoding; nothing is imported. Errors: as
/// import_files.
Status check_import(const ImportOptions& options);

/// Imports. The log must have no other writer. Errors: what cannot be read (names file and line),
/// wrong options, those of the log; whatever was recorded before stays and is not repeated by the
/// next import. Cost: three readings of the bytes, one decision per fact.
Result<ImportCounts> import_files(const ImportOptions& options, const ImportParts& parts);

/// The counts as lines of text, largest groups first.
std::string render_counts(const ImportCounts& counts, bool dry_run);

}  // namespace factum::importing
