// What the same records and ciphertexts take in a bare RocksDB log: the yardstick of disk use.
//
// bench_bare_log --log DIR --to DIR    a log that nobody is writing to; a folder that is made anew
//                                      and removed again
// One column family, keyed by position, LZ4, blocks of 16 KiB, compacted. Prints one JSON object:
// events and the bytes of its tables.
#include "tests/bench/arguments.hpp"
#include "tests/bench/open_log.hpp"

#include <rocksdb/table.h>

#include <filesystem>

namespace {

using factum::bench::check;
using factum::bench::OpenLog;

std::unique_ptr<rocksdb::DB> make_bare(const std::string& directory) {
  rocksdb::BlockBasedTableOptions table;
  table.block_size = 16 * 1024;
  rocksdb::Options options;
  options.create_if_missing = true;
  options.compression = rocksdb::kLZ4Compression;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  rocksdb::DB* database = nullptr;
  check(rocksdb::DB::Open(options, directory, &database));
  return std::unique_ptr<rocksdb::DB>(database);
}

// The ciphertexts of an event lie behind its record, as they would if they were not apart.
std::uint64_t copy(const OpenLog& log, rocksdb::DB& bare) {
  const auto records = log.iterator("records");
  const auto slots = log.iterator("slots");
  slots->SeekToFirst();
  rocksdb::WriteOptions unlogged;
  unlogged.disableWAL = true;
  std::uint64_t events = 0;
  for (records->SeekToFirst(); records->Valid(); records->Next(), ++events) {
    std::string value = records->value().ToString();
    for (; slots->Valid() && slots->key().starts_with(records->key()); slots->Next())
      value += slots->value().ToStringView();
    check(bare.Put(unlogged, records->key(), value));
  }
  check(records->status());
  check(slots->status());
  return events;
}

}  // namespace

int main(int count, char** values) {
  const factum::bench::Arguments arguments(count, values);
  const std::string to = arguments.text("to");
  std::filesystem::remove_all(to);
  const OpenLog log(arguments.text("log"));
  const auto bare = make_bare(to);
  const std::uint64_t events = copy(log, *bare);
  check(bare->CompactRange(rocksdb::CompactRangeOptions(), nullptr, nullptr));
  std::uint64_t bytes = 0;
  bare->GetIntProperty(rocksdb::DB::Properties::kTotalSstFilesSize, &bytes);
  check(bare->Close());
  std::filesystem::remove_all(to);
  std::printf("{\"events\": %llu, \"bytes\": %llu}\n", static_cast<unsigned long long>(events),
              static_cast<unsigned long long>(bytes));
  return 0;
}
