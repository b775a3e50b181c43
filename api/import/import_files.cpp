#include "api/import/import_files.hpp"

#include "api/import/command_sink.hpp"
#include "api/import/reject_report.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace factum::importing {
namespace {

std::string line_of(std::string_view what, std::uint64_t count) {
  std::string number = with_thousands(count);
  if (number.size() < 12) number.insert(0, 12 - number.size(), ' ');
  return number + "  " + std::string(what) + "\n";
}

std::string lines_of(const std::map<std::string, std::uint64_t>& counts, std::string_view title) {
  std::vector<std::pair<std::string, std::uint64_t>> rules(counts.begin(), counts.end());
  std::stable_sort(rules.begin(), rules.end(),
                   [](const auto& left, const auto& right) { return left.second > right.second; });
  std::string text;
  for (const auto& [rule, count] : rules) text += line_of(std::string(title) + rule, count);
  return text;
}

struct Job {
  Profile profile;
  std::vector<SourceFile> files;
  ImportSettings settings;
};

Result<Job> job_of(const ImportOptions& options) {
  Job job;
  FACTUM_TRY(job.profile, load_profile(options.profile));
  FACTUM_TRY(job.files, match_files(job.profile, options.files));
  if (!options.encoding.empty()) {
    FACTUM_TRY(job.settings.encoding, parse_encoding(options.encoding));
  }
  return job;
}

}  // namespace

Status check_import(const ImportOptions& options) {
  const auto job = job_of(options);
  return job ? Status{} : fail(job.error());
}

Result<ImportCounts> import_files(const ImportOptions& options, const ImportParts& parts) {
  FACTUM_TRY(Job job, job_of(options));
  RejectReport rejects(options.rejects);
  const bool silent = options.quiet || !parts.print;
  Progress progress(parts.print, parts.terminal, silent);

  ImportSettings& settings = job.settings;
  settings.stop = parts.stop;
  settings.on_reject = [&](const Reject& reject) { rejects.add(reject); };
  settings.on_progress = [&](ProgressState state) { progress.update(std::move(state)); };

  CommandSinkOptions sink_options;
  sink_options.profile = job.profile.name;
  sink_options.dry_run = options.dry_run;
  CommandSink sink(parts.bus, parts.commands, std::move(sink_options));
  auto counts = run_import(job.profile, job.files, sink, settings);
  progress.clear();
  const Status reported = rejects.finish();
  if (counts && !reported) return fail(reported.error());
  return counts;
}

std::string render_counts(const ImportCounts& counts, bool dry_run) {
  std::string text = line_of("rows read", counts.rows);
  text += line_of("facts new", counts.facts_added);
  text += line_of("facts unchanged", counts.facts_unchanged);
  text += line_of("facts corrected", counts.facts_corrected);
  text += line_of(dry_run ? "events that would be recorded" : "events recorded", counts.events);
  text += lines_of(counts.broken_rules, "broken rule ");
  text += line_of("rows and facts rejected", counts.rows_rejected + counts.facts_rejected);
  return text + lines_of(counts.rejects, "rejected for ");
}

}  // namespace factum::importing
