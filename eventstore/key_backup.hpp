// Copies a folder of keys while a program may be using it.
#pragma once

#include "core/base/result.hpp"

#include <cstddef>
#include <string>

namespace factum {

struct KeyCopyOptions {
  std::string from;  ///< a folder of keys
  std::string to;    ///< a folder that is not there, or empty; appears in one step
  /// With root.key and epoch.keys the copy opens the keys by itself: whoever has both copy and log
  /// reads everything, also what is erased later.
  bool root_key = false;
  /// The key that signs checkpoints and what it signed last; not for another log.
  bool signing_key = true;
  /// The data folder that is being restored for these keys; empty = the copy is finished at once.
  /// A copy that was made for the same folder and is not finished is replaced.
  std::string restoring_for = {};
};

struct CopiedKeys {
  std::size_t slots = 0;    ///< keys in use or destroyed
  std::size_t damaged = 0;  ///< slots that do not read; their keys are lost in the original too
};

/// Copies by way of `to` with ".part", of which nothing stays when it fails, and makes durable. A
/// ".part" that holds anything but an interrupted copy is refused. Every key that was durable
/// before the call is in the copy. Errors: not_found (no keys there), already_exists (`to` holds
/// something), unavailable (the keys changed all the while), corrupt, io_error.
Result<CopiedKeys> copy_keys(const KeyCopyOptions& options);

/// Ends `restoring_for`: from now on the copy is not replaced. Errors: io_error.
Status finish_key_copy(const std::string& folder);

/// Removes a copy of keys; it is fine if there is none. Errors: already_exists (there is something
/// else in the folder; nothing goes), io_error.
Status drop_key_copy(const std::string& folder);

/// Reads the slots of a folder of keys without changing it. Errors: not_found, io_error,
/// unavailable (others have rights on the files).
Result<CopiedKeys> count_key_slots(const std::string& directory);

}  // namespace factum
