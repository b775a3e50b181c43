// Command lines of the benchmark programs: --name value pairs, nothing else.
#pragma once

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <string_view>

namespace factum::bench {

/// Prints one line to stderr and ends the program with 1: a benchmark has nothing to clean up that
/// its caller does not remove.
[[noreturn]] inline void give_up(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(1);
}

class Arguments {
 public:
  /// Gives up when a name has no value.
  Arguments(int count, char** values) {
    for (int i = 1; i < count; i += 2) {
      const std::string_view name(values[i]);
      if (!name.starts_with("--") || i + 1 == count)
        give_up(std::string(name) + " is not the name of an option with a value");
      given_[std::string(name.substr(2))] = values[i + 1];
    }
  }

  std::string text(const std::string& name, const std::string& otherwise) const {
    const auto found = given_.find(name);
    return found == given_.end() ? otherwise : found->second;
  }
  /// Gives up when the option is missing.
  std::string text(const std::string& name) const {
    const auto found = given_.find(name);
    if (found == given_.end()) give_up("--" + name + " is missing");
    return found->second;
  }
  std::uint64_t number(const std::string& name, std::uint64_t otherwise) const {
    const auto found = given_.find(name);
    if (found == given_.end()) return otherwise;
    const char* end = found->second.data() + found->second.size();
    std::uint64_t value = 0;
    if (std::from_chars(found->second.data(), end, value).ptr != end)
      give_up("--" + name + " takes a number");
    return value;
  }

 private:
  std::map<std::string, std::string> given_;
};

}  // namespace factum::bench
