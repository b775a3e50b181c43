// The reject report: a CSV file with the place and the rule of what was left out, and no value.
#pragma once

#include "api/import/fact.hpp"
#include "core/base/result.hpp"

#include <fstream>
#include <string>

namespace factum::importing {

/// Writes "file,line,column,rule" rows; the file is made with the first of them, readable by its
/// owner only. Not thread-safe.
class RejectReport {
 public:
  /// `path` empty: nothing is written.
  explicit RejectReport(std::string path) : path_(std::move(path)) {}

  void add(const Reject& reject);
  /// Errors: io_error if anything could not be written.
  Status finish();

 private:
  std::string path_;
  std::ofstream file_;
  bool failed_ = false;
};

}  // namespace factum::importing
