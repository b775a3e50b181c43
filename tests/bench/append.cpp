// The log in process and, as its yardstick, raw RocksDB with the same puts. One measurement a call:
// scripts/bench alternates them, because only ratios of one run count.
//
// bench_append --directory DIR --mode MODE [--seconds 1] [--producers 1] [--batch-hundredths 100]
//   store        single events from so many producers that wait for their answers; with --prefill N
//                behind so many others
//   conditional  the same; each with a condition on two tags, after = head
//   raw          bare RocksDB: ready bytes, one thread, so many events in a durable batch
//   fill         makes a log for the next two; seconds do not matter
//   read         visits that log on one thread: decodes every event, hashes checked
//   scan         a bare iterator over it
// DIR/log is made anew, except by read and scan. Prints one JSON object; fill prints nothing.
#include "eventstore/record_format.hpp"
#include "eventstore/rocksdb_event_store.hpp"
#include "eventstore/rocksdb_tag_index.hpp"
#include "eventstore/system_sources.hpp"
#include "tests/bench/arguments.hpp"

#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <string>
#include <sys/resource.h>
#include <vector>

using namespace factum;
using bench::give_up;
namespace fs = std::filesystem;

namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kDataBytes = 400;
constexpr std::uint64_t kEntities = 100'000;
constexpr std::uint64_t kReadyEvents = 10'000;
constexpr std::uint64_t kScanEvents = 300'000;

SystemClock g_clock;

// What a measurement gives; latencies in microseconds, empty for one thread that does not wait.
struct Measured {
  std::uint64_t events = 0;
  double seconds = 0;
  double cpu_seconds = 0;
  double mean_batch = 1;
  std::vector<double> latencies_us;
};

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(SteadyClock::now() - began_).count();
  }
  void stop(Measured& measured) const {
    measured.seconds = seconds();
    measured.cpu_seconds = cpu_seconds() - cpu_began_;
  }

 private:
  SteadyClock::time_point began_ = SteadyClock::now();
  double cpu_began_ = cpu_seconds();
};

// Text that compresses about as well as prose: words in an order that does not repeat soon.
std::string clear_data(std::uint64_t number) {
  static constexpr std::array<std::string_view, 16> kWords{
      "offer",  "asked", "forty",    "units",  "delivery", "before", "quarter", "price",
      "called", "back",  "tomorrow", "agreed", "invoice",  "sent",   "meeting", "contract"};
  std::string data = "{\"text\":\"";
  std::uint64_t state = number * 0x9E3779B97F4A7C15ULL + 1;
  while (data.size() < kDataBytes - 14) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    data += kWords[state % kWords.size()];
    data += static_cast<char>('a' + state / 16 % 26);
    data += ' ';
  }
  return data + "\"}";
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
  event.record.data = clear_data(number);
  event.record.actor = "user:0198f2b4-0000-7000-8000-000000000001";
  return event;
}

// Closed loop: `producers` appends are in flight; completions wake one driving thread.
class Load {
 public:
  Load(EventStore& store, std::size_t producers, bool conditional)
      : store_(store), ids_(g_clock), conditional_(conditional), sent_at_(producers) {
    for (std::size_t i = 0; i < producers; ++i) ready_.push_back(i);
  }

  Measured run(double seconds) {
    const Stopwatch watch;
    std::vector<std::size_t> taken;
    std::uint64_t sent = 0;
    while (watch.seconds() < seconds) {
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return !ready_.empty(); });
        taken.swap(ready_);
      }
      for (const std::size_t producer : taken) send(producer, sent++);
      taken.clear();
    }
    std::unique_lock lock(mutex_);
    draining_ = true;
    changed_.wait(lock, [&] { return ready_.size() == sent_at_.size(); });
    Measured measured;
    watch.stop(measured);
    measured.events = sent;
    measured.latencies_us = std::move(latencies_us_);
    return measured;
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
    sent_at_[producer] = SteadyClock::now();
    store_.append(std::move(request), [this, producer](const Result<AppendResult>& result) {
      if (!result && result.error().code != ErrorCode::condition_failed)
        give_up(result.error().message);
      const std::chrono::duration<double, std::micro> took =
          SteadyClock::now() - sent_at_[producer];
      const std::lock_guard lock(mutex_);
      latencies_us_.push_back(took.count());
      ready_.push_back(producer);
      if (draining_ || ready_.size() == 1) changed_.notify_one();
    });
  }

  EventStore& store_;
  UuidV7Source ids_;
  const bool conditional_;
  std::vector<SteadyClock::time_point> sent_at_;  // by producer, of its append in flight
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::size_t> ready_;
  std::vector<double> latencies_us_;
  bool draining_ = false;
};

EventStoreOptions options_for(const fs::path& folder) {
  EventStoreOptions options;
  options.directory = folder.string();
  options.clock = &g_clock;
  return options;
}

// Appends so many events in large batches and waits for them.
void fill(EventStore& store, std::uint64_t events) {
  UuidV7Source ids(g_clock);
  std::mutex mutex;
  std::condition_variable changed;
  std::uint64_t done = 0;
  constexpr std::uint64_t kPerAppend = 1000;
  for (std::uint64_t sent = 0; sent < events; sent += kPerAppend) {
    AppendRequest request;
    for (std::uint64_t i = 0; i < kPerAppend; ++i)
      request.events.push_back(make_event(ids, sent + i));
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return sent - done <= 8 * kPerAppend; });
    lock.unlock();
    store.append(std::move(request), [&](const Result<AppendResult>& result) {
      if (!result) give_up(result.error().message);
      const std::lock_guard guard(mutex);
      done += kPerAppend;
      changed.notify_one();
    });
  }
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return done >= events; });
}

