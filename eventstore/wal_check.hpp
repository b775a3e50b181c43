// Looks at the write-ahead log before RocksDB opens it: a torn end is cut off, anything else
// refuses.
#pragma once

#include "core/base/result.hpp"

#include <string>

namespace factum {

/// Checks every write-ahead log file in `directory`. RocksDB alone takes some damaged records for
/// the end of the log and would drop acknowledged ones behind them in silence. An incomplete last
/// record, which was never acknowledged, is cut off. A folder without such files is fine. Errors:
/// corrupt (a bad record is followed by good ones), io_error. Cost: the bytes of the files, which
/// the flushing policy keeps below about 100 MiB.
Status check_wal(const std::string& directory);

/// The same without changing anything: whether `check_wal` would cut off an incomplete last record.
Result<bool> wal_has_torn_end(const std::string& directory);

}  // namespace factum
