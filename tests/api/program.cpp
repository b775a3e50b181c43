#include "tests/api/program.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <sys/wait.h>

namespace factum::test {

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

Outcome run(const TempDir& folder, const std::string& arguments, const std::string& environment) {
  const std::string errors = folder / "errors.txt";
  const std::string command = "cd " + folder.path().string() + " && " + environment +
                              " " FACTUM_PROGRAM " " + arguments + " 2>" + errors;
  Outcome outcome;
  FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::array<char, 65536> part{};
  for (std::size_t size = 0; (size = std::fread(part.data(), 1, part.size(), pipe)) > 0;)
    outcome.output.append(part.data(), size);
  const int status = pclose(pipe);
  outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  outcome.errors = text_of(errors);
  return outcome;
}

}  // namespace factum::test
