// A verifier's view of a data folder, which another process may have open.
#pragma once

#include "eventstore/log_source.hpp"

#include <memory>
#include <string>

namespace factum {

/// Reads DATA/log as it was when it was opened; changes nothing and takes no lock. The checkpoint
/// is DATA/checkpoint, and the claimed key DATA/vkey. Errors: not_found (no log or no checkpoint
/// there), unsupported_format, corrupt, io_error.
Result<std::unique_ptr<LogSource>> open_folder_source(const std::string& data_directory);

}  // namespace factum
