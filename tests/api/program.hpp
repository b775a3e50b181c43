// Runs the program as a process to its end.
#pragma once

#include "tests/support/temp_dir.hpp"

#include <string>

namespace factum::test {

struct Outcome {
  int code = -1;
  std::string output;
  std::string errors;
};

/// Runs `factum <arguments>` in the folder, by the shell.
Outcome run(const TempDir& folder, const std::string& arguments,
            const std::string& environment = "");

/// The bytes of a file; empty if there is none.
std::string text_of(const std::string& path);

}  // namespace factum::test
