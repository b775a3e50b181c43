#include "api/import/progress.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace factum::importing {
namespace {

constexpr int kBarWidth = 24;
constexpr std::size_t kNameWidth = 16;
constexpr std::chrono::milliseconds kRateNeeds{500};
constexpr std::chrono::milliseconds kBarEvery{100};
constexpr std::chrono::milliseconds kLineEvery{5000};

std::string time_left(std::uint64_t seconds) {
  if (seconds < 60) return std::to_string(seconds) + " s left";
  return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60) + " s left";
}

std::string padded_left(std::string text, std::size_t width) {
  if (text.size() < width) text.insert(0, width - text.size(), ' ');
  return text;
}

}  // namespace

std::string with_thousands(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t from_end = 3; from_end < text.size(); from_end += 4) {
    text.insert(text.size() - from_end, 1, ',');
  }
  return text;
}

std::string render_progress(const ProgressState& state, int bar_width) {
  std::string line = state.what;
  line.resize(std::max(line.size(), kNameWidth), ' ');
  const double share = state.bytes_total == 0
                           ? 0.0
                           : std::min(1.0, static_cast<double>(state.bytes_done) /
                                               static_cast<double>(state.bytes_total));
  if (state.bytes_total > 0) {
    if (bar_width > 0) {
      const auto full = static_cast<std::size_t>(share * bar_width);
      line += " [" + std::string(full, '#') +
              std::string(static_cast<std::size_t>(bar_width) - full, '-') + "]";
    }
    line += " " + padded_left(std::to_string(static_cast<int>(share * 100)), 3) + " %";
  }
  line += "  " + with_thousands(state.rows) + " rows";
  if (state.elapsed < kRateNeeds) return line;
  const double seconds = static_cast<double>(state.elapsed.count()) / 1000.0;
  const auto rate = static_cast<std::uint64_t>(static_cast<double>(state.rows) / seconds);
  line += "  " + with_thousands(rate) + " rows/s";
  if (share > 0.0 && share < 1.0) {
    line +=
        "  " + time_left(static_cast<std::uint64_t>(std::llround(seconds / share * (1.0 - share))));
  }
  return line;
}

Progress::Progress(Print print, bool terminal, bool quiet)
    : print_(std::move(print)), terminal_(terminal), quiet_(quiet) {}

void Progress::update(ProgressState state, Clock::time_point now) {
  if (quiet_) return;
  if (last_ == Clock::time_point::min()) last_ = now;
  if (start_ == Clock::time_point::min() || state.what != part_.what) {
    start_ = now;
    part_ = state;
  }
  if (now - last_ < (terminal_ ? kBarEvery : kLineEvery)) return;
  last_ = now;
  state.rows_before = part_.rows;
  state.bytes_before = part_.bytes_done;
  state.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - start_);
  if (terminal_) {
    print_("\r" + render_progress(state, kBarWidth) + "\033[K");
  } else {
    print_(render_progress(state, 0) + "\n");
  }
  drawn_ = terminal_;
}

void Progress::clear() {
  if (std::exchange(drawn_, false)) print_("\r\033[K");
}

}  // namespace factum::importing
