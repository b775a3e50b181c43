#include "core/es/log_model_reader.hpp"

namespace factum {
namespace {
constexpr std::size_t kPage = 512;
}

Result<std::optional<std::string>> LogModelReader::holder(std::string_view space,
                                                          std::string_view value) {
  FACTUM_TRY(auto claim, store_.find_claim(space, codec_.sealer().digest(space, value)));
  if (!claim) return std::optional<std::string>{};
  return std::optional<std::string>(std::move(claim->holder));
}

Status LogModelReader::replay(const QueryItem& item, bool open_slots, const OnEvent& on_event) {
  looked_at_.push_back(item);
  const bool open = open_slots || always_open_;
  ReadOptions options{
      .from = Position(1), .to = at_, .backwards = false, .limit = kPage, .with_slots = open};
  const Query query{{item}};
  while (options.from <= at_) {
    FACTUM_TRY(const auto page, store_.read(query, options));
    for (const RecordedEvent& recorded : page) {
      FACTUM_TRY(const DecodedEvent decoded, codec_.decode(recorded, open));
      on_event(decoded);
    }
    if (page.size() < kPage) break;
    options.from = Position(page.back().position.value() + 1);
  }
  return {};
}

}  // namespace factum
