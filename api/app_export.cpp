#include "api/app_export.hpp"

#include "api/openapi.hpp"
#include "core/crm/catalog.hpp"
#include "eventstore/bundle_export.hpp"
#include "eventstore/bundle_files.hpp"
#include "eventstore/http_source.hpp"
#include "eventstore/rocksdb_log_source.hpp"

namespace factum::api {
namespace {

Result<std::string> read_small(const std::string& path) {
  FACTUM_TRY(auto bytes, read_file(path, SourceLimits::kSmallBytesMax));
  if (!bytes) return fail(ErrorCode::not_found, "there is no " + path + "; the log was not signed");
  return std::move(*bytes);
}

}  // namespace

Result<std::uint64_t> export_log(const LogPlace& place, const ExportOptions& options) {
  FACTUM_TRY(const auto source, place.url.empty() ? open_folder_source(place.data)
                                                  : open_http_source(place.url, options.stop));
  BundleContent content;
  content.vkey = options.vkey;
  if (content.vkey.empty()) {
    FACTUM_TRY(content.vkey, source->claimed_vkey());
  }
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
