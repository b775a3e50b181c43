// A bare RocksDB scan over the records of a log: the yardstick of replay and rebuild.
//
// bench_log_scan --log DIR    the folder of the log's RocksDB; nobody may be writing to it
// Prints one JSON object: events, their bytes, events per second, CPU time of each. Opening is not
// counted.
#include "tests/bench/arguments.hpp"

#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <algorithm>
#include <chrono>
#include <ctime>
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
  const std::clock_t cpu_began = std::clock();
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
  const double cpu_us = static_cast<double>(std::clock() - cpu_began) * 1e6 / CLOCKS_PER_SEC;
  for (rocksdb::ColumnFamilyHandle* handle : handles)
    check(database->DestroyColumnFamilyHandle(handle));
  const auto read = static_cast<double>(std::max<std::uint64_t>(events, 1));
  std::printf("{\"events\": %llu, \"bytes\": %llu, \"per_second\": %.0f, \"cpu_us\": %.3f}\n",
              static_cast<unsigned long long>(events), static_cast<unsigned long long>(bytes),
              read / elapsed.count(), cpu_us / read);
  return 0;
}
