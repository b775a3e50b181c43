// A sink that writes facts down as text, so that tests compare what they read.
#pragma once

#include "api/import/import_run.hpp"
#include "tests/import/import_support.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace factum::importing::test {

/// One line per step: "kind key/step command body @time ->target"; references as <kind:key>.
class FactRecorder : public FactSink {
 public:
  Result<FactResult> accept(const Fact& fact) override;
  Status finish() override {
    finished = true;
    return {};
  }

  std::string text;
  bool finished = false;
};

/// What a run gave: facts, rejects as "file:line column rule", counts, or the error.
struct RunShown {
  std::string facts;
  std::string rejects;
  ImportCounts counts;
  std::string error;
  ErrorCode code = ErrorCode::io_error;
};

/// Runs a profile (JSON) over files (name, content) in a temporary folder.
RunShown run_profile(const std::string& profile,
                     const std::vector<std::pair<std::string, std::string>>& files,
                     ImportSettings settings = {});

/// The facts a profile with one file "rows.csv" (columns a, b, c), one fact "thing" keyed by {a}
/// and one step makes of `rows`; `fields` is the step's fields.
std::string facts_of(const std::string& fields, const std::string& rows,
                     const std::string& rows_mode = "each");

}  // namespace factum::importing::test
