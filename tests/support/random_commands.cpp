#include "tests/support/random_commands.hpp"

#include "tests/support/store_helpers.hpp"

#include <algorithm>
#include <utility>

namespace factum::test {
namespace {

constexpr std::uint64_t kEntities = 6;

}  // namespace

std::vector<std::string> RandomCommands::all_tags() {
  std::vector<std::string> tags;
  for (std::uint64_t i = 0; i < kEntities; ++i) {
    tags.push_back("customer:" + std::to_string(i));
    tags.push_back("deal:" + std::to_string(i));
  }
  return tags;
}

Digest RandomCommands::digest_of(std::uint64_t number) {
  Digest digest{};
  digest.fill(static_cast<std::uint8_t>(number));
  return digest;
}

std::vector<std::string> RandomCommands::some_tags(std::uint64_t most) {
  std::vector<std::string> tags;
  for (std::uint64_t i = below(most) + 1; i > 0; --i)
    tags.push_back((below(2) == 0 ? "customer:" : "deal:") + std::to_string(below(kEntities)));
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  return tags;
}

Query RandomCommands::query() {
  Query query;
  for (std::uint64_t i = below(4); i > 0; --i) {
    QueryItem& item = query.items.emplace_back();
    for (std::uint64_t t = below(12); t > 0 && below(2) == 0; --t)
      item.types.push_back("Type" + std::to_string(below(14)));
    if (below(5) != 0) item.tags = some_tags(3);
  }
  return query;
}

ReadOptions RandomCommands::options(std::uint64_t head) {
  ReadOptions options;
  options.from = Position(below(head + 3));
  if (below(3) != 0) options.to = Position(below(head + 3));
  options.backwards = below(2) == 0;
  options.limit = below(3) == 0 ? below(5) : 1000;
  options.with_slots = below(2) == 0;
  return options;
}

NewEvent RandomCommands::event() {
  std::string data = "{}";
  if (data_bytes_max_ > 0) {
    const std::uint64_t bytes = below(data_bytes_max_) * (one_in(50) ? 16 : 1);
    data = "{\"filler\":\"" + std::string(bytes, static_cast<char>('a' + below(26))) + "\"}";
  }
  NewEvent event = test_event("Type" + std::to_string(below(12)), some_tags(4), std::move(data));
  if (below(3) == 0) add_slot(event, "customer.personal", std::to_string(below(1000)));
  return event;
}

Claim RandomCommands::claim() {
  Claim claim{kSpace,
              {},
              static_cast<Claim::Action>(below(3)),
              "customer:" + std::to_string(below(3)),
              std::to_string(below(9))};
  claim.key = digest_of(below(kClaimKeys));
  return claim;
}

AppendRequest RandomCommands::append(std::uint64_t head) {
  AppendRequest request;
  for (std::uint64_t i = below(3) + 1; i > 0; --i) request.events.push_back(event());
  if (below(2) == 0)
    request.condition =
        AppendCondition{query(), Position(head - below(std::min(head, std::uint64_t{8}) + 1))};
  for (std::uint64_t i = below(3); i > 0; --i) request.claims.push_back(claim());
  if (below(4) == 0) {
    request.idempotency = Idempotency{};
    request.idempotency->key = digest_of(below(kIdempotencyKeys));
    request.idempotency->request = digest_of(below(2));
    request.idempotency->outcome = std::to_string(below(1000));
  }
  return request;
}

}  // namespace factum::test
