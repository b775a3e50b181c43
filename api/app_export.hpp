// What an auditor takes along: an offline bundle, or the newest checkpoint.
#pragma once

#include "api/app.hpp"
#include "api/app_verify.hpp"

#include <atomic>
#include <functional>
#include <string>

namespace factum::api {

struct ExportOptions {
  std::string out;   ///< a ZIP file if it ends in .zip, else a folder
  std::string vkey;  ///< of the log; empty = the one that it claims to have
  bool ciphertexts = false;
  std::function<void(std::uint64_t done, std::uint64_t total)> on_progress;  ///< may be empty
  const std::atomic<bool>* stop = nullptr;  ///< set from elsewhere: give up
};

/// Writes a bundle of a folder or an address and gives its number of events. A broken-off export
/// into a folder goes on where it was. Errors: invalid_argument, not_found, already_exists,
/// corrupt, unavailable (stopped, or no answer), io_error.
Result<std::uint64_t> export_log(const LogPlace& place, const ExportOptions& options);

struct NewestCheckpoint {
  std::string note;
  std::string vkey;
};

/// What the log in a data folder signed last; the folder may be in use. Errors: not_found, corrupt
/// (not signed by the key beside it), io_error.
Result<NewestCheckpoint> newest_checkpoint(const std::string& data);

/// Hands the signing of a log that nobody has open over to a new key, and signs the newest tree
/// with it. Gives the vkey of the new key. Errors: locked, not_found, those of the keys.
Result<std::string> rotate_signing_key(const AppOptions& options);

}  // namespace factum::api
