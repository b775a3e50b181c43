// A bare RocksDB scan over the records of a log: the yardstick of replay and rebuild. And bare
// opening: that of start-up.
//
// bench_log_scan --log DIR [--open-only 1]    the folder of the log's RocksDB; nobody may be
// writing
//                                             to it
// Prints one JSON object: milliseconds of opening; unless that is all that was wanted, events,
// their bytes, events per second (opening not counted), CPU time of each.
#include "tests/bench/open_log.hpp"

#include <chrono>
#include <ctime>

int main(int count, char** values) {
  using Clock = std::chrono::steady_clock;
  const factum::bench::Arguments arguments(count, values);
  const auto opening = Clock::now();
  const factum::bench::OpenLog log(arguments.text("log"));
  const std::chrono::duration<double, std::milli> opened = Clock::now() - opening;
  if (arguments.number("open-only", 0) != 0) {
    std::printf("{\"open_ms\": %.1f}\n", opened.count());
    return 0;
  }
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
  const auto began = Clock::now();
  const std::clock_t cpu_began = std::clock();
  const auto records = log.iterator("records");
  for (records->SeekToFirst(); records->Valid(); records->Next(), ++events)
    bytes += records->value().size();
  factum::bench::check(records->status());
  const std::chrono::duration<double> elapsed = Clock::now() - began;
  const double cpu_us = static_cast<double>(std::clock() - cpu_began) * 1e6 / CLOCKS_PER_SEC;
  const auto read = static_cast<double>(std::max<std::uint64_t>(events, 1));
  std::printf(
      "{\"open_ms\": %.1f, \"events\": %llu, \"bytes\": %llu, \"per_second\": %.0f, \"cpu_us\": "
      "%.3f}\n",
      opened.count(), static_cast<unsigned long long>(events),
      static_cast<unsigned long long>(bytes), read / elapsed.count(), cpu_us / read);
  return 0;
}
