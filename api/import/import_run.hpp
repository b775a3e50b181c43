// One run of an import: checks that all files can be read, then makes facts of their rows and hands
// them to a sink.
#pragma once

#include "api/import/fact.hpp"
#include "api/import/profile.hpp"
#include "api/import/progress.hpp"
#include "api/import/source_files.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace factum::importing {

/// What a run did, in numbers.
struct ImportCounts {
  std::uint64_t rows = 0;           ///< data rows in all files
  std::uint64_t rows_rejected = 0;  ///< rows that say nothing that can be understood
  std::uint64_t facts_added = 0;
  std::uint64_t facts_unchanged = 0;
  std::uint64_t facts_corrected = 0;
  std::uint64_t facts_rejected = 0;
  std::uint64_t events = 0;
  std::map<std::string, std::uint64_t> broken_rules;  ///< history that breaks rules, by rule
  std::map<std::string, std::uint64_t> rejects;       ///< by rule
};

struct ImportSettings {
  std::optional<Encoding> encoding;  ///< overrides the profile's for all files
  /// Bound of what joins and scattered groups may keep in memory, per table.
  std::size_t table_bytes_max = std::size_t{2} << 30;
  std::function<void(const Reject&)> on_reject;    ///< may be empty
  std::function<void(ProgressState)> on_progress;  ///< may be empty
  const std::atomic<bool>* stop = nullptr;         ///< set: the run ends early, state consistent
};

/// Runs the import. Nothing reaches `sink` before every file has been read to its end once, so that
/// a file that is cut or in another encoding changes nothing. Errors: those of reading (they name
/// file and line) and of the sink; unavailable when stopped.
Result<ImportCounts> run_import(const Profile& profile, const std::vector<SourceFile>& files,
                                FactSink& sink, const ImportSettings& settings);

}  // namespace factum::importing
