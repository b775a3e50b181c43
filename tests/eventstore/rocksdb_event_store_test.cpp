// The RocksDB store against the contract, kept open and reopened after every step.
#include "eventstore/rocksdb_event_store.hpp"

#include "tests/support/manual_clock.hpp"
#include "tests/support/temp_dir.hpp"

#include <doctest/doctest.h>

namespace factum::test {
namespace {

class RocksdbHarness {
 public:
  RocksdbHarness() { open(); }
  EventStore& store() { return *store_; }
  ManualClock& clock() { return clock_; }
  void between_steps() {}

 protected:
  void open() {
    EventStoreOptions options;
    options.directory = directory_ / "log";
    options.clock = &clock_;
    options.flush_on_close = false;
    auto opened = open_rocksdb_event_store(options);
    REQUIRE(opened);
    store_ = std::move(*opened);
  }

  TempDir directory_;
  ManualClock clock_;
  std::unique_ptr<EventStore> store_;
};

class ReopenedRocksdbHarness : public RocksdbHarness {
 public:
  void between_steps() {
    store_.reset();
    open();
  }
};

}  // namespace
}  // namespace factum::test

#define FACTUM_STORE_HARNESSES RocksdbHarness, ReopenedRocksdbHarness
#include "tests/support/store_contract.hpp"
