#include "tests/import/fact_recorder.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <charconv>

namespace factum::importing::test {
namespace {

std::string readable(std::string key) {
  std::replace(key.begin(), key.end(), kKeySeparator, '+');
  return key;
}

std::string with_refs(const FactStep& step) {
  std::string shown;
  std::size_t at = 0;
  while (at < step.body.size()) {
    if (step.body[at] != kRefMark) {
      shown += step.body[at++];
      continue;
    }
    const std::size_t end = step.body.find(kRefMark, at + 1);
    std::size_t index = 0;
    std::from_chars(step.body.data() + at + 1, step.body.data() + end, index);
    const SourceRef& ref = step.refs.at(index);
    shown += "<" + ref.kind + ":" + readable(ref.key) + (ref.optional ? "?" : "") + ">";
    at = end + 1;
  }
  return shown;
}

}  // namespace

Result<FactResult> FactRecorder::accept(const Fact& fact) {
  for (const FactStep& step : fact.steps) {
    text += fact.kind + " " + readable(fact.key) + "/" + step.name + " " + step.command + " " +
            with_refs(step);
    if (step.occurred_at) text += " @" + to_string(*step.occurred_at);
    if (step.target) text += " ->" + step.target->kind + ":" + readable(step.target->key);
    text += "\n";
  }
  return FactResult{FactOutcome::added, fact.steps.size(), {}, {}};
}

RunShown run_profile(const std::string& profile,
                     const std::vector<std::pair<std::string, std::string>>& files,
                     ImportSettings settings) {
  TempFolder folder;
  RunShown shown;
  const auto parsed = parse_profile(profile);
  if (!parsed) {
    shown.error = parsed.error().message;
    return shown;
  }
  for (const auto& [name, content] : files) folder.write(name, content);
  const auto matched = match_files(*parsed, {folder.path()});
  if (!matched) {
    shown.error = matched.error().message;
    return shown;
  }
  settings.on_reject = [&](const Reject& reject) {
    shown.rejects += reject.file + ":" + std::to_string(reject.line) + " " + reject.column + " " +
                     reject.rule + "\n";
  };
  FactRecorder recorder;
  auto counts = run_import(*parsed, *matched, recorder, settings);
  shown.facts = recorder.text;
  if (counts) {
    CHECK(recorder.finished);
    shown.counts = std::move(*counts);
  } else {
    shown.error = counts.error().message;
    shown.code = counts.error().code;
  }
  return shown;
}

std::string facts_of(const std::string& fields, const std::string& rows,
                     const std::string& rows_mode) {
  const std::string profile =
      R"({"profile":"test","zone":"Europe/London","files":{"rows":{"names":["rows.csv"],)"
      R"("columns":["a","b","c"]}},"facts":[{"fact":"thing","file":"rows","key":"{a}","rows":")" +
      rows_mode + R"(","steps":[{"command":"Do","fields":)" + fields + "}]}]}";
  const RunShown shown = run_profile(profile, {{"rows.csv", rows}});
  if (!shown.error.empty()) return "error: " + shown.error;
  std::string text;
  std::size_t at = 0;
  while (at < shown.facts.size()) {
    const std::size_t end = shown.facts.find('\n', at);
    const std::string line = shown.facts.substr(at, end - at);
    text += line.substr(line.find(" Do ") + 4) + "\n";
    at = end + 1;
  }
  return text + shown.rejects;
}

}  // namespace factum::importing::test
