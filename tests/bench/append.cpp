// Measures the log in process against raw RocksDB with the same puts, and scans against a bare
// iterator, alternating in one run: bench_append [FOLDER] [ROUNDS]. Only the ratios count.
#include "eventstore/record_format.hpp"
#include "eventstore/rocksdb_event_store.hpp"
#include "eventstore/rocksdb_tag_index.hpp"
#include "eventstore/system_sources.hpp"

#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <mutex>
#include <string>
#include <unistd.h>
#include <vector>

using namespace factum;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kDataBytes = 400;
constexpr std::uint64_t kEntities = 100'000;
constexpr std::uint64_t kScanEvents = 300'000;

SystemClock g_clock;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

[[noreturn]] void die(const std::string& message) {
  std::fprintf(stderr, "bench_append: %s\n", message.c_str());
  std::_Exit(1);
}

NewEvent make_event(UuidV7Source& ids, std::uint64_t number) {
  NewEvent event;
  event.record.event_id = ids.next();
  event.record.correlation_id = event.record.event_id;
  event.record.type = "InteractionLogged";
  const std::string entity = std::to_string(number % kEntities);
  event.record.tags = {"customer:0198f2b4-0000-7000-8000-" + entity,
                       "deal:0198f2b4-0000-7000-8000-" + entity,
                       "user:0198f2b4-0000-7000-8000-" + std::to_string(number % 40)};
  event.record.data = "{\"text\":\"" + std::string(kDataBytes - 11, 'd') + "\"}";
  event.record.actor = "user:0198f2b4-0000-7000-8000-000000000001";
  return event;
}

// Closed loop: `producers` appends are in flight; completions wake one driving thread.
class Load {
 public:
  Load(EventStore& store, std::size_t producers, bool conditional)
      : store_(store), ids_(g_clock), conditional_(conditional) {
    for (std::size_t i = 0; i < producers; ++i) ready_.push_back(i);
  }

  double run(std::uint64_t events) {
    const auto start = std::chrono::steady_clock::now();
    const std::size_t producers = ready_.size();
    std::vector<std::size_t> taken;
    std::uint64_t sent = 0;
    while (sent < events) {
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return !ready_.empty(); });
        taken.swap(ready_);
      }
      for (const std::size_t producer : taken) send(producer, sent++);
      taken.clear();
    }
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ready_.size() == producers; });
    return static_cast<double>(sent) / seconds_since(start);
  }

 private:
  void send(std::size_t producer, std::uint64_t number) {
    AppendRequest request;
    request.events.push_back(make_event(ids_, number));
    if (conditional_) {
      const auto& tags = request.events[0].record.tags;
      request.condition =
          AppendCondition{Query{{QueryItem{{}, {tags[0], tags[1]}}}}, store_.head()};
    }
    store_.append(std::move(request), [this, producer](const Result<AppendResult>& result) {
      if (!result && result.error().code != ErrorCode::condition_failed)
        die(result.error().message);
      const std::lock_guard lock(mutex_);
      ready_.push_back(producer);
      if (ready_.size() == 1) changed_.notify_one();
    });
  }

  EventStore& store_;
  UuidV7Source ids_;
  const bool conditional_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::size_t> ready_;
};

EventStoreOptions options_for(const fs::path& folder) {
  EventStoreOptions options;
  options.directory = folder.string();
  options.clock = &g_clock;
  return options;
}

struct Measured {
  double per_second = 0;
  double mean_batch = 1;
};

Measured measure_store(const fs::path& folder, std::size_t producers, std::uint64_t events,
                       bool conditional) {
  fs::remove_all(folder);
  std::atomic<std::uint64_t> batches{0};
  EventStoreOptions options = options_for(folder);
  options.faults.on_write = [&] {
    ++batches;
    return StorageFault::none;
  };
  auto store = open_rocksdb_event_store(options);
  if (!store) die(store.error().message);
  Measured measured;
  measured.per_second = Load(**store, producers, conditional).run(events);
  measured.mean_batch = static_cast<double>(events) / static_cast<double>(batches.load());
  return measured;
}

// The same puts from ready bytes, one thread, no other work.
double measure_raw(const fs::path& folder, double mean_batch, std::uint64_t events) {
  fs::remove_all(folder);
  fs::create_directories(folder);
  const auto database = Database::open(options_for(folder));
  if (!database) die(database.error().message);
  UuidV7Source ids(g_clock);
  const NewEvent event = make_event(ids, 0);
  Digest hash;
  const std::string stored = encode_stored(event.record, hash);
  std::vector<std::vector<std::string>> tags;
  for (std::uint64_t i = 0; i < events; ++i) tags.push_back(make_event(ids, i).record.tags);
  const auto start = std::chrono::steady_clock::now();
  std::uint64_t position = 0;
  std::string key;
  double due = 0;
  while (position < events) {
    rocksdb::WriteBatch batch(0, 0, 8, 0);
    for (due += mean_batch; due >= 1 && position < events; due -= 1) {
      ++position;
      static_cast<void>(batch.Put((*database)->family(Family::records),
                                  position_key(Position(position)), stored));
      for (const std::string& tag : tags[position - 1]) {
        tag_index_key(tag, 1, Position(position), key);
        static_cast<void>(batch.Put((*database)->family(Family::tags), key, {}));
      }
    }
    if (const auto written = (*database)->write_durably(batch); !written)
      die(written.error().message);
  }
  return static_cast<double>(events) / seconds_since(start);
}

