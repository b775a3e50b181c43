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
#include <cstdarg>

namespace factum {
namespace {

// Names on disk, in the order of Family: never change them.
constexpr std::array<const char*, kFamilyCount> kFamilyNames{
    "meta", "records", "slots", "tags", "claims", "idempotency", "tiles", "claim_history"};
constexpr const char* kFormatKey = "format_version";
constexpr std::string_view kFencePrefix = "fence/";
constexpr const char* kLogIdKey = "log_id";
constexpr const char* kSealIdKey = "seal_id";
constexpr const char* kClaimHistoryKey = "claim_history_from";
// Files may be replaced between reading their list and opening them; the next list is right.
constexpr int kLookTries = 5;
constexpr std::size_t kLookCacheBytes = std::size_t{16} << 20;
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

// Keeps RocksDB from writing its LOG.
class NoLog final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

// Families that this version does not know are the mark of a newer one; those that are missing, of
// an older one, which makes them when it is opened to be written.
Status check_families(const rocksdb::DBOptions& settings, const std::string& directory,
                      bool read_only) {
  std::vector<std::string> present;
  const auto status = rocksdb::DB::ListColumnFamilies(settings, directory, &present);
  if (!status.ok()) return {};  // a new folder; opening it says what else may be wrong
  if (read_only && present.size() < kFamilyCount + 1) {
    return fail(ErrorCode::unsupported_format,
                "the log in " + directory +
                    " is from an older version of factum; start the server with it once");
  }
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

std::string fence_meta_key(const Uuid& key) {
  return std::string(kFencePrefix) + std::string(key.view());
}

Result<std::unique_ptr<Database>> Database::open(const EventStoreOptions& options, bool read_only) {
  FACTUM_TRY(auto database, open_files(options, database_options(options), read_only));
  FACTUM_CHECK(database->load_identity(read_only));
  return database;
}

Result<std::unique_ptr<Database>> Database::look_at(const std::string& directory,
                                                    rocksdb::Env* env) {
  EventStoreOptions options;
  options.directory = directory;
  options.block_cache_bytes = kLookCacheBytes;
  rocksdb::DBOptions settings = database_options(options);
  settings.create_if_missing = false;
  settings.info_log = std::make_shared<NoLog>();
  if (env != nullptr) settings.env = env;
  if (!settings.env->FileExists(directory + "/CURRENT").ok())
    return fail(ErrorCode::not_found, "there is no log in " + directory);
  auto database = open_files(options, settings, true);
  for (int i = 1; i < kLookTries && !database; ++i) database = open_files(options, settings, true);
  if (database) FACTUM_CHECK((*database)->load_identity(true));
  return database;
}

Result<std::unique_ptr<Database>> Database::make(const EventStoreOptions& options,
                                                 const LogIdentity& identity) {
  rocksdb::DBOptions settings = database_options(options);
  if (settings.env->FileExists(options.directory + "/CURRENT").ok())
    return fail(ErrorCode::already_exists, "there is a log in " + options.directory);
  FACTUM_TRY(auto database, open_files(options, settings, false));
  FACTUM_CHECK(database->create_identity(identity));
  return database;
}

Result<std::unique_ptr<Database>> Database::open_files(const EventStoreOptions& options,
                                                       const rocksdb::DBOptions& settings,
                                                       bool read_only) {
  FACTUM_CHECK(check_families(settings, options.directory, read_only));
  auto database = std::make_unique<Database>();
  rocksdb::DB* raw = nullptr;
  const auto families = descriptors(options);
  auto& handles = database->all_handles_;
  const auto status =
      read_only
          ? rocksdb::DB::OpenForReadOnly(settings, options.directory, families, &handles, &raw)
          : rocksdb::DB::Open(settings, options.directory, families, &handles, &raw);
  if (!status.ok()) return fail(open_error(status, options.directory));
  database->db_.reset(raw);
  std::copy_n(handles.begin(), kFamilyCount, database->handles_.begin());
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
    SystemClock clock;
    const Uuid fresh = UuidV7Source(clock).next();
    return create_identity({fresh, fresh, Position(0)});
  }
  ByteReader reader(*format);
  const std::uint32_t version = reader.u32();
  if (!reader.complete() || version == 0)
    return fail(ErrorCode::corrupt, "the log's format version is damaged");
  if (version > kLogFormatVersion) return fail(newer_format());
  FACTUM_TRY(const auto id, get(Family::meta, kLogIdKey));
  if (!id) return fail(ErrorCode::corrupt, "the log has no identity");
  FACTUM_TRY(identity_.log_id, Uuid::from_bytes(*id));
  identity_.seal_id = identity_.log_id;
  FACTUM_TRY(const auto seal_id, get(Family::meta, kSealIdKey));
  if (seal_id) {
    FACTUM_TRY(identity_.seal_id, Uuid::from_bytes(*seal_id));
  }
  return load_claim_history(read_only);
}

// A log from before there was a history of claims has one from its present head on.
Status Database::load_claim_history(bool read_only) {
  FACTUM_TRY(const auto from, get(Family::meta, kClaimHistoryKey));
  if (from) {
    ByteReader reader(*from);
    identity_.claim_history_from = Position(reader.u64());
    if (!reader.complete())
      return fail(ErrorCode::corrupt, "the beginning of the log's history of claims is damaged");
    return {};
  }
  FACTUM_TRY(identity_.claim_history_from, last_position());
  if (read_only) return {};
  std::string position;
  ByteWriter(position).u64(identity_.claim_history_from.value());
  rocksdb::WriteBatch batch;
  static_cast<void>(batch.Put(family(Family::meta), kClaimHistoryKey, position));
  return write_durably(batch);
}

Status Database::create_identity(const LogIdentity& identity) {
  identity_ = identity;
  std::string version;
  ByteWriter(version).u32(kLogFormatVersion);
  rocksdb::WriteBatch batch;
  static_cast<void>(batch.Put(family(Family::meta), kFormatKey, version));
  static_cast<void>(batch.Put(family(Family::meta), kLogIdKey, slice(identity.log_id.view())));
  if (identity.seal_id != identity.log_id)
    static_cast<void>(batch.Put(family(Family::meta), kSealIdKey, slice(identity.seal_id.view())));
  std::string history_from;
  ByteWriter(history_from).u64(identity.claim_history_from.value());
  static_cast<void>(batch.Put(family(Family::meta), kClaimHistoryKey, history_from));
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

Result<FencedKeys> Database::load_fenced_keys() const {
  const std::unique_ptr<rocksdb::Iterator> rows(
      db_->NewIterator(rocksdb::ReadOptions(), family(Family::meta)));
  FencedKeys fenced;
  for (rows->Seek(slice(kFencePrefix)); rows->Valid(); rows->Next()) {
    if (!rows->key().starts_with(slice(kFencePrefix))) break;
    FACTUM_TRY(const Uuid key,
               Uuid::from_bytes(rows->key().ToStringView().substr(kFencePrefix.size())));
    FACTUM_TRY(fenced[key], parse_position_key(rows->value().ToStringView()));
  }
  if (!rows->status().ok()) return fail(error_of(rows->status()));
  return fenced;
}

Status Database::roll() const {
  FACTUM_TRY(const auto format, get(Family::meta, kFormatKey));
  rocksdb::WriteBatch same;
  static_cast<void>(same.Put(family(Family::meta), kFormatKey, format.value_or("")));
  FACTUM_CHECK(write_durably(same));
  return flush();
}

Status Database::flush() const {
  const auto status = db_->Flush(rocksdb::FlushOptions(), all_handles_);
  if (!status.ok()) return fail(error_of(status));
  return {};
}

}  // namespace factum
