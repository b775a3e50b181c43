// Looks at the files in which RocksDB's backup engine lists what its backups are made of.
//
//   log/meta/N   lines; of each file of backup N: "path crc32 number"
#pragma once

#include "core/base/result.hpp"

#include <string>

namespace factum {

/// Whether the backups say the same of the files that they share: the engine ends the process
/// where they do not. `engine_folder`: the one that holds `meta`; nothing there is fine. Errors:
/// corrupt (names the file), io_error.
Status check_backup_metas(const std::string& engine_folder);

}  // namespace factum
