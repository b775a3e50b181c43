#include "api/app_verify.hpp"

#include "eventstore/bundle_source.hpp"
#include "eventstore/file.hpp"
#include "eventstore/http_source.hpp"
#include "eventstore/log_verifier.hpp"
#include "eventstore/rocksdb_log_source.hpp"

#include <algorithm>

namespace factum::api {
namespace {

// An address answers later than a disk: more requests are on their way than there are cores.
constexpr unsigned kHttpThreads = 6;

Result<std::unique_ptr<BundleFiles>> open_files(const std::string& path) {
  FACTUM_TRY(const bool unpacked, is_folder(path));
  if (unpacked) return open_folder_files(path);
  FACTUM_TRY(const bool is_there, file_exists(path));
  if (is_there) return open_zip_files(path);
  return fail(ErrorCode::not_found, "there is no bundle " + path);
}

Result<std::unique_ptr<LogSource>> open_source(const LogPlace& place,
                                               const VerifyOptions& options) {
  if (!place.url.empty()) return open_http_source(place.url, options.stop);
  if (place.bundle.empty()) return open_folder_source(place.data);
  FACTUM_TRY(auto files, open_files(place.bundle));
  return open_bundle_source(std::move(files));
}

}  // namespace

Result<LogVerdict> verify_log(const LogPlace& place, const VerifyOptions& options) {
  auto source = open_source(place, options);
  if (!source && source.error().code == ErrorCode::corrupt) {
    LogVerdict verdict;
    verdict.source = place.bundle.empty() ? place.data : place.bundle;
    verdict.fault = std::move(source).error();
    return verdict;
  }
  if (!source) return fail(std::move(source).error());
  VerifyOptions wider = options;
  if (!place.url.empty()) wider.threads = std::max(options.threads, kHttpThreads);
  return verify_log(**source, wider);
}

}  // namespace factum::api
