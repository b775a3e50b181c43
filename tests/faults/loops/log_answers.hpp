// All that a small log of RandomCommands answers, read in a process of its own: what damage does to
// a reader, an assertion of a library included, must not end the one who looks.
#pragma once

#include "core/base/result.hpp"
#include "tests/support/child_program.hpp"

#include <optional>
#include <string>

namespace factum::test {

/// What was read, as digests.
struct LogAnswers {
  std::string events;  ///< all of them with their ciphertexts, as they were recorded
  std::string state;   ///< claims, outcomes, tag index, stored tree, log id
  std::string root;    ///< of the tree, computed from the events

  bool operator==(const LogAnswers&) const = default;
};

/// How a reader ended.
struct ReaderEnd {
  enum class Kind { read, refused_opening, refused_reading, died, hung };
  Kind kind = Kind::read;
  LogAnswers answers;  ///< of a reader that read, also if it died after that
  std::string why;     ///< of one that died: the assertion, or the signal
};

/// The other process: opens the log as the server does, reads all of it, tells standard output what
/// it read and closes the log. Gives its exit code.
int answer_for_log(const std::string& folder);

/// The one who looks: a reader of the log in `folder`, at work from the start. It is the program
/// `flip_reader` beside the running one.
class LogReader {
 public:
  explicit LogReader(const std::string& folder);
  /// Waits for the end, two minutes at most. Throws Violation when it ends in a way that is none of
  /// ReaderEnd. Call it once.
  ReaderEnd wait();

 private:
  ChildProgram program_;
};

}  // namespace factum::test
