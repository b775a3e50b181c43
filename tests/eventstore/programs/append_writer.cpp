// Appends to a log under load and prints a line per acknowledged event, until it is killed:
//   append_writer DIRECTORY SEED
//   <position> <event id> <event hash in hex>
#include "eventstore/hash.hpp"
#include "eventstore/record_format.hpp"
#include "eventstore/rocksdb_event_store.hpp"
#include "eventstore/system_sources.hpp"

#include <atomic>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <random>
#include <thread>
#include <unistd.h>

using namespace factum;

namespace {

constexpr int kThreads = 3;
constexpr int kInFlightPerThread = 8;

struct Writer {
  EventStore& store;
  UuidV7Source& ids;
  std::mutex mutex;
  std::atomic<int> in_flight{0};
};

std::string hex_of(const EventRecord& record) {
  std::string bytes;
  encode_record(record, bytes);
  std::string text;
  for (const std::uint8_t byte : sha256(bytes)) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", byte);
    text += digits;
  }
  return text + '\n';
}

AppendRequest random_request(Writer& writer, std::mt19937_64& random) {
  AppendRequest request;
  for (std::uint64_t i = random() % 3 + 1; i > 0; --i) {
    NewEvent event;
    event.record.event_id = writer.ids.next();
    event.record.type = "Type" + std::to_string(random() % 5);
    event.record.tags = {"customer:" + std::to_string(random() % 50)};
    event.record.data = "{\"filler\":\"" + std::string(random() % 2000, 'x') + "\"}";
    event.record.actor = "system";
    request.events.push_back(std::move(event));
  }
  request.idempotency = Idempotency{};
  request.idempotency->key = sha256(request.events[0].record.event_id.view());
  return request;
}

// One line per event, each in one write, so that a kill leaves no half line.
void print_acknowledged(Writer& writer, Position first, const std::vector<std::string>& lines) {
  const std::lock_guard lock(writer.mutex);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string line = std::to_string(first.value() + i) + " " + lines[i];
    if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) std::_Exit(2);
  }
}

void append_once(Writer& writer, std::mt19937_64& random) {
  AppendRequest request = random_request(writer, random);
  std::vector<std::string> lines;
  for (const NewEvent& event : request.events)
    lines.push_back(event.record.event_id.to_string() + " " + hex_of(event.record));
  writer.in_flight.fetch_add(1);
  writer.store.append(std::move(request),
                      [&writer, lines = std::move(lines)](Result<AppendResult> result) {
                        if (!result) std::_Exit(3);
                        print_acknowledged(writer, result->first, lines);
                        writer.in_flight.fetch_sub(1);
                        writer.in_flight.notify_all();
                      });
}

[[noreturn]] void append_for_ever(Writer& writer, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  for (;;) {
    for (int busy = writer.in_flight.load(); busy >= kThreads * kInFlightPerThread;
         busy = writer.in_flight.load())
      writer.in_flight.wait(busy);
    append_once(writer, random);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 1;
  SystemClock clock;
  UuidV7Source ids(clock);
  EventStoreOptions options;
  options.directory = argv[1];
  options.clock = &clock;
  options.write_buffer_bytes = 1 << 20;  // flushes and compactions happen within a round
  auto store = open_rocksdb_event_store(options);
  if (!store) {
    std::fprintf(stderr, "append_writer: %s\n", store.error().message.c_str());
    return 1;
  }
  Writer writer{**store, ids, {}, {}};
  std::uint64_t seed = 0;
  std::from_chars(argv[2], argv[2] + std::strlen(argv[2]), seed);
  std::vector<std::thread> threads;
  for (std::uint64_t i = 0; i < kThreads; ++i)
    threads.emplace_back([&writer, seed, i] { append_for_ever(writer, seed * 10 + i); });
  for (std::thread& thread : threads) thread.join();
}
