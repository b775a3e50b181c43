#include "tests/faults/loops/disk_failures.hpp"

#include "eventstore/rocksdb_event_store.hpp"
#include "tests/faults/loops/expected_log.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/rocksdb_fault_file_system.hpp"
#include "tests/support/store_helpers.hpp"
#include "tests/support/temp_dir.hpp"

#include <chrono>
#include <thread>
#include <utility>

namespace factum::test {
namespace {

constexpr std::uint64_t kDataBytesMax = 3000;
constexpr std::uint64_t kAppendsMax = 30;
constexpr std::uint64_t kRoundsPerLog = 15;
constexpr std::chrono::seconds kResumesWithin{60};

bool is_read_fault(DiskFault fault) {
  return fault == DiskFault::read_error || fault == DiskFault::short_read ||
         fault == DiskFault::flipped_bit || fault == DiskFault::flipped_bit_at_opening;
}

class FailingLog {
 public:
  explicit FailingLog(std::uint64_t seed)
      : random_(seed, kDataBytesMax), disk_(folder_ / "attic", seed ^ 0x5DEECE66D) {}

  void step() {
    if (!store_) open_well();
    const auto fault = static_cast<DiskFault>(random_.below(7));
    const bool stays = random_.one_in(3);
    const std::uint64_t within = fault == DiskFault::flipped_bit_at_opening ? 6
                                 : is_read_fault(fault)                     ? 30
                                                                            : 10;
    const std::uint64_t first = random_.below(within) + 1;
    disk_.inject(fault, first, stays ? UINT64_MAX : random_.below(3) + 1);
    if (fault == DiskFault::flipped_bit_at_opening || random_.one_in(3)) open_on_failing_disk();
    if (store_) work(fault);
    disk_.heal();
    if (store_ && is_read_fault(fault) && !store_->health().writable) reopen_misread();
    if (store_) {
      resume();
      check();
    }
    if (!store_ || random_.one_in(3)) lose_power();
  }

  Counts finish() {
    if (!store_) open_well();
    check();
    store_.reset();
    Counts counts = disk_.counts();
    add(counts, expected_.counts(), "answers: ");
    add(counts, counts_);
    return counts;
  }

 private:
  EventStoreOptions options() {
    EventStoreOptions options;
    options.directory = folder_ / "log";
    options.clock = &clock_;
    options.block_cache_bytes = std::size_t{64} << 10;
    options.write_buffer_bytes = std::size_t{64} << 10;
    options.flush_on_close = random_.one_in(2);
    options.reopen_interval = std::chrono::milliseconds(1);
    options.faults.env = disk_.env();
    return options;
  }

  void open_well() {
    auto opened = open_rocksdb_event_store(options());
    require(opened.has_value(), "a log opens on a disk that is well again: " +
                                    (opened ? std::string() : opened.error().message));
    store_ = std::move(*opened);
    check();
  }

  // It opens or it says why not; if it opens, nothing is missing.
  void open_on_failing_disk() {
    store_.reset();
    auto opened = open_rocksdb_event_store(options());
    ++counts_[opened ? "opened on a failing disk" : "refused to open on a failing disk"];
    if (!opened) return;
    store_ = std::move(*opened);
    require(store_->head().value() >= expected_.events().size(),
            "a log that opens on a failing disk is whole");
  }

  void work(DiskFault fault) {
    for (std::uint64_t left = random_.below(kAppendsMax) + 1; left > 0; --left) {
      clock_.advance(static_cast<std::int64_t>(random_.below(1000)));
      attempts_.start(*store_, random_.append(store_->head().value()));
      if (random_.one_in(3)) attempts_.wait();
      if (random_.one_in(4)) read_some(fault);
    }
    attempts_.wait();
    read_some(fault);
  }

  // Reads never give anything wrong, and go on while only writing fails. While the log is opened
  // again they are told so.
  void read_some(DiskFault fault) {
    ReadOptions range;
    range.from = Position(random_.below(store_->head().value() + 1) + 1);
    range.to =
        Position(std::min<std::uint64_t>(range.from.value() + 20, expected_.events().size()));
    const auto events = store_->read({}, range);
    ++counts_[events ? "reads answered" : "reads refused"];
    if (!events) {
      require(is_read_fault(fault) || events.error().code == ErrorCode::unavailable,
              "reads go on while writing fails: " + events.error().message);
      return;
    }
    for (const RecordedEvent& event : *events) {
      const RecordedEvent& known = expected_.events()[event.position.value() - 1];
      require(event.event_hash == known.event_hash && event.ciphertexts == known.ciphertexts,
              "what is read is right");
    }
  }

  // A tree that was read wrong while the log was opened looks damaged for as long as it is open:
  // nothing is added then, and the next opening finds it whole.
  void reopen_misread() {
    ++counts_["opened again after a wrong read"];
    store_.reset();
    open_well();
  }

  // The disk is well: the store finds out by itself.
  void resume() {
    const auto give_up = std::chrono::steady_clock::now() + kResumesWithin;
    Result<AppendResult> answer = fail(ErrorCode::unavailable, "not asked yet");
    while (!answer && std::chrono::steady_clock::now() < give_up) {
      attempts_.start(*store_, request_of({test_event("Resumed", {"customer:0"})}));
      attempts_.wait();
      answer = *attempts_.all().back()->answer;
      if (!answer) std::this_thread::yield();
    }
    require(answer.has_value(), "writing resumes when the disk is well: " +
                                    (answer ? std::string() : answer.error().message));
  }

  void check() {
    expected_.check(*store_, attempts_, random_);
    attempts_ = Attempts();
  }

  void lose_power() {
    if (store_ && random_.one_in(2)) disk_.cut_power_at(1);
    store_.reset();
    disk_.lose_power();
    ++counts_["power cuts"];
  }

  TempDir folder_;
  RandomCommands random_;
  FaultFileSystem disk_;
  ManualClock clock_;
  ExpectedLog expected_;
  Attempts attempts_;
  Counts counts_;
  std::unique_ptr<EventStore> store_;
};

}  // namespace

Counts run_disk_failures(const LoopOptions& options) {
  return run_in_turn<FailingLog>(options, kRoundsPerLog);
}

}  // namespace factum::test
