// How long the disk takes to make a small append durable: the floor of one acknowledged write.
//
// bench_disk_flush --directory DIR [--bytes 512] [--seconds 1]
// Prints one JSON object: flushes per second, p50 and p99 in microseconds.
#include "tests/bench/arguments.hpp"

#include <algorithm>
#include <chrono>
#include <fcntl.h>
#include <string>
#include <unistd.h>
#include <vector>

namespace {

using SteadyClock = std::chrono::steady_clock;
using Microseconds = std::chrono::duration<double, std::micro>;

double at_quantile(const std::vector<double>& sorted, double quantile) {
  const auto last = static_cast<double>(sorted.size() - 1);
  return sorted[static_cast<std::size_t>(quantile * last)];
}

}  // namespace

int main(int count, char** values) {
  const factum::bench::Arguments arguments(count, values);
  const std::string path = arguments.text("directory") + "/flush_probe";
  const std::string block(arguments.number("bytes", 512), 'x');
  const auto seconds = std::chrono::seconds(arguments.number("seconds", 1));
  const int file = ::open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) factum::bench::give_up("cannot make a file in the folder");
  std::vector<double> durations;
  const auto began = SteadyClock::now();
  auto last = began;
  while (last - began < seconds) {
    const bool written =
        ::write(file, block.data(), block.size()) == static_cast<ssize_t>(block.size());
    if (!written || ::fdatasync(file) != 0) factum::bench::give_up("a write failed");
    const auto now = SteadyClock::now();
    durations.push_back(Microseconds(now - last).count());
    last = now;
  }
  const double elapsed = std::chrono::duration<double>(last - began).count();
  ::close(file);
  ::unlink(path.c_str());
  std::sort(durations.begin(), durations.end());
  std::printf("{\"per_second\": %.0f, \"p50_us\": %.1f, \"p99_us\": %.1f}\n",
              static_cast<double>(durations.size()) / elapsed, at_quantile(durations, 0.5),
              at_quantile(durations, 0.99));
  return 0;
}
