#include "api/import/import_run.hpp"

#include "api/import/fact_builder.hpp"

#include <functional>
#include <list>
#include <unordered_set>
#include <utility>

namespace factum::importing {
namespace {

constexpr std::uint64_t kRowsPerProgress = 256;

/// 128 bits of a key: enough to tell keys apart for "first" without keeping them.
struct KeyPrint {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend bool operator==(const KeyPrint&, const KeyPrint&) = default;
};
struct KeyPrintHash {
  std::size_t operator()(const KeyPrint& print) const { return print.low; }
};
/// FNV-1a, once as published and once over the complement.
KeyPrint print_of(std::string_view key) {
  KeyPrint print{0xcbf29ce484222325ULL, 0x84222325cbf29ce4ULL};
  for (const char c : key) {
    const auto byte = static_cast<unsigned char>(c);
    print.low = (print.low ^ byte) * 0x100000001b3ULL;
    print.high = (print.high ^ static_cast<unsigned char>(~byte)) * 0x100000001b3ULL;
  }
  return print;
}

class Run {
 public:
  Run(const Profile& profile, const std::vector<SourceFile>& files, FactSink& sink,
      const ImportSettings& settings)
      : profile_(profile), files_(files), sink_(sink), settings_(settings) {}

  Result<ImportCounts> run() {
    plan_progress();
    for (const SourceFile& file : files_) FACTUM_CHECK(check_file(file));
    for (const FactSpec& spec : profile_.facts) FACTUM_CHECK(run_fact_spec(spec));
    FACTUM_CHECK(sink_.finish());
    return std::move(counts_);
  }

 private:
  using OnRow = std::function<Status(const RowView&)>;
  struct Table {
    std::string file;
    std::vector<std::size_t> match;
    RowTable rows;
  };

  void plan_progress() {
    for (const SourceFile& file : files_) progress_.bytes_total += file.bytes;
    for (const FactSpec& spec : profile_.facts) {
      if (const SourceFile* file = find_source(files_, spec.file)) {
        progress_.bytes_total += file->bytes * (spec.rows == FactRows::group ? 2 : 1);
      }
    }
  }

  /// Reads every whole row of a file; ragged ones are told to `on_ragged`.
  Status read_file(const SourceFile& file, const std::string& what, const OnRow& on_row,
                   const OnRow& on_ragged) {
    FACTUM_TRY(const auto reader, RowReader::open(file, settings_.encoding));
    const std::uint64_t bytes_before = progress_.bytes_done;
    progress_.what = what;
    RowView row;
    for (std::uint64_t count = 0;; ++count) {
      if (count % kRowsPerProgress == 0) {
        progress_.bytes_done = bytes_before + reader->bytes_consumed();
        FACTUM_CHECK(report_progress());
      }
      FACTUM_TRY(const CsvRead read, reader->next(row));
      if (read == CsvRead::end) break;
      ++progress_.rows;
      FACTUM_CHECK((read == CsvRead::ragged ? on_ragged : on_row)(row));
    }
    progress_.bytes_done = bytes_before + file.bytes;
    return report_progress();
  }

  Status report_progress() {
    if (settings_.stop != nullptr && settings_.stop->load()) {
      return fail(ErrorCode::unavailable, "the import was stopped; run it again to go on");
    }
    if (settings_.on_progress) settings_.on_progress(progress_);
    return {};
  }

  Status check_file(const SourceFile& file) {
    return read_file(
        file, "checking",
        [&](const RowView&) -> Status {
          ++counts_.rows;
          return {};
        },
        [&](const RowView& row) -> Status {
          ++counts_.rows;
          ++counts_.rows_rejected;
          note_reject({file.name(), row.line, "", "import.ragged_row"});
          return {};
        });
  }

  void note_reject(const Reject& reject) {
    ++counts_.rejects[reject.rule];
    if (settings_.on_reject) settings_.on_reject(reject);
  }

  Status ignore_row(const RowView&) { return {}; }

  /// The table of a joined file, read once for each set of columns it is looked up by.
  Result<const RowTable*> table_of(const JoinSpec& join) {
    for (const Table& table : tables_) {
      if (table.file == join.file && table.match == join.match) return &table.rows;
    }
    const SourceFile* file = find_source(files_, join.file);
    const std::size_t columns = file == nullptr ? 0 : file->spec->columns.size();
    tables_.push_back({join.file, join.match, RowTable(columns, settings_.table_bytes_max)});
    RowTable& rows = tables_.back().rows;
    if (file == nullptr) return &rows;
    const auto add = [&](const RowView& row) -> Status {
      std::string key;
      for (const std::size_t column : join.match) {
        if (!key.empty()) key += kKeySeparator;
        key += row.fields[column];
      }
      return rows.add(row, key);
    };
    progress_.bytes_total += file->bytes;
    FACTUM_CHECK(
        read_file(*file, "reading", add, [this](const RowView& r) { return ignore_row(r); }));
    return &rows;
  }

