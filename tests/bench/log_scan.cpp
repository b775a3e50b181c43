// A bare RocksDB scan over the records of a log: the yardstick of replay and rebuild.
//
// bench_log_scan --log DIR    the folder of the log's RocksDB; nobody may be writing to it
// Prints one JSON object: events, their bytes, seconds, events per second. Opening is not counted.
#include "tests/bench/arguments.hpp"

#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace {

using Handles = std::vector<rocksdb::ColumnFamilyHandle*>;

void check(const rocksdb::Status& status) {
  if (!status.ok()) factum::bench::give_up(status.ToString());
}

std::unique_ptr<rocksdb::DB> open_log(const std::string& directory, Handles& handles,
                                      std::size_t& records) {
  const rocksdb::DBOptions options;
  std::vector<std::string> names;
  check(rocksdb::DB::ListColumnFamilies(options, directory, &names));
  const auto found = std::find(names.begin(), names.end(), "records");
  if (found == names.end()) factum::bench::give_up("there is no log in " + directory);
  records = static_cast<std::size_t>(found - names.begin());
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  families.reserve(names.size());
  for (const std::string& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
  rocksdb::DB* database = nullptr;
  check(rocksdb::DB::OpenForReadOnly(options, directory, families, &handles, &database));
  return std::unique_ptr<rocksdb::DB>(database);
}

}  // namespace

int main(int count, char** values) {
  const factum::bench::Arguments arguments(count, values);
  Handles handles;
  std::size_t records = 0;
  const auto database = open_log(arguments.text("log"), handles, records);
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
  const auto began = std::chrono::steady_clock::now();
  {
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    const std::unique_ptr<rocksdb::Iterator> iterator(
        database->NewIterator(options, handles[records]));
    for (iterator->SeekToFirst(); iterator->Valid(); iterator->Next()) {
      ++events;
      bytes += iterator->value().size();
    }
    check(iterator->status());
  }
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - began;
  for (rocksdb::ColumnFamilyHandle* handle : handles)
    check(database->DestroyColumnFamilyHandle(handle));
  std::printf("{\"events\": %llu, \"bytes\": %llu, \"seconds\": %.4f, \"per_second\": %.0f}\n",
              static_cast<unsigned long long>(events), static_cast<unsigned long long>(bytes),
              elapsed.count(), static_cast<double>(events) / elapsed.count());
  return 0;
}
