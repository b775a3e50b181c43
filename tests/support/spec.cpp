#include "tests/support/spec.hpp"

#include "core/crm/catalog.hpp"

#include <doctest/doctest.h>

#include <atomic>

namespace factum::test {
namespace {

constexpr std::uint64_t kFirstId = 2'000'000;
constexpr Timestamp kNow{1'700'000'000 * kMicrosPerSecond};

class CountingIds final : public IdSource {
 public:
  Uuid next() override { return test_id(kFirstId + ++count_); }

 private:
  std::atomic<std::uint64_t> count_ = 0;
};

std::string_view name_of(Claim::Action action) {
  switch (action) {
    case Claim::Action::take: return "take";
    case Claim::Action::move: return "move";
    case Claim::Action::release: return "release";
  }
  return "unknown";
}

std::string lines_of(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += part + "\n";
  return text;
}

}  // namespace

std::string show(const EventBox& event) {
  JsonWriter writer(JsonStyle::answer);
  event.describe(writer);
  return std::string(event.type().name) + " " + writer.take();
}

void Outcome::fail_with(const Error& error) {
  FAIL("refused: " << error.rule << " " << error.message);
}

void Outcome::require_success() const {
  if (!decision_) fail_with(decision_.error());
}

void Outcome::check_events(const std::vector<std::string>& expected) const {
  require_success();
  std::vector<std::string> decided;
  for (const DecidedEvent& event : decision_->events) decided.push_back(show(event.event));
  CHECK(lines_of(decided) == lines_of(expected));
}

void Outcome::then_refused(const Rule& rule) const {
  REQUIRE_FALSE(decision_);
  CHECK(decision_.error().code == ErrorCode::rule_violation);
  CHECK(decision_.error().rule == rule.name);
  CHECK(decision_.error().message == rule.message);
}

void Outcome::then_fails(ErrorCode code) const {
  REQUIRE_FALSE(decision_);
  CHECK(to_string(decision_.error().code) == to_string(code));
}

const Outcome& Outcome::breaking(const std::vector<Rule>& rules) const {
  REQUIRE(decision_);
  std::vector<std::string> expected;
  for (const Rule& rule : rules) expected.emplace_back(rule.name);
  CHECK(lines_of(decision_->broken_rules) == lines_of(expected));
  return *this;
}

const Outcome& Outcome::claiming(const std::vector<std::string>& claims) const {
  REQUIRE(decision_);
  std::vector<std::string> decided;
  for (const ClaimIntent& claim : decision_->claims)
    decided.push_back(std::string(name_of(claim.action)) + " " + claim.space + " " + claim.value);
  CHECK(lines_of(decided) == lines_of(claims));
  return *this;
}

Spec::Spec() : codec_(crm::event_catalog(), sealer_), ids_(std::make_unique<CountingIds>()) {
  context_ = {kNow, kNow, false, false, false, std::nullopt, "user:test", ids_.get()};
}

Spec& Spec::given_claim(std::string space, std::string value, std::string holder) {
  claims_[{std::move(space), std::move(value)}] = std::move(holder);
  return *this;
}

Spec& Spec::importing() {
  context_.import = true;
  return *this;
}

Spec& Spec::given_erased(const Uuid& subject) {
  sealer_.erase(subject);
  return *this;
}

Result<std::optional<std::string>> Spec::holder(std::string_view space, std::string_view value) {
  const auto found = claims_.find({std::string(space), std::string(value)});
  return found == claims_.end() ? std::nullopt : std::optional(found->second);
}

Status Spec::replay(const QueryItem& item, bool open_slots, const OnEvent& on_event) {
  const Query query{{item}};
  for (const RecordedEvent& recorded : events_) {
    if (!query.matches(recorded.record)) continue;
    FACTUM_TRY(const DecodedEvent decoded, codec_.decode(recorded, open_slots));
    on_event(decoded);
  }
  return {};
}

Status Spec::record(const EventBox& event, std::optional<Timestamp> occurred_at) {
  const auto position = events_.size() + 1;
  EventOrigin origin;
  origin.event_id = ids_->next();
  origin.actor = context_.actor;
  origin.source = context_.import ? Source::import : Source::api;
  origin.occurred_at = occurred_at;
  FACTUM_TRY(NewEvent encoded, codec_.encode(event, std::move(origin)));
  RecordedEvent recorded{Position(position), context_.now, {}, std::move(encoded.record), {}};
  for (std::string& ciphertext : encoded.ciphertexts)
    recorded.ciphertexts.emplace_back(std::move(ciphertext));
  events_.push_back(std::move(recorded));
  return {};
}

void Spec::record_given(const EventBox& event) {
  if (auto recorded = record(event, context_.occurred_at); !recorded)
    FAIL(recorded.error().message << ": " << show(event));
}

Outcome Spec::decide(const AnyCommand& command) {
  Position version;
  auto decision = command.decide(*this, context_, version);
  return {std::move(decision), version};
}

Status Spec::take_over(const Decision& decision) {
  for (const DecidedEvent& decided : decision.events)
    FACTUM_CHECK(record(decided.event, decided.occurred_at));
  for (const ClaimIntent& claim : decision.claims) {
    const auto key = std::pair(claim.space, claim.value);
    if (claim.action != Claim::Action::release)
      claims_[key] = claim.holder;
    else if (const auto held = claims_.find(key);
             held != claims_.end() && held->second == claim.holder)
      claims_.erase(held);
  }
  return {};
}

}  // namespace factum::test