  Status run_fact_spec(const FactSpec& spec) {
    const SourceFile* file = find_source(files_, spec.file);
    if (file == nullptr) return {};
    std::vector<Join> joins;
    for (const JoinSpec& join : spec.joins) {
      Join ready;
      FACTUM_TRY(ready.table, table_of(join));
      for (const ExpressionPtr& part : join.on) ready.on.push_back(part.get());
      joins.push_back(std::move(ready));
    }
    const FactBuilder builder(spec, joins);
    FactRun fact_run{spec,         builder,
                     file->name(), RowTable(file->spec->columns.size(), settings_.table_bytes_max),
                     {},           {}};
    FACTUM_CHECK(read_file(
        *file, spec.kind, [&](const RowView& row) { return take_row(fact_run, row); },
        [this](const RowView& row) { return ignore_row(row); }));
    const std::uint64_t before = progress_.bytes_done;
    FACTUM_CHECK(take_groups(fact_run, spec.rows == FactRows::group ? file->bytes : 0));
    if (spec.rows == FactRows::group) progress_.bytes_done = before + file->bytes;
    return {};
  }

  /// One fact specification on its way through its file.
  struct FactRun {
    const FactSpec& spec;
    const FactBuilder& builder;
    std::string file;
    RowTable kept;         ///< rows of unfinished groups
    std::string together;  ///< key of the group that is being collected
    std::unordered_set<KeyPrint, KeyPrintHash> seen;
  };

  Status take_row(FactRun& run, const RowView& row) {
    const auto wanted = run.builder.wants(row);
    if (!wanted) return take_failure(run, wanted.error(), counts_.rows_rejected);
    if (!*wanted) return {};
    const auto key = run.builder.key(row);
    if (!key) return take_failure(run, key.error(), counts_.rows_rejected);
    switch (run.spec.rows) {
      case FactRows::each: return take_fact(run, *key, {row});
      case FactRows::first:
        return run.seen.insert(print_of(*key)).second ? take_fact(run, *key, {row}) : Status{};
      case FactRows::group: return run.kept.add(row, *key);
      case FactRows::together:
        if (*key != run.together) FACTUM_CHECK(take_groups(run, 0));
        run.together = *key;
        return run.kept.add(row, *key);
    }
    return {};
  }

  /// Makes facts of the rows kept; `bytes` is what that counts for in the progress.
  Status take_groups(FactRun& run, std::uint64_t bytes) {
    std::vector<RowView> rows;
    const std::uint64_t before = progress_.bytes_done;
    const auto& groups = run.kept.groups();
    for (std::size_t i = 0; i < groups.size(); ++i) {
      rows.clear();
      for (const std::size_t index : groups[i]) rows.push_back(run.kept.row(index));
      const auto key = run.builder.key(rows.front());
      if (!key) return fail(key.error());
      FACTUM_CHECK(take_fact(run, *key, rows));
      progress_.bytes_done = before + bytes * i / groups.size();
      FACTUM_CHECK(report_progress());
    }
    run.kept.clear();
    return {};
  }

  Status take_fact(FactRun& run, const std::string& key, const std::vector<RowView>& rows) {
    const auto fact = run.builder.build(key, rows);
    if (!fact) return take_failure(run, fact.error(), counts_.facts_rejected);
    if (fact->steps.empty()) return {};
    FACTUM_TRY(FactResult result, sink_.accept(*fact));
    switch (result.outcome) {
      case FactOutcome::added: ++counts_.facts_added; break;
      case FactOutcome::unchanged: ++counts_.facts_unchanged; break;
      case FactOutcome::corrected: ++counts_.facts_corrected; break;
      case FactOutcome::rejected:
        ++counts_.facts_rejected;
        result.reject.file = run.file;
        note_reject(result.reject);
        break;
    }
    counts_.events += result.events;
    for (const std::string& rule : result.broken_rules) ++counts_.broken_rules[rule];
    return {};
  }

  /// A row or fact that cannot be understood is reported and left out; anything else ends the run.
  Status take_failure(const FactRun& run, const Error& error, std::uint64_t& count) {
    const auto known = as_reject(error, run.file);
    if (!known) return fail(error);
    ++count;
    note_reject(*known);
    return {};
  }

  const Profile& profile_;
  const std::vector<SourceFile>& files_;
  FactSink& sink_;
  const ImportSettings& settings_;
  ImportCounts counts_;
  ProgressState progress_;
  std::list<Table> tables_;
};

}  // namespace

Result<ImportCounts> run_import(const Profile& profile, const std::vector<SourceFile>& files,
                                FactSink& sink, const ImportSettings& settings) {
  return Run(profile, files, sink, settings).run();
}

}  // namespace factum::importing
