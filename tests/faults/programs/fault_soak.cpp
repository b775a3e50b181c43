// Runs one of the loops that the tests run short, for as long as wished; scripts/soak builds and
// calls it:
//   fault_soak LOOP SEED TIMES
// Prints progress to standard error and what was done to standard output. Exit codes: 0 all
// promises held, 1 one was broken, 2 wrong usage, 130 interrupted (what was done is printed).
#include "api/cli/interrupt.hpp"
#include "api/import/progress.hpp"
#include "tests/faults/loops/byte_flips.hpp"
#include "tests/faults/loops/disk_failures.hpp"
#include "tests/faults/loops/power_cuts.hpp"
#include "tests/faults/loops/simulation.hpp"

#include <charconv>
#include <cstdio>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <unistd.h>

using namespace factum;
using namespace factum::test;

namespace {

using Loop = Counts (*)(const LoopOptions&);
const std::map<std::string_view, Loop> kLoops = {{"cuts", run_power_cuts},
                                                 {"failures", run_disk_failures},
                                                 {"flips", run_byte_flips},
                                                 {"simulate", run_simulation}};

bool read_number(const char* text, std::uint64_t& number) {
  const char* end = text + std::strlen(text);
  const auto read = std::from_chars(text, end, number);
  return read.ec == std::errc() && read.ptr == end;
}

int run(Loop loop, const std::string& name, LoopOptions options) {
  const cli::Interrupt interrupt;
  importing::Progress progress(
      [](std::string_view text) {
        std::fwrite(text.data(), 1, text.size(), stderr);
        std::fflush(stderr);
      },
      ::isatty(STDERR_FILENO) == 1, false);
  const auto began = std::chrono::steady_clock::now();
  options.on_step = [&](std::uint64_t done, std::uint64_t of) {
    importing::ProgressState state;
    state.what = name;
    state.rows = state.bytes_done = done;
    state.bytes_total = of;
    state.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - began);
    progress.update(state);
    return !interrupt.flag();
  };
  try {
    const Counts counts = loop(options);
    progress.clear();
    std::printf("%s", show(counts).c_str());
    return interrupt.flag() ? 130 : 0;
  } catch (const Violation& violation) {
    progress.clear();
    std::printf("BROKEN PROMISE: %s\n", violation.what());
    return 1;
  }
}

}  // namespace

int main(int argc, char** argv) {
  LoopOptions options;
  const auto loop = argc == 4 ? kLoops.find(argv[1]) : kLoops.end();
  if (loop == kLoops.end() || !read_number(argv[2], options.seed) ||
      !read_number(argv[3], options.times)) {
    std::fprintf(stderr, "usage: fault_soak cuts|failures|flips|simulate SEED TIMES\n");
    return 2;
  }
  return run(loop->second, std::string(loop->first), options);
}
