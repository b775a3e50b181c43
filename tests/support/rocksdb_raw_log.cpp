#include "tests/support/raw_log.hpp"

#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <memory>
#include <stdexcept>
#include <vector>

namespace factum::test {
namespace {

void check(const rocksdb::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}

class RawLog {
 public:
  explicit RawLog(const std::string& folder, bool read_only = false) {
    check(rocksdb::DB::ListColumnFamilies(rocksdb::DBOptions(), folder, &names_));
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const std::string& name : names_)
      families.emplace_back(name, rocksdb::ColumnFamilyOptions());
    rocksdb::DBOptions options;
    options.info_log_level = rocksdb::InfoLogLevel::FATAL_LEVEL;
    rocksdb::DB* raw = nullptr;
    check(read_only ? rocksdb::DB::OpenForReadOnly(options, folder, families, &handles_, &raw)
                    : rocksdb::DB::Open(options, folder, families, &handles_, &raw));
    db_.reset(raw);
  }
  ~RawLog() {
    for (auto* handle : handles_) static_cast<void>(db_->DestroyColumnFamilyHandle(handle));
  }
  RawLog(const RawLog&) = delete;
  RawLog& operator=(const RawLog&) = delete;

  rocksdb::DB& db() { return *db_; }
  const std::vector<std::string>& names() const { return names_; }
  rocksdb::ColumnFamilyHandle* family(const std::string& name) const {
    for (auto* handle : handles_) {
      if (handle->GetName() == name) return handle;
    }
    throw std::runtime_error("no such column family");
  }

 private:
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<std::string> names_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
};

}  // namespace

void raw_log_put(const std::string& folder, const std::string& family, const std::string& key,
                 const std::string& value) {
  RawLog log(folder);
  check(log.db().Put(rocksdb::WriteOptions(), log.family(family), key, value));
}

void raw_log_delete(const std::string& folder, const std::string& family, const std::string& key) {
  RawLog log(folder);
  check(log.db().Delete(rocksdb::WriteOptions(), log.family(family), key));
}

std::string raw_log_get(const std::string& folder, const std::string& family,
                        const std::string& key) {
  RawLog log(folder, true);
  std::string value;
  check(log.db().Get(rocksdb::ReadOptions(), log.family(family), key, &value));
  return value;
}

void raw_log_add_family(const std::string& folder, const std::string& family) {
  RawLog log(folder);
  rocksdb::ColumnFamilyHandle* handle = nullptr;
  check(log.db().CreateColumnFamily(rocksdb::ColumnFamilyOptions(), family, &handle));
  check(log.db().DestroyColumnFamilyHandle(handle));
}

void raw_log_for_each(const std::string& folder,
                      const std::function<void(const std::string& family, std::string_view key,
                                               std::string_view value)>& take) {
  RawLog log(folder, true);
  for (const std::string& name : log.names()) {
    const std::unique_ptr<rocksdb::Iterator> iterator(
        log.db().NewIterator(rocksdb::ReadOptions(), log.family(name)));
    for (iterator->SeekToFirst(); iterator->Valid(); iterator->Next())
      take(name, iterator->key().ToStringView(), iterator->value().ToStringView());
    check(iterator->status());
  }
}

}  // namespace factum::test
