// Reaches into the RocksDB folder of a closed log, to damage it or to look at it.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace factum::test {

/// Puts one value into a column family. Every function of this file throws when RocksDB fails.
void raw_log_put(const std::string& folder, const std::string& family, const std::string& key,
                 const std::string& value);
void raw_log_delete(const std::string& folder, const std::string& family, const std::string& key);
std::string raw_log_get(const std::string& folder, const std::string& family,
                        const std::string& key);
void raw_log_add_family(const std::string& folder, const std::string& family);

/// Every key and value of every column family, memory tables replayed from the write-ahead log
/// included. Opens read-only, so that a folder in use can be copied and looked at.
void raw_log_for_each(const std::string& folder,
                      const std::function<void(const std::string& family, std::string_view key,
                                               std::string_view value)>& take);

}  // namespace factum::test
