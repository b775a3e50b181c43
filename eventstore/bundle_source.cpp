#include "eventstore/bundle_source.hpp"

#include "eventstore/hash.hpp"
#include "eventstore/manifest.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

namespace factum {
namespace {

constexpr std::size_t kNamesShown = 5;

tl::unexpected<Error> wrong(std::string what) { return fail(ErrorCode::corrupt, std::move(what)); }

std::string listed(const char* what, const std::vector<std::string>& paths) {
  std::string text =
      std::string("files ") + what + ", left aside (" + std::to_string(paths.size()) + "): ";
  for (std::size_t i = 0; i < std::min(paths.size(), kNamesShown); ++i)
    text += (i == 0 ? "" : ", ") + paths[i];
  return text + (paths.size() > kNamesShown ? " …" : "");
}

class BundleSource final : public LogSource {
 public:
  BundleSource(std::unique_ptr<BundleFiles> files, Manifest manifest)
      : files_(std::move(files)), manifest_(std::move(manifest)) {
    const auto is_ciphertexts = [](const auto& file) {
      return file.first.starts_with("ciphertexts/");
    };
    has_ciphertexts_ = std::any_of(manifest_.files.begin(), manifest_.files.end(), is_ciphertexts);
  }

  std::string name() const override { return files_->name(); }

  Result<MaybeFile> read(const std::string& path, std::size_t bytes_max) override {
    const auto promised = manifest_.files.find(path);
    if (promised == manifest_.files.end()) return MaybeFile();
    FACTUM_TRY(auto bytes, files_->read(path, bytes_max));
    {
      const std::lock_guard lock(mutex_);
      promised->second.was_read = true;
    }
    if (!bytes) return wrong(path + " is in the manifest but not in the bundle");
    if (bytes->size() > bytes_max)
      return fail(ErrorCode::limit_exceeded,
                  path + ": more than " + std::to_string(bytes_max) + " bytes");
    const bool foreign = sha256(*bytes) != promised->second.hash;
    return MaybeFile({std::move(*bytes), foreign});
  }

  Result<std::string> claimed_vkey() override { return manifest_.vkey; }

  Status check_identity(const VerifierKey& key, const Checkpoint& checkpoint) override {
    const auto differs = [](const char* member) {
      return wrong(std::string("manifest.json: '") + member +
                   "' is not that of the key and the checkpoint");
    };
    if (manifest_.format != kBundleFormat) return differs("format");
    if (manifest_.origin != key.name) return differs("origin");
    if (manifest_.vkey != key.to_string()) return differs("vkey");
    if (manifest_.size != checkpoint.size) return differs("size");
    FACTUM_TRY(const MaybeFile file, read("log", SourceLimits::kSmallBytesMax));
    if (!file) return {};
    FACTUM_CHECK(check_log_file(file->bytes, key));
    return file->foreign ? wrong("log has not the SHA-256 of the manifest") : Status{};
  }

  std::optional<bool> has_ciphertexts() const override { return has_ciphertexts_; }

  // Files that nothing asked for have to be what the manifest says all the same.
  Status finish() override {
    std::vector<std::string> surplus;
    for (const auto& [path, file] : manifest_.files) {
      if (!file.was_read) surplus.push_back(path);
    }
    for (const std::string& path : surplus) {
      FACTUM_TRY(const MaybeFile file, read(path, SourceLimits::kFileBytesMax));
      if (file->foreign) return wrong(path + " has not the SHA-256 of the manifest");
    }
    std::erase_if(surplus, [](const std::string& path) { return path.starts_with("schemas/"); });
    FACTUM_TRY(const auto names, files_->names());
    std::vector<std::string> extra;
    for (const std::string& path : names) {
      if (path != "manifest.json" && !manifest_.files.contains(path)) extra.push_back(path);
    }
    std::sort(extra.begin(), extra.end());
    if (!surplus.empty()) note(listed("not needed", surplus));
    if (!extra.empty()) note(listed("not in the manifest", extra));
    return {};
  }

 private:
  const std::unique_ptr<BundleFiles> files_;
  Manifest manifest_;
  bool has_ciphertexts_ = false;
  std::mutex mutex_;  // guards the marks of what was read
};

}  // namespace

Result<std::unique_ptr<LogSource>> open_bundle_source(std::unique_ptr<BundleFiles> files) {
  FACTUM_TRY(const auto json, files->read("manifest.json", kManifestBytesMax));
  if (!json)
    return fail(ErrorCode::io_error, files->name() + ": no bundle, it has no manifest.json");
  if (json->size() > kManifestBytesMax)
    return fail(ErrorCode::limit_exceeded, "manifest.json: more than 128 MiB");
  FACTUM_TRY(Manifest manifest, parse_manifest(*json));
  return std::unique_ptr<LogSource>(
      std::make_unique<BundleSource>(std::move(files), std::move(manifest)));
}

}  // namespace factum
