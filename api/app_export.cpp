#include "api/app_export.hpp"

#include "api/app_backups.hpp"
#include "api/openapi.hpp"
#include "core/crm/catalog.hpp"
#include "eventstore/bundle_export.hpp"
#include "eventstore/file.hpp"
#include "eventstore/http_source.hpp"
#include "eventstore/key_handover.hpp"
#include "eventstore/rocksdb_event_store.hpp"
#include "eventstore/rocksdb_log_source.hpp"
#include "eventstore/signed_log.hpp"
#include "eventstore/system_sources.hpp"

namespace factum::api {
namespace {

Result<std::string> read_small(const std::string& path) {
  FACTUM_TRY(auto bytes, read_file(path, SourceLimits::kSmallBytesMax));
  if (!bytes) return fail(ErrorCode::not_found, "there is no " + path + "; the log was not signed");
  return std::move(*bytes);
}

// The key that the log signs with now, from the one that is known or claimed.
Result<std::string> newest_vkey(LogSource& source, const std::string& known,
                                const MaybeFile& handovers) {
  if (known.empty()) return source.claimed_vkey();
  if (!handovers) return known;
  FACTUM_TRY(const VerifierKey key, VerifierKey::parse(known));
  FACTUM_TRY(const KeyChain chain, KeyChain::parse(handovers->bytes));
  return chain.newest_from(key).to_string();
}

}  // namespace

Result<std::string> rotate_signing_key(const AppOptions& options) {
  FACTUM_TRY(const bool is_there, file_exists(options.data + "/log"));
  if (!is_there) return fail(ErrorCode::not_found, "there is no log in " + options.data);
  SystemClock clock;
  EventStoreOptions log;
  log.directory = options.data + "/log";
  log.clock = &clock;
  FACTUM_TRY(const auto store, open_rocksdb_event_store(std::move(log)));
  const std::string keys = Folders{options.data, options.keys, {}}.keys_or_default();
  const LogSignerOptions signer{keys, options.root_key_hex, store->log_id()};
  FACTUM_TRY(const VerifierKey next, LogSigner::rotate(signer));
  make_signed_log(*store, {.signer = signer,
                           .checkpoint_file = options.data + "/checkpoint",
                           .vkey_file = options.data + "/vkey",
                           .handovers_file = options.data + "/handovers",
                           .interval = std::chrono::milliseconds(0),
                           .log = options.log,
                           .witnesses = {}});
  return next.to_string();
}

Result<std::uint64_t> export_log(const LogPlace& place, const ExportOptions& options) {
  FACTUM_TRY(const auto source, place.url.empty() ? open_folder_source(place.data)
                                                  : open_http_source(place.url, options.stop));
  BundleContent content;
  FACTUM_TRY(const MaybeFile handovers, source->read(kHandoversPath, SourceLimits::kSmallBytesMax));
  if (handovers) content.more.emplace(kHandoversPath, handovers->bytes);
  FACTUM_TRY(content.vkey, newest_vkey(*source, options.vkey, handovers));
  content.ciphertexts = options.ciphertexts;
  content.more.emplace(kSchemaPath, event_schema_document(crm::event_catalog()));
  return export_bundle(*source, std::move(content), options.out,
                       {options.on_progress, options.stop});
}

Result<NewestCheckpoint> newest_checkpoint(const std::string& data) {
  NewestCheckpoint newest;
  FACTUM_TRY(newest.vkey, read_small(data + "/vkey"));
  FACTUM_TRY(newest.note, read_small(data + "/checkpoint"));
  if (newest.vkey.ends_with('\n')) newest.vkey.pop_back();
  const auto key = VerifierKey::parse(newest.vkey);
  if (!key) return fail(ErrorCode::corrupt, data + "/vkey: " + key.error().message);
  FACTUM_CHECK(open_checkpoint(newest.note, *key));
  return newest;
}

}  // namespace factum::api
