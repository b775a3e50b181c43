#include "eventstore/audit_log_source.hpp"

#include "eventstore/key_handover.hpp"
#include "eventstore/merkle_tree.hpp"

#include <charconv>
#include <string_view>
#include <utility>

namespace factum {
namespace {

class AuditLogSource final : public LogSource {
 public:
  explicit AuditLogSource(const AuditLog& log) : log_(log) {}

  std::string name() const override { return "the log"; }

  Result<MaybeFile> read(const std::string& path, std::size_t /*bytes_max*/) override {
    if (path == "checkpoint") return file_of(log_.checkpoint());
    if (path == kHandoversPath) {
      auto chain = log_.handovers();
      if (!chain && chain.error().code == ErrorCode::not_found) return MaybeFile();
      return file_of(std::move(chain));
    }
    if (const auto place = behind(path, "tile/entries/"))
      return read_bundle(AuditBundle::entries, *place);
    if (const auto place = behind(path, "records/"))
      return read_bundle(AuditBundle::records, *place);
    if (const auto place = behind(path, "ciphertexts/"))
      return read_bundle(AuditBundle::ciphertexts, *place);
    const auto place = behind(path, "tile/");
    std::uint8_t level = 0;
    if (!place) return MaybeFile();
    const auto read = std::from_chars(place->data(), place->data() + place->size(), level);
    return file_of(log_.tile(level, {read.ptr + 1, place->data() + place->size()}));
  }

  Result<std::string> claimed_vkey() override {
    FACTUM_TRY(const AuditIdentity identity, log_.identity());
    return identity.vkey;
  }

  Status check_identity(const VerifierKey& /*key*/, const Checkpoint& /*checkpoint*/) override {
    return {};
  }

 private:
  static std::optional<std::string_view> behind(std::string_view path, std::string_view folder) {
    if (!path.starts_with(folder)) return {};
    return path.substr(folder.size());
  }

  static Result<MaybeFile> file_of(Result<std::string> bytes) {
    if (!bytes) return fail(std::move(bytes).error());
    return MaybeFile({std::move(*bytes), false});
  }

  Result<MaybeFile> read_bundle(AuditBundle kind, std::string_view place) const {
    FACTUM_TRY(const AuditLog::Pieces pieces, log_.bundle(kind, place));
    SourceFile file;
    while (true) {
      FACTUM_TRY(const auto piece, pieces());
      if (!piece) return MaybeFile(std::move(file));
      file.bytes += *piece;
    }
  }

  const AuditLog& log_;
};

}  // namespace

std::unique_ptr<LogSource> make_audit_log_source(const AuditLog& log) {
  return std::make_unique<AuditLogSource>(log);
}

}  // namespace factum
