// Looks a data folder over without changing it, and says what to do.
#pragma once

#include "api/app_backups.hpp"
#include "core/es/log_backups.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace factum::api {

/// How a check ended; unchecked: it could not be done, and why.
enum class Health { ok, unchecked, warning, error };
/// "ok", "unchecked", "warning" or "error".
std::string_view to_string(Health health);

struct Finding {
  std::string check;  ///< what was looked at, in one or two words
  Health health = Health::ok;
  std::string text;    ///< one sentence
  std::string advice;  ///< what to do; empty = nothing
};

struct DoctorOptions {
  Folders folders;
  std::string root_key_hex;  ///< 64 hexadecimal digits; empty = a file in the folder of the keys
  bool quick = false;        ///< leaves out what reads every byte of the log
};

/// Checks everything that can be, in a fixed order, and hands over each finding as it is made. A
/// server may be running meanwhile. Errors: none; what goes wrong is a finding.
void examine(const DoctorOptions& options, const WorkWatch& watch,
             const std::function<void(const Finding&)>& on_finding);

}  // namespace factum::api
