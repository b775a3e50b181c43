#include "tests/support/child_program.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace factum::test {
namespace {

void check(int error, const char* what) {
  if (error != 0) throw std::system_error(error, std::generic_category(), what);
}

}  // namespace

ChildProgram::ChildProgram(std::vector<std::string> command) {
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  std::array<int, 2> ends{};
  // Closed in programs that are started meanwhile: the output ends when this one does.
  check(::pipe2(ends.data(), O_CLOEXEC) == 0 ? 0 : errno, "a pipe");
  output_ = ends[0];
  posix_spawn_file_actions_t actions;
  check(::posix_spawn_file_actions_init(&actions), "a program's files");
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  const int error =
      ::posix_spawn(&process_, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  if (error != 0) ::close(output_);
  check(error, arguments[0]);
}

ChildProgram::~ChildProgram() {
  if (process_ > 0) {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  ::close(output_);
}

// False when the time is over before the output.
bool ChildProgram::read_until(std::chrono::steady_clock::time_point deadline,
                              std::string& output) const {
  std::array<char, 4096> part{};
  while (true) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd waiting{output_, POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) continue;
    const ssize_t size = ::read(output_, part.data(), part.size());
    if (size == 0) return true;
    if (size > 0) output.append(part.data(), static_cast<std::size_t>(size));
  }
}

ChildProgram::End ChildProgram::wait(std::chrono::milliseconds limit) {
  End end;
  end.in_time = read_until(started_ + limit, end.output);
  if (!end.in_time) ::kill(process_, SIGKILL);
  int status = 0;
  while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) continue;
  process_ = -1;
  if (WIFEXITED(status)) end.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
  return end;
}

}  // namespace factum::test
