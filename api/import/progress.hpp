// Tells a waiting person how far an import is: a bar on a terminal, plain lines elsewhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace factum::importing {

/// How far an import is at one moment.
struct ProgressState {
  std::string what;               ///< what is being done now, e.g. "order"
  std::uint64_t rows = 0;         ///< rows read so far
  std::uint64_t bytes_done = 0;   ///< bytes of all files read so far, as stored
  std::uint64_t bytes_total = 0;  ///< bytes that will be read in total; 0 = not known
  std::chrono::milliseconds elapsed{0};
  /// What was done before this part of the work began; rate and time left are those of the part.
  std::uint64_t rows_before = 0;
  std::uint64_t bytes_before = 0;
};

/// One line without line break, e.g.
/// "order            [#########---------------]  38 %  120,000 rows  41,379 rows/s  3 s left".
/// `bar_width` 0 leaves the bar out. Rates over less than half a second are left out.
std::string render_progress(const ProgressState& state, int bar_width);

/// "1,234,567".
std::string with_thousands(std::uint64_t number);

/// Prints progress through `print`: on a terminal one line that is drawn again ten times a second,
/// else a plain line every five seconds. Not thread-safe.
class Progress {
 public:
  using Clock = std::chrono::steady_clock;

  /// Puts text in front of the person, at once.
  using Print = std::function<void(std::string_view)>;

  /// `quiet` prints nothing at all. `terminal` says whether `print` reaches one.
  Progress(Print print, bool terminal, bool quiet);

  /// Call as often as wished; prints when it is time. `now` may be given by tests.
  void update(ProgressState state, Clock::time_point now = Clock::now());
  /// Removes the bar so that other text can be printed.
  void clear();

 private:
  Print print_;
  bool terminal_;
  bool quiet_;
  bool drawn_ = false;
  Clock::time_point start_ = Clock::time_point::min();
  Clock::time_point last_ = Clock::time_point::min();
  ProgressState part_;  ///< as it was when the present part began
};

}  // namespace factum::importing
