#include "eventstore/rocksdb_database.hpp"

#include "eventstore/bytes.hpp"
#include "eventstore/record_format.hpp"
#include "eventstore/rocksdb_options.hpp"
#include "eventstore/system_sources.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>

#include <algorithm>

namespace factum {
namespace {

// Names on disk, in the order of Family: never change them.
constexpr std::array<const char*, kFamilyCount> kFamilyNames{
    "meta", "records", "slots", "tags", "claims", "idempotency", "tiles"};
constexpr const char* kFormatKey = "format_version";
constexpr const char* kLogIdKey = "log_id";
constexpr std::string_view kTypePrefix = "type/";

rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

Error newer_format() {
  return {ErrorCode::unsupported_format,
          "the log was written by a newer version of factum; start that version",
          {},
          {},
          0};
}

Error open_error(const rocksdb::Status& status, const std::string& directory) {
  Error error = error_of(status);
  if (status.IsIOError() && status.ToString().find("lock") != std::string::npos) {
    error.code = ErrorCode::locked;
    error.message = "another process has the log in " + directory + " open; stop it first";
  }
  return error;
}

// Families that this version does not know are the mark of a newer one.
Status check_families(const EventStoreOptions& options) {
  std::vector<std::string> present;
  const auto status =
      rocksdb::DB::ListColumnFamilies(database_options(options), options.directory, &present);
  if (!status.ok()) return {};  // a new folder; opening it says what else may be wrong
  for (const std::string& name : present) {
    const bool known =
        name == rocksdb::kDefaultColumnFamilyName ||
        std::find(kFamilyNames.begin(), kFamilyNames.end(), name) != kFamilyNames.end();
    if (!known) return fail(newer_format());
  }
  return {};
}

std::vector<rocksdb::ColumnFamilyDescriptor> descriptors(const EventStoreOptions& options) {
  const auto cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (std::size_t i = 0; i < kFamilyCount; ++i) {
    families.emplace_back(kFamilyNames[i], family_options(static_cast<Family>(i), options, cache));
  }
  families.emplace_back(rocksdb::kDefaultColumnFamilyName,
                        family_options(Family::meta, options, cache));
  return families;
}

}  // namespace

Error error_of(const rocksdb::Status& status) {
  const ErrorCode code = status.IsCorruption() ? ErrorCode::corrupt : ErrorCode::io_error;
  return {code, "storage: " + status.ToString(), {}, {}, 0};
}

std::string type_meta_key(std::uint16_t code) {
  std::string key(kTypePrefix);
  ByteWriter(key).u16(code);
  return key;
}

Result<std::unique_ptr<Database>> Database::open(const EventStoreOptions& options, bool read_only) {
  FACTUM_CHECK(check_families(options));
  auto database = std::make_unique<Database>();
  rocksdb::DB* raw = nullptr;
  const auto settings = database_options(options);
  const auto families = descriptors(options);
  auto& handles = database->all_handles_;
  const auto status =
      read_only
          ? rocksdb::DB::OpenForReadOnly(settings, options.directory, families, &handles, &raw)
          : rocksdb::DB::Open(settings, options.directory, families, &handles, &raw);
  if (!status.ok()) return fail(open_error(status, options.directory));
  database->db_.reset(raw);
  std::copy_n(handles.begin(), kFamilyCount, database->handles_.begin());
  FACTUM_CHECK(database->load_identity(read_only));
  return database;
}

Database::~Database() {
  for (rocksdb::ColumnFamilyHandle* handle : all_handles_)
    static_cast<void>(db_->DestroyColumnFamilyHandle(handle));
}

Status Database::load_identity(bool read_only) {
  FACTUM_TRY(const auto format, get(Family::meta, kFormatKey));
  if (!format) {
    FACTUM_TRY(const Position last, last_position());
    if (last.value() != 0 || read_only)
      return fail(ErrorCode::corrupt, "the log has records but no format version");
    return create_identity();
  }
  ByteReader reader(*format);
  const std::uint32_t version = reader.u32();
  if (!reader.complete() || version == 0)
    return fail(ErrorCode::corrupt, "the log's format version is damaged");
  if (version > kLogFormatVersion) return fail(newer_format());
  FACTUM_TRY(const auto id, get(Family::meta, kLogIdKey));
  if (!id) return fail(ErrorCode::corrupt, "the log has no identity");
  FACTUM_TRY(log_id_, Uuid::from_bytes(*id));
  return {};
}

Status Database::create_identity() {
  SystemClock clock;
  log_id_ = UuidV7Source(clock).next();
  std::string version;
  ByteWriter(version).u32(kLogFormatVersion);
  rocksdb::WriteBatch batch;
  static_cast<void>(batch.Put(family(Family::meta), kFormatKey, version));
  static_cast<void>(batch.Put(family(Family::meta), kLogIdKey, slice(log_id_.view())));
  return write_durably(batch);
}

Result<std::optional<std::string>> Database::get(Family family, std::string_view key) const {
  std::string value;
  const auto status = db_->Get(rocksdb::ReadOptions(), this->family(family), slice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return fail(error_of(status));
  return std::optional(std::move(value));
}

Status Database::write_durably(rocksdb::WriteBatch& batch) const {
  rocksdb::WriteOptions options;
  options.sync = true;
  const auto status = db_->Write(options, &batch);
  if (!status.ok()) return fail(error_of(status));
  return {};
}

Result<Position> Database::last_position() const {
  const std::unique_ptr<rocksdb::Iterator> iterator(
      db_->NewIterator(rocksdb::ReadOptions(), family(Family::records)));
  iterator->SeekToLast();
  if (!iterator->status().ok()) return fail(error_of(iterator->status()));
  if (!iterator->Valid()) return Position(0);
  return parse_position_key(iterator->key().ToStringView());
}

Result<Timestamp> Database::recorded_at(Position position) const {
  rocksdb::PinnableSlice value;
  const auto status =
      db_->Get(rocksdb::ReadOptions(), family(Family::records), position_key(position), &value);
  if (!status.ok() && !status.IsNotFound()) return fail(error_of(status));
  const auto stored = split_stored(value.ToStringView());
  if (!stored) {
    return fail(Error{ErrorCode::corrupt,
                      "the event at position " + std::to_string(position.value()) + " is missing",
                      {},
                      {},
                      position.value()});
  }
  return stored->recorded_at;
}

Result<std::vector<std::string>> Database::load_types() const {
  const std::unique_ptr<rocksdb::Iterator> iterator(
      db_->NewIterator(rocksdb::ReadOptions(), family(Family::meta)));
  std::vector<std::string> types;
  for (iterator->Seek(slice(kTypePrefix)); iterator->Valid(); iterator->Next()) {
    if (!iterator->key().starts_with(slice(kTypePrefix))) break;
    types.push_back(iterator->value().ToString());
    if (iterator->key().ToStringView() != type_meta_key(static_cast<std::uint16_t>(types.size())))
      return fail(ErrorCode::corrupt, "the log's type dictionary has a gap");
  }
  if (!iterator->status().ok()) return fail(error_of(iterator->status()));
  return types;
}

Status Database::flush() const {
  const auto status = db_->Flush(rocksdb::FlushOptions(), all_handles_);
  if (!status.ok()) return fail(error_of(status));
  return {};
}

}  // namespace factum
