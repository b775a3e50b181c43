// A program that runs beside the test: what it writes, and how it ends.
#pragma once

#include <chrono>
#include <string>
#include <sys/types.h>
#include <vector>

namespace factum::test {

/// Started at once, killed by the destructor if it still runs. Unlike after fork() the test may
/// have threads. Throws when no process can be started. Not thread-safe.
class ChildProgram {
 public:
  /// `command`: the path of the program, then its arguments.
  explicit ChildProgram(std::vector<std::string> command);
  ~ChildProgram();
  ChildProgram(const ChildProgram&) = delete;
  ChildProgram& operator=(const ChildProgram&) = delete;

  struct End {
    std::string output;   ///< standard output and errors, as they came
    int exit_code = -1;   ///< -1: a signal ended it
    int signal = 0;       ///< that ended it, 0: none
    bool in_time = true;  ///< false: it still ran at its deadline and was killed
  };
  /// Waits for the end, at most until `limit` after the start. Call it once.
  End wait(std::chrono::milliseconds limit);

 private:
  bool read_until(std::chrono::steady_clock::time_point deadline, std::string& output) const;

  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  pid_t process_ = -1;
  int output_ = -1;
};

}  // namespace factum::test
