// How close `factum verify` comes to what no verifier can leave out: scanning records and
// ciphertexts once and hashing them, the entries and the nodes of the tree.
//
// bench_verify --data DIR [--threads N]    a data folder; nobody may be writing to it
// Prints one JSON object: events, processor time and time per event of both, and the bound's share
// of the verifier's.
#include "core/es/log_verdict.hpp"
#include "eventstore/hash.hpp"
#include "eventstore/log_verifier.hpp"
#include "eventstore/merkle_tree.hpp"
#include "eventstore/record_format.hpp"
#include "eventstore/rocksdb_log_source.hpp"
#include "tests/bench/open_log.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <memory>
#include <thread>
#include <vector>

namespace {

using namespace factum;
using bench::OpenLog;

struct Cost {
  double cpu_ns = 0;
  double wall_ns = 0;
};

template <class Work>
Cost cost_of(const Work& work) {
  const auto began = std::chrono::steady_clock::now();
  const std::clock_t cpu_began = std::clock();
  work();
  const std::chrono::duration<double, std::nano> wall = std::chrono::steady_clock::now() - began;
  return {1e9 * static_cast<double>(std::clock() - cpu_began) / CLOCKS_PER_SEC, wall.count()};
}

// Hashes the values of a family from a position up to another one, not included.
void hash(const OpenLog& log, const char* family, std::uint64_t from, std::uint64_t to,
          bool entries) {
  const auto rows = log.iterator(family);
  const std::string end = position_key(Position(to));
  Digest node{};
  for (rows->Seek(position_key(Position(from))); rows->Valid() && rows->key().compare(end) < 0;
       rows->Next()) {
    const std::string_view value = rows->value().ToStringView();
    const Digest digest = sha256(entries ? value.substr(kStoredHeaderBytes) : value);
    if (!entries) continue;
    const Digest leaf = leaf_hash(value.substr(0, kTreeEntryBytes));
    node = node_hash(leaf, digest);
  }
  bench::check(rows->status());
}

std::uint64_t events_of(const OpenLog& log) {
  const auto rows = log.iterator("records");
  rows->SeekToLast();
  return rows->Valid() ? parse_position_key(rows->key().ToStringView())->value() : 0;
}

Cost bound(const std::string& data, std::uint64_t threads) {
  const OpenLog log(data + "/log");
  const std::uint64_t part = events_of(log) / threads + 1;
  return cost_of([&] {
    std::vector<std::thread> workers;
    for (std::uint64_t i = 0; i < threads; ++i) {
      workers.emplace_back([&log, from = 1 + i * part, to = 1 + (i + 1) * part] {
        hash(log, "records", from, to, true);
        hash(log, "slots", from, to, false);
      });
    }
    for (std::thread& worker : workers) worker.join();
  });
}

Cost verifier(const std::string& data, std::uint64_t threads, std::uint64_t& events) {
  auto source = open_folder_source(data);
  if (!source) bench::give_up(source.error().message);
  VerifyOptions options;
  options.threads = static_cast<unsigned>(threads);
  return cost_of([&] {
    const auto verdict = verify_log(**source, options);
    if (!verdict || !verdict->good()) bench::give_up("the log does not verify");
    events = verdict->events;
  });
}

}  // namespace

int main(int count, char** values) {
  constexpr int kRounds = 5;
  const bench::Arguments arguments(count, values);
  const std::string data = arguments.text("data");
  const std::uint64_t threads = arguments.number("threads", 2);
  Cost least{1e300, 1e300};
  Cost verified{1e300, 1e300};
  std::uint64_t events = 0;
  for (int i = 0; i < kRounds; ++i) {
    const Cost one = bound(data, threads);
    const Cost other = verifier(data, threads, events);
    least = {std::min(least.cpu_ns, one.cpu_ns), std::min(least.wall_ns, one.wall_ns)};
    verified = {std::min(verified.cpu_ns, other.cpu_ns), std::min(verified.wall_ns, other.wall_ns)};
  }
  const auto per_event = [&](double total) { return total / static_cast<double>(events); };
  std::printf(
      "{\"events\": %llu, \"threads\": %llu, \"bound_cpu_ns\": %.0f, \"verify_cpu_ns\": %.0f, "
      "\"cpu_share\": %.2f, \"bound_wall_ns\": %.0f, \"verify_wall_ns\": %.0f, "
      "\"wall_share\": %.2f, \"verified_per_second\": %.0f}\n",
      static_cast<unsigned long long>(events), static_cast<unsigned long long>(threads),
      per_event(least.cpu_ns), per_event(verified.cpu_ns), least.cpu_ns / verified.cpu_ns,
      per_event(least.wall_ns), per_event(verified.wall_ns), least.wall_ns / verified.wall_ns,
      1e9 / per_event(verified.wall_ns));
  return 0;
}
