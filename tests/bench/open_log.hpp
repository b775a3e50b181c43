// A log opened by RocksDB alone, for reading; nobody may be writing to it.
#pragma once

#include "tests/bench/arguments.hpp"

#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace factum::bench {

inline void check(const rocksdb::Status& status) {
  if (!status.ok()) give_up(status.ToString());
}

class OpenLog {
 public:
  explicit OpenLog(const std::string& directory) {
    const rocksdb::DBOptions options;
    check(rocksdb::DB::ListColumnFamilies(options, directory, &names_));
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    families.reserve(names_.size());
    for (const std::string& name : names_)
      families.emplace_back(name, rocksdb::ColumnFamilyOptions());
    rocksdb::DB* database = nullptr;
    check(rocksdb::DB::OpenForReadOnly(options, directory, families, &handles_, &database));
    database_.reset(database);
  }
  ~OpenLog() {
    for (auto* handle : handles_) check(database_->DestroyColumnFamilyHandle(handle));
  }
  OpenLog(const OpenLog&) = delete;
  OpenLog& operator=(const OpenLog&) = delete;

  /// Over one family, past the cache. Gives up when the log has no such family.
  std::unique_ptr<rocksdb::Iterator> iterator(const std::string& family) const {
    const auto found = std::find(names_.begin(), names_.end(), family);
    if (found == names_.end()) give_up("the log has no " + family);
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    return std::unique_ptr<rocksdb::Iterator>(database_->NewIterator(
        options, handles_[static_cast<std::size_t>(found - names_.begin())]));
  }

 private:
  std::vector<std::string> names_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  std::unique_ptr<rocksdb::DB> database_;
};

}  // namespace factum::bench
