// Reads the log that a bit was flipped in, for the byte-flip sweep:
//   flip_reader FOLDER
// Writes one line about what it read to standard output.
#include "tests/faults/loops/log_answers.hpp"

#include <csignal>
#include <sys/resource.h>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  // Ctrl-C is for the sweep; a reader that it ended would count as one that damage ended.
  std::signal(SIGINT, SIG_IGN);
  // Many die; an image of their memory each time would fill the disk.
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  return factum::test::answer_for_log(argv[1]);
}
