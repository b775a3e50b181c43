#include "api/import/import_files.hpp"

#include "api/import/reject_report.hpp"
#include "core/crm/catalog.hpp"
#include "eventstore/memory_event_store.hpp"
#include "eventstore/system_sources.hpp"
#include "tests/import/import_support.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/plain_sealer.hpp"
#include "tests/support/test_files.hpp"

#include <doctest/doctest.h>

#include <fstream>

using namespace factum;
using namespace factum::importing;
using namespace factum::importing::test;

namespace {

const char* const kProfile = R"({
  "profile": "names",
  "files": {"rows": {"columns": ["id", "name"]}},
  "facts": [{"fact": "customer", "file": "rows", "key": "{id}", "steps": [
    {"command": "RegisterCustomer", "fields": {"kind": "person", "name": "{name}"}}]}]})";

/// A folder with a profile, and a log to import into.
struct Place {
  TempFolder folder;
  factum::test::ManualClock clock;
  std::unique_ptr<EventStore> store = make_memory_event_store(clock);
  factum::test::PlainSealer sealer;
  EventCodec codec{crm::event_catalog(), sealer};
  UuidV7Source ids{clock};
  CommandBus bus{*store, codec, clock, ids};
  ImportOptions options;
  std::string printed;

  Place() {
    options.profile = folder.write("names.json", kProfile);
    options.rejects = folder.path() + "/rejects.csv";
  }
  Result<ImportCounts> import(const std::string& rows) {
    options.files = {folder.write("rows.csv", rows)};
    return import_files(
        options, {bus, crm::command_catalog(), [this](std::string_view text) { printed += text; }});
  }
  std::string rejects() const { return factum::test::file_text(options.rejects); }
};

}  // namespace

TEST_CASE("an import tells what it did, and the reject report holds places and rules only") {
  Place place;
  const auto counts = place.import("id,name\n1,Ann\n2,\n3\n4,Bob\n");
  REQUIRE(counts);
  CHECK(render_counts(*counts, false) ==
        "           4  rows read\n"
        "           2  facts new\n"
        "           0  facts unchanged\n"
        "           0  facts corrected\n"
        "           2  events recorded\n"
        "           2  rows and facts rejected\n"
        "           1  rejected for import.field_required\n"
        "           1  rejected for import.ragged_row\n");
  CHECK(place.rejects() ==
        "file,line,column,rule\r\nrows.csv,4,,import.ragged_row\r\n"
        "rows.csv,3,/name,import.field_required\r\n");
}

TEST_CASE("without rejects there is no report") {
  Place place;
  CHECK(place.import("id,name\n1,Ann\n"));
  CHECK(place.rejects().empty());
}

TEST_CASE("options that are wrong, and a report that cannot be written, are errors") {
  Place place;
  place.options.encoding = "latin1";
  CHECK(place.import("id,name\n1,Ann\n").error().code == ErrorCode::invalid_argument);
  place.options.encoding = "gb18030";
  CHECK(place.import("id,name\n1,\xB3\xAC\n"));
  place.options.rejects = place.folder.path() + "/none/rejects.csv";
  CHECK(place.import("id,name\n1\n").error().code == ErrorCode::io_error);
  place.options.profile = "nope";
  CHECK(place.import("id,name\n1,Ann\n").error().code == ErrorCode::invalid_argument);
}

TEST_CASE("a dry run says what would be recorded") {
  Place place;
  place.options.dry_run = true;
  const auto counts = place.import("id,name\n1,Ann\n");
  REQUIRE(counts);
  CHECK(render_counts(*counts, true).find("1  events that would be recorded") != std::string::npos);
  CHECK(place.store->head() == Position(0));
}
