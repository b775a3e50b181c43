// Every setting of the log's RocksDB, in one place.
#pragma once

#include "eventstore/rocksdb_database.hpp"

#include <memory>

namespace rocksdb {
class Cache;
struct ColumnFamilyOptions;
struct DBOptions;
}  // namespace rocksdb

namespace factum {

/// Settings of the whole database.
rocksdb::DBOptions database_options(const EventStoreOptions& options);

/// Settings of one column family; `cache` is shared by all of them.
rocksdb::ColumnFamilyOptions family_options(Family family, const EventStoreOptions& options,
                                            const std::shared_ptr<rocksdb::Cache>& cache);

}  // namespace factum
