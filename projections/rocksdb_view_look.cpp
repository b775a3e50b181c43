#include "projections/rocksdb_view_look.hpp"

#include "projections/rocksdb_view_keys.hpp"

#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include <algorithm>
#include <cstdarg>
#include <filesystem>
#include <memory>
#include <system_error>

namespace factum::projections {
namespace {

// Keeps RocksDB from writing its LOG.
class NoLog final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

tl::unexpected<Error> failed(const rocksdb::Status& status) {
  return fail(status.IsCorruption() ? ErrorCode::corrupt : ErrorCode::io_error,
              "the views database does not open: " + status.ToString());
}

// The database with its families, closed at the end.
struct OpenViews {
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;

  OpenViews() = default;
  OpenViews(const OpenViews&) = delete;
  OpenViews& operator=(const OpenViews&) = delete;
  ~OpenViews() {
    for (auto* handle : handles) db->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  }

  rocksdb::Status open(const std::string& path) {
    rocksdb::DBOptions options;
    options.info_log = std::make_shared<NoLog>();
    std::vector<std::string> names;
    const auto listed = rocksdb::DB::ListColumnFamilies(options, path, &names);
    if (!listed.ok()) return listed;
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const std::string& name : names)
      families.emplace_back(name, rocksdb::ColumnFamilyOptions());
    rocksdb::DB* raw = nullptr;
    const auto status = rocksdb::DB::OpenForReadOnly(options, path, families, &handles, &raw);
    db.reset(raw);
    return status;
  }
};

}  // namespace

Result<std::vector<StoredGeneration>> look_at_views(const std::string& path) {
  std::vector<StoredGeneration> generations;
  std::error_code ignored;
  if (!std::filesystem::exists(path + "/CURRENT", ignored)) return generations;
  OpenViews views;
  if (const auto status = views.open(path); !status.ok()) return failed(status);
  for (rocksdb::ColumnFamilyHandle* handle : views.handles) {
    const auto generation = Generation::parse(handle->GetName());
    if (!generation) continue;
    std::string position;
    std::string live;
    const auto found = views.db->Get(rocksdb::ReadOptions(), handle, kPositionKey, &position);
    if (!found.ok() && !found.IsNotFound()) return failed(found);
    const auto named =
        views.db->Get(rocksdb::ReadOptions(), kLivePrefix + generation->projection, &live);
    if (!named.ok() && !named.IsNotFound()) return failed(named);
    generations.push_back({*generation, read_position(position), live == generation->name()});
  }
  std::sort(generations.begin(), generations.end(),
            [](const auto& a, const auto& b) { return a.generation < b.generation; });
  return generations;
}

}  // namespace factum::projections
