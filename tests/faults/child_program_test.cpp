// How a child ends is what the byte-flip sweep judges by.
#include "tests/support/child_program.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <system_error>

using namespace factum::test;
using namespace std::chrono_literals;

namespace {

ChildProgram::End run(const std::string& script, std::chrono::milliseconds limit = 20s) {
  return ChildProgram({"/bin/sh", "-c", script}).wait(limit);
}

}  // namespace

TEST_CASE("a child's output, errors and exit code are told") {
  const auto end = run("echo one; echo two >&2; exit 3");
  CHECK(end.output == "one\ntwo\n");
  CHECK(end.exit_code == 3);
  CHECK(end.signal == 0);
  CHECK(end.in_time);
}

TEST_CASE("of a child that a signal ended its number and output are told") {
  const auto end = run("echo one; kill -ABRT $$");
  CHECK(end.output == "one\n");
  CHECK(end.exit_code == -1);
  CHECK(end.signal == SIGABRT);
  CHECK(end.in_time);
}

TEST_CASE("a child that hangs is killed at its deadline") {
  const auto end = run("echo one; exec cat /dev/zero >/dev/null", 200ms);
  CHECK(end.output == "one\n");
  CHECK_FALSE(end.in_time);
}

TEST_CASE("a program that is not there throws") {
  CHECK_THROWS_AS(ChildProgram({"/nowhere/to/be/found"}), std::system_error);
}
