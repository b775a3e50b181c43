// An environment for RocksDB in which the same work leaves nearly the same files.
#pragma once

#include <memory>

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace factum::test {

/// Files are those of the disk; the time of the day stands still, and the ids of databases and the
/// name of the machine are always the same. What stays different in two runs: RocksDB's LOG, which
/// has microseconds; and the id of the session, 20 characters in the properties of each table, for
/// which RocksDB takes random numbers from nobody else, with the ids of tables in the MANIFEST that
/// are made of it and the checksums over both. Their lengths are the same.
std::shared_ptr<rocksdb::Env> make_repeatable_env();

}  // namespace factum::test
