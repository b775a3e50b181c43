#include "tests/api/program.hpp"

#include "eventstore/pause.hpp"
#include "tests/api/api_fixture.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/test_files.hpp"

#include <doctest/doctest.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace factum::test {
namespace {

using namespace std::chrono_literals;

pid_t start(const std::string& folder, std::vector<std::string> words) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child > 0) return child;
  const int nowhere = ::open("/dev/null", O_RDWR);
  ::dup2(nowhere, STDOUT_FILENO);
  ::dup2(nowhere, STDERR_FILENO);
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  if (::chdir(folder.c_str()) == 0) ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

}  // namespace

// Runs `factum <arguments>` to its end.
Outcome run(const TempDir& folder, const std::string& arguments, const std::string& before) {
  const std::string errors = folder / "errors.txt";
  const std::string command = "cd " + folder.path().string() + " && " + before +
                              " " FACTUM_PROGRAM " " + arguments + " 2>" + errors;
  Outcome outcome;
  FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::array<char, 65536> part{};
  for (std::size_t size = 0; (size = std::fread(part.data(), 1, part.size(), pipe)) > 0;)
    outcome.output.append(part.data(), size);
  const int status = pclose(pipe);
  outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  outcome.errors = file_text(errors);
  return outcome;
}

bool run_and_kill_program(const TempDir& folder, const std::string& arguments,
                          const std::string& begun, std::chrono::microseconds after) {
  std::vector<std::string> words{FACTUM_PROGRAM};
  std::istringstream rest(arguments);
  for (std::string word; rest >> word;) words.push_back(word);
  const pid_t child = start(folder.path().string(), words);
  int status = 0;
  pid_t ended = 0;
  eventually(begun, [&] {
    ended = ::waitpid(child, &status, WNOHANG);
    return ended == child || std::filesystem::exists(folder / begun);
  });
  if (ended == child) return false;
  pause_for(after);
  ::kill(child, SIGKILL);
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status);
}

ServedProgram::ServedProgram(const TempDir& folder, const std::string& data,
                             const std::string& keys)
    : data_(folder / data) {
  std::filesystem::remove(data_ + "/serving");
  process_ = start(folder.path().string(),
                   {FACTUM_PROGRAM, "serve", "--data", data, "--keys", keys, "--port", "0"});
  bool ready = false;
  for (int looks = 0; looks < 1000 && !ready; ++looks) {
    pause_for(20ms);
    std::ifstream file(data_ + "/serving");
    std::string address;
    if (std::getline(file, address)) file >> port_;
    ready = port_ != 0 && call("GET", "/readyz").status == 200;
  }
  REQUIRE(ready);
}

ServedProgram::~ServedProgram() { end(SIGTERM); }

void ServedProgram::kill() { end(SIGKILL); }

void ServedProgram::end(int signal) {
  if (process_ < 0) return;
  ::kill(process_, signal);
  int status = 0;
  ::waitpid(process_, &status, 0);
  process_ = -1;
}

ClientResponse ServedProgram::call(std::string_view method, std::string_view target,
                                   std::string_view body) {
  std::vector<api::Header> headers;
  if (method != "GET") headers = {{"content-type", "application/json"}, {"factum-actor", actor_}};
  return HttpClient(port_).call(method, target, body, headers);
}

}  // namespace factum::test
