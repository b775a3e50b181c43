// A log that tests import files into.
#pragma once

#include "api/import/command_sink.hpp"
#include "api/import/import_run.hpp"
#include "core/crm/catalog.hpp"
#include "eventstore/memory_event_store.hpp"
#include "tests/import/import_support.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/plain_sealer.hpp"
#include "tests/support/store_helpers.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>

namespace factum::importing::test {

class CountingIds final : public IdSource {
 public:
  Uuid next() override { return factum::test::test_id(5'000 + ++count_); }

 private:
  std::uint64_t count_ = 0;
};

/// A log in memory that files are imported into.
class ImportLog {
 public:
  explicit ImportLog(std::string profile) : profile_(std::move(profile)) {}

  struct Outcome {
    ImportCounts counts;
    std::string error;
    std::string rejects;
  };

  /// Imports `rows` as the file rows.csv, by `profile` or by the one of the log.
  Outcome import(const std::string& rows, CommandSinkOptions options = {},
                 ImportSettings settings = {}, const std::string& profile = {}) {
    TempFolder folder;
    const auto parsed = parse_profile(profile.empty() ? profile_ : profile);
    REQUIRE(parsed);
    const auto files = match_files(*parsed, {folder.write("rows.csv", rows)});
    REQUIRE(files);
    Outcome outcome;
    settings.on_reject = [&](const Reject& reject) {
      outcome.rejects +=
          std::to_string(reject.line) + " " + reject.column + " " + reject.rule + "\n";
    };
    options.profile = parsed->name;
    CommandSink sink(bus_, crm::command_catalog(), options);
    auto counts = run_import(*parsed, *files, sink, settings);
    if (counts) {
      outcome.counts = std::move(*counts);
    } else {
      outcome.error = counts.error().message;
    }
    return outcome;
  }

  /// Types of all events, with '!' for broken rules and '?' for undated ones.
  std::string events() const {
    std::string shown;
    const auto all = store_->read({}, {.limit = 100'000});
    REQUIRE(all);
    for (const RecordedEvent& event : *all) {
      shown += shown.empty() ? "" : " ";
      shown += event.record.type;
      if (!event.record.broken_rules.empty()) shown += '!';
      if (!event.record.occurred_at) shown += '?';
    }
    return shown;
  }
  RecordedEvent last() const {
    const auto event = store_->read({}, {.backwards = true, .limit = 1});
    REQUIRE(event);
    REQUIRE_FALSE(event->empty());
    return event->front();
  }
  EventStore& store() { return *store_; }

 private:
  std::string profile_;
  factum::test::ManualClock clock_;
  std::unique_ptr<EventStore> store_ = make_memory_event_store(clock_);
  factum::test::PlainSealer sealer_;
  EventCodec codec_{crm::event_catalog(), sealer_};
  CountingIds ids_;
  CommandBus bus_{*store_, codec_, clock_, ids_};
};

}  // namespace factum::importing::test
