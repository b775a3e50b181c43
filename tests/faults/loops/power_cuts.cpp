#include "tests/faults/loops/power_cuts.hpp"

#include "eventstore/log_signer.hpp"
#include "eventstore/rocksdb_event_store.hpp"
#include "eventstore/root_key.hpp"
#include "tests/faults/loops/expected_log.hpp"
#include "tests/faults/loops/view_folds.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/rocksdb_fault_file_system.hpp"
#include "tests/support/temp_dir.hpp"

#include <filesystem>
#include <utility>

namespace factum::test {
namespace {

constexpr std::uint64_t kDataBytesMax = 3000;
constexpr std::uint64_t kOpeningOperations = 60;
constexpr std::uint64_t kCutsPerLog = 25;
constexpr std::uint64_t kAppendsMax = 40;
constexpr std::uint64_t kOperationsMax = 50;

// One log, its keys and views on one disk, through many power cuts.
class CutLog {
 public:
  explicit CutLog(std::uint64_t seed)
      : random_(seed, kDataBytesMax), disk_(folder_ / "attic", seed ^ 0x5DEECE66D) {
    std::filesystem::create_directory(folder_ / "keys");
    require(make_root_key(folder_ / "keys").has_value(), "keys can be made");
  }

  // One life of the store, from opening to the loss of power, and the check of what is left.
  void step() {
    if (random_.one_in(4)) cut_while_opening();
    open();
    check();
    disk_.cut_power_at(random_.below(kOperationsMax) + 1);
    work();
    if (!disk_.is_cut() && random_.one_in(2)) disk_.cut_power_at(1);
    close();
    disk_.lose_power();
  }

  // The last check, after which nothing is missing from the counts.
  Counts finish() {
    open();
    check();
    close();
    Counts counts = disk_.counts();
    add(counts, expected_.counts(), "answers: ");
    counts["checkpoints signed"] += checkpoints_;
    counts["cuts while opening"] += cuts_while_opening_;
    counts["events in the log at the end"] += expected_.events().size();
    return counts;
  }

 private:
  EventStoreOptions options() {
    EventStoreOptions options;
    options.directory = folder_ / "log";
    options.clock = &clock_;
    options.block_cache_bytes = std::size_t{1} << 20;
    options.write_buffer_bytes = std::size_t{64} << 10;
    options.flush_on_close = random_.one_in(3);
    options.faults.env = disk_.env();
    options.faults.fail_reopen = [this] { return disk_.is_cut(); };
    return options;
  }

  projections::RocksdbViewOptions view_options() {
    projections::RocksdbViewOptions options;
    options.path = folder_ / "views";
    options.block_cache_bytes = std::size_t{1} << 20;
    options.write_buffer_bytes = std::size_t{256} << 10;
    options.env = disk_.env();
    return options;
  }

  void cut_while_opening() {
    disk_.cut_power_at(random_.below(kOpeningOperations) + 1);
    store_ = std::move(open_rocksdb_event_store(options())).value_or(nullptr);
    if (disk_.is_cut()) ++cuts_while_opening_;
    close();
    disk_.lose_power();
  }

  void open() {
    auto opened = open_rocksdb_event_store(options());
    require(opened.has_value(),
            "a log opens after a power cut: " + (opened ? std::string() : opened.error().message));
    store_ = std::move(*opened);
    if (random_.one_in(2)) return;
    views_ = ViewFolds::open(view_options());
    require(views_ != nullptr, "views open after a power cut");
  }

  void close() {
    views_.reset();
    store_.reset();
  }

  void check() {
    expected_.check(*store_, attempts_, random_);
    if (views_) views_->check(expected_.events());
    attempts_ = Attempts();
    require(store_->health().writable, "the log can be written: " + store_->health().reason);
    sign();
  }

  void work() {
    for (std::uint64_t left = random_.below(kAppendsMax) + 1; left > 0; --left) {
      clock_.advance(static_cast<std::int64_t>(random_.below(1000)));
      attempts_.start(*store_, random_.append(store_->head().value()));
      if (random_.one_in(3)) attempts_.wait();
      if (views_ && random_.one_in(8)) views_->follow(*store_, random_.one_in(4));
      if (random_.one_in(20)) sign();
    }
    attempts_.wait();
  }

  // What is signed must be there for ever. Not being able to sign is no failure while the power is
  // off: the tree cannot be read.
  void sign() {
    if (!signer_) {
      auto made = LogSigner::open({folder_ / "keys", {}, store_->log_id()});
      require(made.has_value(), "a signer opens");
      signer_ = std::move(*made);
    }
    const std::uint64_t size = store_->head().value();
    const ReadRow read = [&](std::uint8_t row, std::uint64_t first, std::size_t count) {
      return store_->tree_row(row, first, count);
    };
    const auto note = signer_->sign(read, size);
    if (disk_.is_cut()) return;
    require(note.has_value(), "a checkpoint is signed: " + (note ? "" : note.error().message));
    const auto parsed = SignedNote::parse(*note);
    const auto checkpoint = Checkpoint::parse(parsed->text);
    expected_.signed_as(checkpoint->size, checkpoint->root);
    ++checkpoints_;
  }

  TempDir folder_;
  RandomCommands random_;
  FaultFileSystem disk_;
  ManualClock clock_;
  ExpectedLog expected_;
  Attempts attempts_;
  std::unique_ptr<EventStore> store_;
  std::unique_ptr<ViewFolds> views_;
  std::unique_ptr<LogSigner> signer_;
  std::uint64_t checkpoints_ = 0;
  std::uint64_t cuts_while_opening_ = 0;
};

}  // namespace

Counts run_power_cuts(const LoopOptions& options) {
  return run_in_turn<CutLog>(options, kCutsPerLog);
}

}  // namespace factum::test