double measure_fdatasync(const fs::path& folder) {
  const std::string path = (folder.parent_path() / "floor").string();
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const std::string block(512, 'x');
  constexpr int kWrites = 2000;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < kWrites; ++i) {
    if (::write(file, block.data(), block.size()) < 0 || ::fdatasync(file) != 0) die("floor");
  }
  const double rate = kWrites / seconds_since(start);
  ::close(file);
  fs::remove(path);
  return rate;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void bench_append(const fs::path& folder, std::size_t producers, std::uint64_t events, int rounds) {
  std::vector<double> plain, conditional, raw, batch, floor;
  std::vector<double> plain_ratio, conditional_ratio;
  for (int round = 0; round < rounds; ++round) {
    const Measured ours = measure_store(folder, producers, events, false);
    raw.push_back(measure_raw(folder, ours.mean_batch, events));
    const Measured checked = measure_store(folder, producers, events, true);
    floor.push_back(measure_fdatasync(folder));
    plain.push_back(ours.per_second);
    batch.push_back(ours.mean_batch);
    conditional.push_back(checked.per_second);
    plain_ratio.push_back(ours.per_second / raw.back());
    conditional_ratio.push_back(checked.per_second / ours.per_second);
  }
  std::printf("%9zu %9.1f %12.0f %12.0f %8.2f %14.0f %8.2f %12.0f\n", producers, median(batch),
              median(plain), median(raw), median(plain_ratio), median(conditional),
              median(conditional_ratio), median(floor));
  std::fflush(stdout);
}

void fill(const fs::path& folder) {
  fs::remove_all(folder);
  auto store = open_rocksdb_event_store(options_for(folder));
  if (!store) die(store.error().message);
  UuidV7Source ids(g_clock);
  std::mutex mutex;
  std::condition_variable changed;
  std::uint64_t done = 0;
  constexpr std::uint64_t kPerAppend = 1000;
  for (std::uint64_t sent = 0; sent < kScanEvents; sent += kPerAppend) {
    AppendRequest request;
    for (std::uint64_t i = 0; i < kPerAppend; ++i)
      request.events.push_back(make_event(ids, sent + i));
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return sent - done <= 8 * kPerAppend; });
    lock.unlock();
    (*store)->append(std::move(request), [&](const Result<AppendResult>& result) {
      if (!result) die(result.error().message);
      const std::lock_guard guard(mutex);
      done += kPerAppend;
      changed.notify_one();
    });
  }
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return done == kScanEvents; });
}

double scan_store(const fs::path& folder) {
  auto store = open_rocksdb_event_store(options_for(folder));
  if (!store) die(store.error().message);
  const auto start = std::chrono::steady_clock::now();
  std::uint64_t seen = 0;
  while (seen < kScanEvents) {
    factum::ReadOptions range;
    range.from = Position(seen + 1);
    range.limit = 4096;
    const auto events = (*store)->read({}, range);
    if (!events || events->empty()) die("the scan stopped");
    seen += events->size();
  }
  return static_cast<double>(seen) / seconds_since(start);
}

double scan_raw(const fs::path& folder) {
  const auto database = Database::open(options_for(folder));
  if (!database) die(database.error().message);
  rocksdb::ReadOptions options;
  options.readahead_size = 1 << 20;
  options.fill_cache = false;
  const auto start = std::chrono::steady_clock::now();
  const std::unique_ptr<rocksdb::Iterator> iterator(
      (*database)->db().NewIterator(options, (*database)->family(Family::records)));
  std::uint64_t seen = 0;
  std::uint64_t bytes = 0;
  for (iterator->SeekToFirst(); iterator->Valid(); iterator->Next(), ++seen)
    bytes += iterator->value().size();
  if (seen != kScanEvents || bytes == 0) die("the bare scan stopped");
  return static_cast<double>(seen) / seconds_since(start);
}

void bench_scan(const fs::path& folder, int rounds) {
  fill(folder);
  std::vector<double> ours, raw, ratio;
  for (int round = 0; round < rounds; ++round) {
    raw.push_back(scan_raw(folder));
    ours.push_back(scan_store(folder));
    ratio.push_back(ours.back() / raw.back());
  }
  std::printf(
      "\nscan and decode with hashes checked: %.0f events/s, bare iterator %.0f/s, "
      "ratio %.2f\n",
      median(ours), median(raw), median(ratio));
}

}  // namespace

int main(int argc, char** argv) {
  const fs::path base = argc > 1 ? argv[1] : fs::temp_directory_path() / "factum-bench";
  int rounds = 3;
  if (argc > 2) std::from_chars(argv[2], argv[2] + std::strlen(argv[2]), rounds);
  fs::create_directories(base);
  const fs::path folder = base / "log";
  std::printf("%9s %9s %12s %12s %8s %14s %8s %12s\n", "producers", "batch", "append/s", "raw/s",
              "ratio", "conditional/s", "ratio", "fdatasync/s");
  bench_append(folder, 1, 4'000, rounds);
  bench_append(folder, 16, 40'000, rounds);
  bench_append(folder, 64, 80'000, rounds);
  bench_append(folder, 256, 150'000, rounds);
  bench_scan(folder, rounds);
  fs::remove_all(base);
}