void fill(const fs::path& folder) {
  fs::remove_all(folder);
  auto store = open_rocksdb_event_store(options_for(folder));
  if (!store) give_up(store.error().message);
  fill(**store, kScanEvents);
}

Measured measure_store(const fs::path& folder, std::size_t producers, std::uint64_t prefill,
                       double seconds, bool conditional) {
  fs::remove_all(folder);
  std::atomic<std::uint64_t> batches{0};
  EventStoreOptions options = options_for(folder);
  options.faults.on_write = [&] {
    ++batches;
    return StorageFault::none;
  };
  auto store = open_rocksdb_event_store(options);
  if (!store) give_up(store.error().message);
  fill(**store, prefill);
  batches = 0;
  Measured measured = Load(**store, producers, conditional).run(seconds);
  measured.mean_batch = static_cast<double>(measured.events) / static_cast<double>(batches.load());
  return measured;
}

// The same puts from ready bytes, one thread, no other work. `mean_batch` need not be whole.
Measured measure_raw(const fs::path& folder, double mean_batch, double seconds) {
  fs::remove_all(folder);
  const auto database = Database::open(options_for(folder));
  if (!database) give_up(database.error().message);
  UuidV7Source ids(g_clock);
  std::vector<std::string> stored;
  std::vector<std::vector<std::string>> tags;
  for (std::uint64_t i = 0; i < kReadyEvents; ++i) {
    Digest hash;
    NewEvent event = make_event(ids, i * 7);
    stored.push_back(encode_stored(event.record, hash));
    tags.push_back(std::move(event.record.tags));
  }
  Measured measured;
  measured.mean_batch = mean_batch;
  const Stopwatch watch;
  std::string key;
  double due = 0;
  while (watch.seconds() < seconds) {
    rocksdb::WriteBatch batch(0, 0, 8, 0);
    due += mean_batch;
    const auto events = static_cast<std::uint64_t>(due);
    due -= static_cast<double>(events);
    for (std::uint64_t i = 0; i < events; ++i) {
      const Position position(++measured.events);
      const std::size_t ready = measured.events % kReadyEvents;
      static_cast<void>(
          batch.Put((*database)->family(Family::records), position_key(position), stored[ready]));
      for (const std::string& tag : tags[ready]) {
        tag_index_key(tag, 1, position, key);
        static_cast<void>(batch.Put((*database)->family(Family::tags), key, {}));
      }
    }
    if (const auto written = (*database)->write_durably(batch); !written)
      give_up(written.error().message);
  }
  watch.stop(measured);
  return measured;
}

Measured measure_read(const fs::path& folder) {
  auto store = open_rocksdb_event_store(options_for(folder));
  if (!store) give_up(store.error().message);
  Measured measured;
  const Stopwatch watch;
  const auto visited = (*store)->visit({}, {.limit = SIZE_MAX}, [&](RecordedEvent& /*event*/) {
    ++measured.events;
    return true;
  });
  if (!visited) give_up(visited.error().message);
  watch.stop(measured);
  return measured;
}

Measured measure_scan(const fs::path& folder) {
  const auto database = Database::open(options_for(folder));
  if (!database) give_up(database.error().message);
  rocksdb::ReadOptions options;
  options.readahead_size = 1 << 20;
  options.fill_cache = false;
  Measured measured;
  std::uint64_t bytes = 0;
  const Stopwatch watch;
  const std::unique_ptr<rocksdb::Iterator> iterator(
      (*database)->db().NewIterator(options, (*database)->family(Family::records)));
  for (iterator->SeekToFirst(); iterator->Valid(); iterator->Next(), ++measured.events)
    bytes += iterator->value().size();
  watch.stop(measured);
  if (bytes == 0) give_up("there is nothing to scan");
  return measured;
}

double at_quantile(const std::vector<double>& sorted, double quantile) {
  if (sorted.empty()) return 0;
  return sorted[static_cast<std::size_t>(quantile * static_cast<double>(sorted.size() - 1))];
}

void print(Measured measured) {
  const auto events = static_cast<double>(std::max<std::uint64_t>(measured.events, 1));
  std::sort(measured.latencies_us.begin(), measured.latencies_us.end());
  std::printf(
      "{\"per_second\": %.1f, \"p50_us\": %.1f, \"p99_us\": %.1f, \"cpu_us\": %.2f, \"cores\": "
      "%.2f, \"mean_batch\": %.2f}\n",
      events / measured.seconds, at_quantile(measured.latencies_us, 0.5),
      at_quantile(measured.latencies_us, 0.99), measured.cpu_seconds * 1e6 / events,
      measured.cpu_seconds / measured.seconds, measured.mean_batch);
}

}  // namespace

int main(int count, char** values) {
  const bench::Arguments arguments(count, values);
  const fs::path folder = fs::path(arguments.text("directory")) / "log";
  const std::string mode = arguments.text("mode");
  const auto seconds = static_cast<double>(arguments.number("seconds", 1));
  const std::size_t producers = arguments.number("producers", 1);
  if (mode == "store" || mode == "conditional") {
    print(measure_store(folder, producers, arguments.number("prefill", 0), seconds,
                        mode == "conditional"));
  } else if (mode == "raw") {
    // In hundredths, because a mean batch is seldom whole.
    print(measure_raw(folder, static_cast<double>(arguments.number("batch-hundredths", 100)) / 100,
                      seconds));
  } else if (mode == "fill") {
    fill(folder);
  } else if (mode == "read") {
    print(measure_read(folder));
  } else if (mode == "scan") {
    print(measure_scan(folder));
  } else {
    give_up("there is no mode " + mode);
  }
  return 0;
}
