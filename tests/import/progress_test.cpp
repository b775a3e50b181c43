#include "api/import/progress.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>

using namespace factum::importing;
using std::chrono::milliseconds;

namespace {
/// What `Progress` prints for an update every 50 ms over `seconds`.
std::string printed(bool terminal, bool quiet, int seconds) {
  std::string shown;
  Progress progress([&](std::string_view text) { shown += text; }, terminal, quiet);
  const Progress::Clock::time_point start{};
  for (int at = 0; at <= seconds * 1000; at += 50) {
    const auto rows = static_cast<std::uint64_t>(at);
    progress.update({"order", rows, rows, 20'000, {}}, start + milliseconds(at));
  }
  progress.clear();
  return shown;
}
}  // namespace

TEST_CASE("a line of progress tells share, rows, rate and time left") {
  const ProgressState state{"order", 120'000, 38, 100, milliseconds(2900), 0, 0};
  CHECK(render_progress(state, 10) ==
        "order            [###-------]  38 %  120,000 rows  41,379 rows/s  5 s left");
  CHECK(render_progress({"order", 5, 1, 100, milliseconds(100)}, 0) ==
        "order              1 %  5 rows");
  CHECK(render_progress({"order", 1'234'567, 0, 0, milliseconds(1000)}, 10) ==
        "order             1,234,567 rows  1,234,567 rows/s");
  CHECK(render_progress({"x", 1000, 1, 100, milliseconds(1000)}, 0).find("1 min 39 s left") !=
        std::string::npos);
}

TEST_CASE("a terminal gets one line that is drawn again and removed at the end") {
  const std::string shown = printed(true, false, 1);
  CHECK(shown.find('\n') == std::string::npos);
  CHECK(shown.substr(shown.size() - 4) == "\r\033[K");
}

TEST_CASE("a file gets a plain line every five seconds") {
  const std::string shown = printed(false, false, 11);
  CHECK(std::count(shown.begin(), shown.end(), '\n') == 2);
  CHECK(shown.find('\r') == std::string::npos);
}

TEST_CASE("quiet prints nothing") { CHECK(printed(true, true, 5).empty()); }
